// HTTP/1.1 over TCP, in the clear or with TLS: reads requests within limits and hands them to a Handler.
#pragma once

#include <saker/result.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "serve/exchange.h"
#include "serve/metrics.h"

namespace saker::serve {

struct HttpOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;                         // 0: any that is free
  int threads = 1;                                   // that read and write
  std::size_t max_body = 64 << 20;                   // bytes; more: 413
  std::size_t max_bodies = 1 << 30;                  // bytes of all bodies that are read or worked on; more: 503
  std::size_t max_header = 16 << 10;                 // bytes; more: 431
  int max_connections = 1024;                        // more: 503 and closed
  int max_connections_per_peer = 0;                  // 0: no limit of its own
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte, or the connection, to the end of the header
  std::chrono::milliseconds body_timeout{60'000};    // of a whole body
  std::chrono::milliseconds idle_timeout{75'000};    // between requests of a connection
  std::chrono::milliseconds write_timeout{30'000};   // of one answer, or one piece of it
  std::string certificate, key;                      // PEM files; empty: no TLS
};

class HttpServer {
 public:
  // Listens when it returns. Errors: kIo (address in use, no such address, certificate), kUnsupported (TLS left out of
  // the build).
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options, Handler handler,
                                                   MetricRegistry* metrics);
  virtual ~HttpServer() = default;  // as stop(0)

  virtual std::uint16_t port() const = 0;
  virtual int connections() const = 0;
  // Reads certificate and key again, for the connections that come from now on. An error leaves the old ones; without
  // TLS nothing happens. Thread-safe.
  virtual Status reload_certificate() = 0;
  // Takes no more connections; answers the requests that were read or are on their way, each as the last of its
  // connection, and ends answers that come piece by piece. Returns when all are closed, or after so long. Thread-safe,
  // but not for handlers.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace saker::serve
