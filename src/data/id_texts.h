// Ids that may be texts, as numbers: "7" is 7, other texts count upwards from the smallest number.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace saker {

class IdTexts {
 public:
  std::int64_t number_of(const std::string& text) {
    const auto whole = parse_whole(text);
    if (whole && std::to_string(*whole) == text) return *whole;
    const auto [known, added] = numbers_.try_emplace(text, kFirst + static_cast<std::int64_t>(texts_.size()));
    if (added) texts_.push_back(&known->first);
    return known->second;
  }

  bool is_text(std::int64_t id) const { return id < kFirst + static_cast<std::int64_t>(texts_.size()); }

  // As the file has it, for messages.
  std::string shown(std::int64_t id) const {
    if (!is_text(id)) return std::to_string(id);
    return fmt::format("\"{}\"", printable_name(*texts_[static_cast<std::size_t>(id - kFirst)]));
  }

 private:
  static constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  std::unordered_map<std::string, std::int64_t> numbers_;
  std::vector<const std::string*> texts_;  // keys of numbers_, which stay where they are
};

}  // namespace saker
