// What a connection reads from and writes to: a socket, in the clear or with TLS on it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>
#include <span>

namespace saker::serve {

namespace net = boost::asio;
using boost::system::error_code;

// Pieces of memory that somebody else keeps: copied as two pointers.
struct Pieces {
  using value_type = net::const_buffer;
  using const_iterator = const net::const_buffer*;
  std::span<const net::const_buffer> all;
  const_iterator begin() const { return all.data(); }
  const_iterator end() const { return all.data() + all.size(); }
};

// At most one read and one write at a time, and all calls on the thread of the socket's executor, where `done` is
// called, too, never before these functions return.
class Wire {
 public:
  using Done = std::function<void(error_code, std::size_t)>;

  virtual ~Wire() = default;
  virtual void handshake(Done done) = 0;
  virtual void read_some(std::span<char> room, Done done) = 0;
  virtual void write(Pieces pieces, Done done) = 0;  // all of it
  virtual void end_writing(Done done) = 0;           // tells the other side that nothing more will come
  virtual net::ip::tcp::socket& socket() = 0;
};

std::unique_ptr<Wire> make_plain_wire(net::ip::tcp::socket socket);

}  // namespace saker::serve
