#include "detect/anchors.h"

#include "base/text.h"

namespace saker {

std::optional<std::vector<std::array<float, 2>>> parse_anchors(std::string_view text) {
  constexpr std::size_t kAnchors = 9;
  std::vector<float> numbers;
  for (const std::string& part : split(text, ',')) {
    const auto number = parse_number(trimmed(part));
    if (!number || !(*number > 0) || *number > 1e6) return std::nullopt;
    numbers.push_back(static_cast<float>(*number));
  }
  if (numbers.size() != 2 * kAnchors) return std::nullopt;
  std::vector<std::array<float, 2>> anchors;
  for (std::size_t i = 0; i < numbers.size(); i += 2) anchors.push_back({numbers[i], numbers[i + 1]});
  return anchors;
}

}  // namespace saker
