// Bytes of one client to requests, within limits, without sockets: everything that is refused for its form is refused
// here, and with which status.
#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "serve/exchange.h"

namespace saker::serve {

// One request after another: feed() until stage() is kWhole, take(), and so on. A body that grows is never far ahead
// of the bytes that have come.
class RequestReader {
 public:
  enum class Stage : std::uint8_t {
    kHead,     // request line and fields
    kBody,     // take() may not be called yet, but head() has all but the body
    kWhole,    // take()
    kRefused,  // nothing more can be read: refused()
  };
  struct Refused {
    int status = 400;
    std::string message;
  };

  RequestReader(std::size_t max_header, std::size_t max_body) : max_header_(max_header), max_body_(max_body) {}
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  Stage stage() const { return stage_; }
  // `bytes`: all that have come and were not taken. How many it took, from the front; call it again with the rest and
  // what has come since. While it takes none of max_header bytes, there is an end to it: kRefused.
  std::size_t feed(std::string_view bytes);
  // Of a body whose length is known: where its next bytes go (a few, not all of them), to be reported by filled().
  // Empty: feed() takes what comes.
  std::span<char> room();
  void filled(std::size_t bytes);

  const HttpRequest& head() const { return request_; }  // from kBody on
  bool keep_alive() const { return keep_alive_; }
  bool http11() const { return http11_; }
  // The client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  std::size_t received() const { return received_; }  // of the body
  const Refused& refused() const { return refused_; }

  // Frees what there is of a body that nobody will take. Not while something is read into room().
  void drop_body() { std::string().swap(request_.body); }

  // The request; the next one may be fed. id, peer and gone are the caller's to set.
  HttpRequest take();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  struct AppendChunk {
    std::string* body;
    std::size_t* received;
    std::size_t operator()(std::uint64_t remaining, boost::beast::string_view piece,
                           boost::beast::error_code& error) const;
  };

  std::size_t refuse(int status, std::string message);
  std::size_t feed_head(std::string_view bytes);
  bool scan_head(std::string_view bytes);
  void read_head(std::string_view head);
  bool check_framing();
  bool check_target();
  std::size_t feed_body(std::string_view bytes);
  std::size_t feed_chunks(std::string_view bytes);

  const std::size_t max_header_, max_body_;
  Stage stage_ = Stage::kHead;
  std::size_t scanned_ = 0, line_begin_ = 0, head_size_ = 0, lines_ = 0;  // of the head, in what feed() was given
  HttpRequest request_;
  bool keep_alive_ = false, http11_ = false, expects_continue_ = false;
  std::uint64_t missing_ = 0;     // bytes of a body whose length is known
  std::size_t received_ = 0;      // of request_.body, which may have room behind them
  std::optional<Parser> parser_;  // while it reads a chunked body
  AppendChunk append_{&request_.body, &received_};
  Refused refused_;
};

}  // namespace saker::serve
