// multipart/form-data (RFC 7578) in memory: its parts as views of the body.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/refusal.h"

namespace saker::serve {

struct FormPart {
  std::string name;
  std::string filename;  // empty: none, or an empty one
  bool has_filename = false;
  std::string content_type;  // as it came; empty: none
  std::string_view body;     // of the request's
};

constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostPartHeader = 8 << 10;  // bytes, of one part

// Whether the Content-Type says that the body is a form of parts.
bool is_multipart(std::string_view content_type);

// Refusals, kBadRequest: no boundary, or one that breaks the rules, parts that do not follow from it, have no name or
// no end; kTooLarge: more parts or longer headers than above.
Outcome<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace saker::serve
