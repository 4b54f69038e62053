// Which route a request takes.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "serve/api/route.h"

namespace saker::serve {

std::span<const Route> routes();

struct Match {
  std::size_t route = 0;  // among routes()
  std::map<std::string, std::string> path;
};

struct Matched {
  std::optional<Match> match;
  std::string allow;  // the methods that the path has, "GET, HEAD, OPTIONS"; empty: there is no such path
};

// HEAD takes the route of GET. One slash at the end changes nothing: the protocol's own text writes "v2[/]".
Matched match_route(const Target& target, std::string_view method);

}  // namespace saker::serve
