// The socket of the ZeroMQ server and its thread: messages in, to whoever detects, answers out. Knows no models.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "serve/refusal.h"
#include "serve/served_model.h"
#include "serve/zmq/frigate_protocol.h"
#include "serve/zmq/zmq_server.h"

namespace saker::serve {

struct ZmqDetector {
  using Done = std::function<void(Outcome<std::vector<Detection>>)>;

  // Whether pictures of a client that named this model would be answered. Called on the loop's thread.
  std::function<bool(const std::string& model)> ready;
  // `model`: as the client named it, or empty. Must not block; `done` is called once, from any thread.
  std::function<void(const std::string& model, frigate::Picture picture, Done done)> detect;
};

struct ZmqLoopOptions {
  // A client that is told that there is no model never asks again, so it waits so long for one that is being loaded.
  // Frigate waits 30 s.
  std::chrono::milliseconds patience{25'000};
  std::size_t max_message = 64 << 20;  // bytes of a frame; the connection of a client that sends more is closed
};

// As ZmqServer::start.
Result<std::unique_ptr<ZmqServer>> start_zmq_loop(const std::string& endpoint, ZmqDetector detector,
                                                  MetricRegistry& metrics, const ZmqLoopOptions& options = {});

}  // namespace saker::serve
