// Frigate's ZeroMQ detector protocol: tensors of pixels come in, twenty rows of numbers go back. How to set Frigate up:
// docs/how-to/frigate.md.
#pragma once

#include <saker/result.h>

#include <memory>
#include <string>

#include "serve/metrics.h"
#include "serve/repository.h"

namespace saker::serve {

class ZmqServer {
 public:
  // `endpoint`: "tcp://127.0.0.1:5555", "tcp://*:5555", "ipc:///tmp/cache/zmq_detector". Answers on a thread of its own
  // when it returns. The repository and the metrics must outlive it. Errors: kInvalid (no such endpoint), kIo (it is in
  // use, or its folder is not there), kUnsupported (ZeroMQ was left out of the build).
  static Result<std::unique_ptr<ZmqServer>> start(const std::string& endpoint, Repository& repository,
                                                  MetricRegistry& metrics);
  virtual ~ZmqServer() = default;  // what is not answered by then never is

  virtual const std::string& endpoint() const = 0;  // as bound: a port of * is a number here
};

}  // namespace saker::serve
