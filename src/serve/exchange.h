// An HTTP request and its answer, whatever carries them.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::serve {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // as it came: path and query, percent-encoded
  Headers headers;
  std::string body;  // whole
  std::string peer;  // "127.0.0.1:4711"
  std::string id;    // X-Request-Id, or one that was made for it
  // Set when the client has gone, or has finished sending, which looks the same: an answer is tried all the same.
  std::shared_ptr<const std::atomic<bool>> gone;

  // The first of that name, whatever its case; null: none.
  const std::string* header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  Headers headers;  // besides Content-Type, Content-Length, Connection, Server, X-Request-Id
  std::string body;
};

// Where the answer to one request goes. Thread-safe: from any thread, before or after the handler has returned. If it
// is let go without an answer the client gets 500.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void send(HttpResponse response) = 0;  // once
  // An answer that comes piece by piece (chunked), until end() or the client goes.
  virtual void begin(HttpResponse head) = 0;  // its body is the first piece
  // False: the client has gone, or reads so slowly that this piece was left out.
  virtual bool write(std::string piece) = 0;
  // A piece that others get, too (it is not copied), and that a newer one makes worthless: it is left out as well while
  // more than `most_waiting` bytes of earlier ones wait to be written.
  virtual bool offer(const std::shared_ptr<const std::string>& piece, std::size_t /*most_waiting*/) {
    return write(*piece);
  }
  virtual void end() = 0;
};

// Must not block for long: it runs on one of the few threads that read from the network.
using Handler = std::function<void(std::shared_ptr<const HttpRequest>, std::shared_ptr<Responder>)>;

}  // namespace saker::serve
