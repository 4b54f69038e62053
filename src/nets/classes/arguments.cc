#include <fmt/format.h>

#include "base/text.h"
#include "nets/classes/classes.h"

namespace saker::nets {

bool Arguments::has(std::size_t at) const {
  return at < list_.size() && list_[at] != Argument{"None"};
}

void Arguments::refuse(std::string what) {
  if (problem_.empty()) problem_ = std::move(what);
}

std::vector<std::int64_t> Arguments::wholes(std::size_t at, std::vector<std::int64_t> fallback) {
  if (!has(at)) return fallback;
  std::vector<std::int64_t> numbers;
  for (const std::string& word : list_[at]) {
    const std::optional<std::int64_t> number = parse_whole(word);
    if (number && *number >= 0 && *number <= kMaxChannels) {
      numbers.push_back(*number);
      continue;
    }
    refuse(fmt::format("its argument {} is '{}', which is no whole number up to {}", at + 1, printable_name(word),
                       kMaxChannels));
    return fallback;
  }
  return numbers;
}

std::int64_t Arguments::whole(std::size_t at, std::int64_t fallback, std::int64_t low, std::int64_t high) {
  const std::vector<std::int64_t> numbers = wholes(at, {fallback});
  if (numbers.size() == 1 && (!has(at) || (numbers[0] >= low && numbers[0] <= high))) return numbers[0];
  refuse(fmt::format("its argument {} is not one number of {} to {}", at + 1, low, high));
  return fallback;
}

double Arguments::number(std::size_t at, double fallback, double low, double high) {
  if (!has(at)) return fallback;
  const std::optional<double> number = list_[at].size() == 1 ? parse_number(list_[at][0]) : std::nullopt;
  if (number && *number >= low && *number <= high) return *number;
  refuse(fmt::format("its argument {} is not a number of {} to {}", at + 1, low, high));
  return fallback;
}

bool Arguments::flag(std::size_t at, bool fallback) {
  if (!has(at)) return fallback;
  const std::string text = list_[at].size() == 1 ? lower_case(list_[at][0]) : std::string();
  if (text == "true" || text == "false") return text == "true";
  refuse(fmt::format("its argument {} is neither True nor False", at + 1));
  return fallback;
}

std::string Arguments::word(std::size_t at, const std::string& fallback) const {
  return has(at) && list_[at].size() == 1 ? list_[at][0] : fallback;
}

}  // namespace saker::nets
