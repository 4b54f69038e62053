// "http://host:port/path" taken apart.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::serve {

struct Url {
  std::string host;  // without the brackets of [::1]
  std::uint16_t port = 80;
  std::string target;  // with the query; "/" at least

  // As it stands in the Host field.
  std::string authority() const;
};

// Error kInvalid; kUnsupported: https.
Result<Url> parse_url(std::string_view text);

// So that it can stand in a query.
std::string percent_encoded(std::string_view text);

}  // namespace saker::serve
