#include "serve/loadtest/client.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <utility>

namespace saker::serve {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint64_t kMaxAnswer = 256 << 20;
constexpr std::uint32_t kMaxHead = 64 << 10;

}  // namespace

const char* client_error_name(ClientError error) {
  constexpr std::array<const char*, kClientErrors> kNames = {"none", "connect", "closed", "timeout", "malformed"};
  return kNames[static_cast<std::size_t>(error)];
}

void HttpClient::send(const PreparedRequest& request, Clock::time_point deadline, Done done) {
  request_ = &request;
  deadline_ = deadline;
  done_ = std::move(done);
  head_only_ = request.head.starts_with("HEAD ");
  ++turn_;
  if (socket_.is_open()) {
    write();
    return;
  }
  buffer_.clear();
  socket_.async_connect(server_, [self = shared_from_this(), turn = turn_](error_code error) {
    if (turn != self->turn_) return;
    if (error) {
      self->finish(ClientError::kConnect);
      return;
    }
    error_code ignored;
    self->socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    self->write();
  });
}

void HttpClient::write() {
  const std::array<net::const_buffer, 2> pieces = {net::buffer(request_->head),
                                                   request_->body ? net::buffer(*request_->body) : net::const_buffer()};
  net::async_write(socket_, pieces, [self = shared_from_this(), turn = turn_](error_code error, std::size_t) {
    // A server may answer and close before it has read everything: what it said is still there to read.
    if (turn != self->turn_) return;
    if (error && error != net::error::broken_pipe && error != net::error::connection_reset) {
      self->finish(ClientError::kClosed);
      return;
    }
    self->read();
  });
}

void HttpClient::read() {
  parser_.emplace();
  parser_->body_limit(kMaxAnswer);
  parser_->header_limit(kMaxHead);
  parser_->skip(head_only_);
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this(), turn = turn_](error_code error, std::size_t) {
                     if (turn != self->turn_) return;
                     if (!error) {
                       self->finish(ClientError::kNone);
                     } else if (error.category() == http::make_error_code(http::error::bad_field).category() &&
                                error != http::error::end_of_stream && error != http::error::partial_message) {
                       self->finish(ClientError::kMalformed);
                     } else {
                       self->finish(ClientError::kClosed);
                     }
                   });
}

void HttpClient::finish(ClientError error) {
  ++turn_;
  ClientAnswer answer;
  answer.error = error;
  if (error == ClientError::kNone) {
    answer.status = static_cast<int>(parser_->get().result_int());
    answer.bytes = parser_->get().body().size();
  }
  // With the reader's state an unfinished read would lose the ground under it; then the socket is closed first.
  if (error != ClientError::kNone || !parser_->keep_alive()) close();
  request_ = nullptr;
  std::exchange(done_, nullptr)(answer);
}

void HttpClient::check(Clock::time_point now) {
  if (busy() && now >= deadline_) finish(ClientError::kTimeout);
}

void HttpClient::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace saker::serve
