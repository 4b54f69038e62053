#include "serve/loadtest/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace saker::serve {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

}  // namespace

std::string Url::authority() const {
  return host.find(':') != std::string::npos ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<Url> parse_url(std::string_view text) {
  const auto wrong = [&](const char* why) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {}; write http://HOST:PORT", printable_name(text), why)};
  };
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://")) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{}: the load test speaks no TLS: give it the http address, on the server's own machine",
                             printable_name(text))};
  }
  if (!text.starts_with(kScheme)) return wrong("is no http address");
  text.remove_prefix(kScheme.size());
  if (std::ranges::any_of(text, [](char c) { return c <= 0x20 || c == 0x7f; })) return wrong("has a space in it");
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string_view authority = text.substr(0, end);
  Url url;
  url.target = text.substr(end, text.find('#') - end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return wrong("has a user's name in it");
  std::size_t colon = authority.rfind(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return wrong("lacks a ]");
    url.host = authority.substr(1, bracket - 1);
    colon = bracket + 1 < authority.size() && authority[bracket + 1] == ':' ? bracket + 1 : std::string_view::npos;
  } else {
    url.host = authority.substr(0, colon);
  }
  if (url.host.empty()) return wrong("names no host");
  if (colon != std::string_view::npos) {
    const auto port = parse_whole(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return wrong("has no port between 1 and 65535");
    url.port = static_cast<std::uint16_t>(*port);
  }
  return url;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded.push_back(c);
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace saker::serve
