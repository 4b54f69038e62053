// Anchors as people write them.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace saker {

// "10,13,16,30,...": widths and heights of nine anchors in pixels of the input; nothing if it is not nine positive
// pairs.
std::optional<std::vector<std::array<float, 2>>> parse_anchors(std::string_view text);

}  // namespace saker
