// For tests: a client that sends exactly the bytes it is told to, and reads answers.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/text.h"

namespace saker::serve {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // by names in small letters
  std::string body;
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port, double patience_s = 30) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience = {static_cast<time_t>(patience_s), 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_ = Descriptor(); }
  // The other side sees a reset instead of an orderly end.
  void reset() {
    const linger at_once = {1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

  // One whole answer; nothing: the connection ended, or was silent for too long, before it was whole.
  std::optional<RawResponse> response(bool to_head = false) {
    auto response = head();
    while (response && response->status == 100) response = head();
    if (!response || to_head || response->status == 204 || response->status == 304) return response;
    if (const auto length = response->headers.find("content-length"); length != response->headers.end()) {
      const auto size = static_cast<std::size_t>(std::atoll(length->second.c_str()));
      while (read_.size() < size) {
        if (!more()) return std::nullopt;
      }
      response->body = take(size);
      return response;
    }
    if (response->headers.contains("transfer-encoding")) {
      while (true) {
        const auto piece = chunk();
        if (!piece) return std::nullopt;
        if (piece->empty()) return response;
        response->body += *piece;
      }
    }
    while (more()) {
    }
    response->body = take(read_.size());
    return response;
  }

  // Up to the empty line, "100 Continue" as well.
  std::optional<RawResponse> head() {
    std::size_t end = 0;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    const std::string text = take(end + 4);
    RawResponse response;
    if (!text.starts_with("HTTP/1.1 ")) return std::nullopt;
    response.status = std::atoi(text.c_str() + 9);
    for (std::size_t at = text.find("\r\n") + 2; at < text.size() - 2;) {
      const std::size_t line_end = text.find("\r\n", at);
      const std::size_t colon = text.find(": ", at);
      response.headers[lower_case(text.substr(at, colon - at))] = text.substr(colon + 2, line_end - colon - 2);
      at = line_end + 2;
    }
    return response;
  }

  // The next chunk's bytes; none: the last one. Nothing: it was cut off.
  std::optional<std::string> chunk() {
    std::size_t end = 0;
    while ((end = read_.find("\r\n")) == std::string::npos) {
      if (!more()) return std::nullopt;
    }
    const auto size = static_cast<std::size_t>(std::strtoull(take(end + 2).c_str(), nullptr, 16));
    while (read_.size() < size + 2) {
      if (!more()) return std::nullopt;
    }
    std::string piece = take(size);
    take(2);
    return piece;
  }

  // Whether the server has ended the connection, with nothing more to read.
  bool ended() {
    if (!read_.empty()) return false;
    return !more() && last_ == 0;
  }

  // A whole request and its answer.
  std::optional<RawResponse> exchange(std::string_view request, bool to_head = false) {
    send(request);
    return response(to_head);
  }

  int descriptor() const { return socket_.get(); }

 private:
  bool more() {
    char bytes[65536];
    last_ = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    if (last_ <= 0) return false;
    read_.append(bytes, static_cast<std::size_t>(last_));
    return true;
  }
  std::string take(std::size_t size) {
    std::string taken = read_.substr(0, size);
    read_.erase(0, size);
    return taken;
  }

  Descriptor socket_;
  bool connected_ = false;
  ssize_t last_ = 0;
  std::string read_;
};

}  // namespace saker::serve
