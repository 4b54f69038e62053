// Counting things in English: "4 persons", "1 bus".
#include "base/plural.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace saker {
namespace {

bool is_word(const std::string& noun) {
  return !noun.empty() && noun.back() >= 'a' && noun.back() <= 'z' &&
         std::all_of(noun.begin(), noun.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
}

std::string plural(const std::string& noun) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr std::array kIrregular = {Pair{"mouse", "mice"}, Pair{"knife", "knives"},      Pair{"sheep", "sheep"},
                                     Pair{"skis", "skis"},  Pair{"scissors", "scissors"}, Pair{"fish", "fish"}};
  for (const auto& [one, many] : kIrregular) {
    if (noun == one) return std::string(many);
  }
  for (const std::string_view ending : {"s", "x", "ch", "sh"}) {
    if (noun.ends_with(ending)) return noun + "es";
  }
  const bool consonant_y = noun.size() > 1 && noun.back() == 'y' &&
                           std::string_view("aeiou").find(noun[noun.size() - 2]) == std::string_view::npos;
  return consonant_y ? noun.substr(0, noun.size() - 1) + "ies" : noun + "s";
}

}  // namespace

std::string counted(std::size_t count, const std::string& noun) {
  if (!is_word(noun)) return fmt::format("{} x {}", count, noun);
  return fmt::format("{} {}", count, count == 1 ? noun : plural(noun));
}

}  // namespace saker
