#include "serve/http/request_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace saker::serve {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kMaxLines = 128;  // of a head
// A body's room at the beginning, and how many bytes ahead of those that have come are touched.
constexpr std::size_t kFirstRoom = 256 << 10, kAhead = 64 << 10;

// RFC 9110, 5.6.2
bool is_token(char c) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kMarks.find(c) != std::string_view::npos;
}

std::string_view to_std(beast::string_view text) {
  return {text.data(), text.size()};
}

// Whether the first line ends as "GET /x HTTP/2.0" does.
bool names_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t version = line.rfind(" HTTP/");
  return version != std::string_view::npos && std::ranges::count(line.substr(0, version), ' ') == 1;
}

// Beast's words for it: "bad field", "bad chunk extension".
std::string in_words(const beast::error_code& error) {
  return error.message();
}

}  // namespace

std::size_t RequestReader::AppendChunk::operator()(std::uint64_t, beast::string_view piece, beast::error_code&) const {
  body->append(piece.data(), piece.size());
  *received += piece.size();
  return piece.size();
}

std::size_t RequestReader::refuse(int status, std::string message) {
  stage_ = Stage::kRefused;
  refused_ = {status, std::move(message)};
  return 0;
}

std::size_t RequestReader::feed(std::string_view bytes) {
  switch (stage_) {
    case Stage::kHead:
      return feed_head(bytes);
    case Stage::kBody:
      return parser_ ? feed_chunks(bytes) : feed_body(bytes);
    case Stage::kWhole:
    case Stage::kRefused:
      break;
  }
  return 0;
}

std::size_t RequestReader::feed_head(std::string_view bytes) {
  // An empty line before a request is forgiven (RFC 9112, 2.2).
  if (scanned_ == 0 && (bytes.starts_with("\r\n") || bytes == "\r")) return bytes.size() < 2 ? 0 : 2;
  if (scanned_ == 0 && !bytes.empty() && !is_token(bytes[0])) {
    return refuse(400, bytes[0] == '\x16' ? "this port speaks HTTP, and this is TLS: use http:// in place of https://"
                                          : "this is no HTTP request");
  }
  if (!scan_head(bytes.substr(0, max_header_))) {
    if (stage_ == Stage::kHead && bytes.size() >= max_header_)
      return refuse(431, fmt::format("the request's header is larger than {} bytes", max_header_));
    return 0;
  }
  read_head(bytes.substr(0, head_size_));
  return stage_ == Stage::kRefused ? 0 : head_size_;
}

// Whether the head is whole; kRefused, too, where a line is not as it must be. Goes on where it stopped.
bool RequestReader::scan_head(std::string_view bytes) {
  for (; scanned_ < bytes.size(); ++scanned_) {
    const char c = bytes[scanned_];
    const char before = scanned_ > 0 ? bytes[scanned_ - 1] : '\0';
    if (c != '\n') {
      // Alone, CR ends a line for some and not for others; other control characters have no business here.
      const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == '\x7f';
      if (before == '\r' || control) {
        refuse(400, "the request's header has a control character or a carriage return that ends no line");
        return false;
      }
      const bool first_of_line = scanned_ == line_begin_;
      if (first_of_line && (c == ' ' || c == '\t')) {
        refuse(400, "a line of the request's header begins with a space: folded lines are not taken");
        return false;
      }
      continue;
    }
    if (before != '\r') {
      refuse(400, "a line of the request's header ends without a carriage return");
      return false;
    }
    const bool empty = scanned_ == line_begin_ + 1;
    line_begin_ = scanned_ + 1;
    if (empty) {
      head_size_ = line_begin_;
      return true;
    }
    if (++lines_ > kMaxLines) {
      refuse(431, fmt::format("the request's header has more than {} lines", kMaxLines));
      return false;
    }
  }
  return false;
}

void RequestReader::read_head(std::string_view head) {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(max_header_ + 1));
  parser_->body_limit(max_body_);
  beast::error_code error;
  parser_->put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error == http::error::body_limit) {
    refuse(413, fmt::format("the body is larger than {} bytes", max_body_));
    return;
  }
  if (error == http::error::bad_version && names_version(head)) {
    refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    return;
  }
  if (error || !parser_->is_header_done()) {
    refuse(400, fmt::format("the request's header is malformed: {}", in_words(error)));
    return;
  }
  const auto& message = parser_->get();
  request_.method = to_std(message.method_string());
  request_.target = to_std(message.target());
  for (const auto& field : message)
    request_.headers.emplace_back(std::string(to_std(field.name_string())), std::string(to_std(field.value())));
  http11_ = message.version() == 11;
  keep_alive_ = parser_->keep_alive();
  if (!check_target() || !check_framing()) return;
  if (parser_->chunked()) {
    parser_->on_chunk_body(append_);
    stage_ = Stage::kBody;
    return;
  }
  missing_ = parser_->content_length().value_or(0);
  parser_.reset();
  stage_ = missing_ > 0 ? Stage::kBody : Stage::kWhole;
  if (missing_ > 0) request_.body.reserve(std::min<std::size_t>(missing_, kFirstRoom));
}

bool RequestReader::check_target() {
  std::string& target = request_.target;
  // As a proxy is asked (RFC 9112, 3.2.2): the host is no matter of ours.
  if (const std::string lower = lower_case(target.substr(0, 8));
      lower.starts_with("http://") || lower.starts_with("https://")) {
    const std::size_t path = target.find_first_of("/?", target.find("://") + 3);
    target = path == std::string::npos ? "/" : (target[path] == '?' ? "/" : "") + target.substr(path);
  }
  if (!target.starts_with('/') && !(target == "*" && request_.method == "OPTIONS"))
    refuse(400, "the request's target is no path: it begins with no '/'");
  return stage_ != Stage::kRefused;
}

// What two readers could understand differently is refused (RFC 9112, 6.3 and 11.2): where a request ends must be
// beyond doubt.
bool RequestReader::check_framing() {
  std::array<int, 4> count = {};
  enum : std::size_t { kLength, kEncoding, kHost, kExpect };
  const std::string* encoding = nullptr;
  const std::string* expect = nullptr;
  for (const auto& [name, value] : request_.headers) {
    const std::string lower = lower_case(name);
    if (lower == "content-length") {
      ++count[kLength];
      if (value.find_first_not_of("0123456789") != std::string::npos) refuse(400, "Content-Length is no plain number");
    } else if (lower == "transfer-encoding") {
      ++count[kEncoding];
      encoding = &value;
    } else if (lower == "host") {
      ++count[kHost];
    } else if (lower == "expect") {
      ++count[kExpect];
      expect = &value;
    }
  }
  if (stage_ == Stage::kRefused) return false;
  if (count[kLength] > 1) {
    refuse(400, "Content-Length stands there more than once");
  } else if (count[kLength] > 0 && count[kEncoding] > 0) {
    refuse(400, "Content-Length and Transfer-Encoding exclude each other");
  } else if (count[kEncoding] > 1 || (encoding != nullptr && lower_case(*encoding) != "chunked")) {
    refuse(501, "of transfer encodings only one is known here: chunked");
  } else if (encoding != nullptr && !http11_) {
    refuse(400, "HTTP/1.0 has no Transfer-Encoding");
  } else if (count[kHost] > 1 || (http11_ && count[kHost] == 0)) {
    refuse(400, "HTTP/1.1 wants one Host field");
  } else if (expect != nullptr && (count[kExpect] > 1 || lower_case(*expect) != "100-continue")) {
    refuse(417, "of expectations only one is known here: 100-continue");
  }
  expects_continue_ = expect != nullptr && http11_;
  return stage_ != Stage::kRefused;
}

std::size_t RequestReader::feed_body(std::string_view bytes) {
  const std::size_t taken = std::min<std::size_t>(bytes.size(), missing_);
  request_.body.resize(received_);
  request_.body.append(bytes.data(), taken);
  filled(taken);
  return taken;
}

std::span<char> RequestReader::room() {
  if (stage_ != Stage::kBody || parser_) return {};
  const std::size_t wanted = std::min<std::size_t>(missing_, std::max(kAhead, received_ / 4));
  if (request_.body.size() < received_ + wanted) request_.body.resize(received_ + wanted);
  return {request_.body.data() + received_, wanted};
}

void RequestReader::filled(std::size_t bytes) {
  received_ += bytes;
  missing_ -= bytes;
  if (missing_ > 0) return;
  request_.body.resize(received_);
  stage_ = Stage::kWhole;
}

std::size_t RequestReader::feed_chunks(std::string_view bytes) {
  std::size_t taken = 0;
  // So many bytes follow in any case, wherever in a chunk it is: "0\r\n\r\n". With fewer of the last one Beast 1.74
  // ends the program where assertions are on (parse_chunk_header).
  constexpr std::size_t kLeast = 5;
  while (bytes.size() - taken >= kLeast) {
    beast::error_code error;
    const std::size_t n = parser_->put(boost::asio::const_buffer(bytes.data() + taken, bytes.size() - taken), error);
    taken += n;
    if (parser_->is_done()) {
      parser_.reset();
      stage_ = Stage::kWhole;
      break;
    }
    if (error == http::error::need_more || (!error && n == 0)) break;
    if (error == http::error::body_limit)
      return refuse(413, fmt::format("the body is larger than {} bytes", max_body_));
    if (error) return refuse(400, fmt::format("the body's chunks are malformed: {}", in_words(error)));
  }
  if (stage_ == Stage::kBody && taken == 0 && bytes.size() >= max_header_)
    return refuse(431, fmt::format("a chunk's header or the trailer is larger than {} bytes", max_header_));
  return taken;
}

HttpRequest RequestReader::take() {
  HttpRequest request = std::move(request_);
  request_ = {};
  stage_ = Stage::kHead;
  scanned_ = line_begin_ = head_size_ = lines_ = received_ = 0;
  expects_continue_ = false;
  return request;
}

}  // namespace saker::serve
