#include "serve/http/wire.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace saker::serve {
namespace {

using net::ip::tcp;

class PlainWire final : public Wire {
 public:
  explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}

  void handshake(Done done) override { soon(std::move(done), {}); }

  void read_some(std::span<char> room, Done done) override {
    socket_.async_read_some(net::mutable_buffer(room.data(), room.size()), std::move(done));
  }

  void write(Pieces pieces, Done done) override { net::async_write(socket_, pieces, std::move(done)); }

  void end_writing(Done done) override {
    error_code error;
    socket_.shutdown(tcp::socket::shutdown_send, error);
    soon(std::move(done), error);
  }

  tcp::socket& socket() override { return socket_; }

 private:
  void soon(Done done, error_code error) {
    net::post(socket_.get_executor(), [done = std::move(done), error] { done(error, 0); });
  }

  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Wire> make_plain_wire(tcp::socket socket) {
  return std::make_unique<PlainWire>(std::move(socket));
}

}  // namespace saker::serve
