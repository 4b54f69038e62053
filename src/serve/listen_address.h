// Where a server listens, in one text.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::serve {

struct ListenAddress {
  std::string host;  // "127.0.0.1", "::1", "localhost"
  std::uint16_t port = 0;
};

// "ADDRESS:PORT"; IPv6 in brackets, as in "[::1]:8081". Error kInvalid.
Result<ListenAddress> parse_listen_address(std::string_view text);

// Whether only this machine reaches it.
bool is_local(std::string_view host);

}  // namespace saker::serve
