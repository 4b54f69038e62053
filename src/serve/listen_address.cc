#include "serve/listen_address.h"

#include <fmt/format.h>

#include "base/text.h"

namespace saker::serve {

Result<ListenAddress> parse_listen_address(std::string_view text) {
  constexpr std::int64_t kMostPort = 65'535;
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  const std::int64_t port = colon == std::string_view::npos ? -1 : parse_whole(text.substr(colon + 1)).value_or(-1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool one_colon = bracketed || host.find(':') == std::string_view::npos;
  if (port < 0 || port > kMostPort || host.empty() || !one_colon) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("`{}` is no ADDRESS:PORT, such as 127.0.0.1:8081 or [::]:8081", printable_name(text))};
  }
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(port)};
}

bool is_local(std::string_view host) {
  return host == "127.0.0.1" || host == "::1" || host == "localhost";
}

}  // namespace saker::serve
