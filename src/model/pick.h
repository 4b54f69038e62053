// Names of a file's attributes, and what they stand for.
#pragma once

#include <fmt/format.h>
#include <saker/result.h>

#include <string_view>
#include <utility>

#include "base/text.h"

namespace saker {

// The entry of a name table. Error kUnsupported: "WHAT 'TEXT'".
template <typename T, std::size_t N>
Status pick(std::string_view what, std::string_view text, const std::pair<std::string_view, T> (&table)[N], T& out) {
  for (const auto& [name, value] : table) {
    if (text != name) continue;
    out = value;
    return {};
  }
  return Error{ErrorCode::kUnsupported, fmt::format("{} '{}'", what, printable_name(text))};
}

}  // namespace saker
