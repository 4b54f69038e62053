// One connection to an HTTP server, kept alive, for programs that send many requests and look at the answers' status.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace saker::serve {

// Bytes that are ready to be sent, as often as one likes.
struct PreparedRequest {
  std::string head;  // to the empty line
  std::shared_ptr<const std::string> body;
};

enum class ClientError : std::uint8_t {
  kNone,
  kConnect,    // nobody listens, or there are no more ports or descriptors
  kClosed,     // the connection ended before the answer was whole
  kTimeout,    // no answer in time
  kMalformed,  // no HTTP, or an answer of more than 256 MiB
};
constexpr std::size_t kClientErrors = 5;
const char* client_error_name(ClientError error);

struct ClientAnswer {
  ClientError error = ClientError::kNone;
  int status = 0;
  std::size_t bytes = 0;  // of the body
};

// All on the thread that runs the context. One request at a time.
class HttpClient : public std::enable_shared_from_this<HttpClient> {
 public:
  using Clock = std::chrono::steady_clock;
  using Done = std::function<void(const ClientAnswer&)>;

  HttpClient(boost::asio::io_context& context, const boost::asio::ip::tcp::endpoint& server)
      : server_(server), socket_(context) {}

  // Connects first if it is not connected. `request` must stay until `done` is called, which is never before send()
  // returns.
  void send(const PreparedRequest& request, Clock::time_point deadline, Done done);
  // Ends the request whose deadline is over. Somebody must call it now and then.
  void check(Clock::time_point now);
  bool busy() const { return done_ != nullptr; }
  void close();

 private:
  void write();
  void read();
  void finish(ClientError error);

  const boost::asio::ip::tcp::endpoint server_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::response_parser<boost::beast::http::string_body>> parser_;
  const PreparedRequest* request_ = nullptr;
  Clock::time_point deadline_;
  std::uint64_t turn_ = 0;  // of callbacks, so that those of a request that was given up do nothing
  bool head_only_ = false;
  Done done_;
};

}  // namespace saker::serve
