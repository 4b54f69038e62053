// The Open Inference Protocol over gRPC: a port of its own, beside that of HTTP.
#pragma once

#include <saker/result.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "serve/api/api.h"

namespace saker::serve {

struct GrpcOptions {
  std::string address = "127.0.0.1:8081";               // a port of 0: any that is free
  std::size_t max_message = 64 << 20;                   // bytes of a request; more: RESOURCE_EXHAUSTED
  std::size_t max_messages = 1 << 30;                   // bytes of all that are read or worked on; more: the same
  std::size_t max_header = 16 << 10;                    // bytes of a call's metadata
  std::chrono::milliseconds handshake_timeout{10'000};  // from the connection to its first frames
  std::chrono::milliseconds idle_timeout{75'000};       // of a connection without calls
  std::string certificate, key;                         // PEM files; empty: no TLS
};

class GrpcServer {
 public:
  // Listens when it returns. What the API leads to must outlive it. Errors: kInvalid (no such address), kIo (it is in
  // use; a file that is not there), kUnsupported (gRPC was left out of the build).
  static Result<std::unique_ptr<GrpcServer>> start(const GrpcOptions& options, Api& api);
  virtual ~GrpcServer() = default;  // as stop(0)

  virtual const std::string& address() const = 0;  // with the port that it has
  // Takes no more calls, answers those that were taken, and returns when all are, or after so long; what then still
  // waits is cancelled. Thread-safe, but not for what answers calls.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace saker::serve
