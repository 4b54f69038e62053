// What a request asks for: the target of its first line, taken apart and percent-decoded.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "serve/refusal.h"

namespace saker::serve {

using Query = std::map<std::string, std::string>;

struct Target {
  std::string path;                   // as it came, without scheme and host
  std::vector<std::string> segments;  // what stands between the path's slashes, decoded: "a/b" in one stays one
  Query query;
};

// "/v1/detect?conf=0.5", or "http://host/..." as proxies get it, or "*". Refusals (kBadRequest): escapes that are none,
// control characters, a name in the query twice, too many names.
Outcome<Target> parse_target(std::string_view text);

// "a=1&b=two+words", as a query has it and forms send it.
Outcome<Query> parse_query(std::string_view text);

}  // namespace saker::serve
