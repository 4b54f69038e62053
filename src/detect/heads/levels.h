// The levels that detectors predict on, and their cells at one size of the input.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "detect/heads/grid.h"

namespace saker {

using Strides = std::vector<int>;

// P3-P5, P3-P6, P2-P5, and the P4-P5 of the tiny ones.
inline const std::array<Strides, 4>& known_strides() {
  static const std::array<Strides, 4> kStrides = {Strides{8, 16, 32}, Strides{8, 16, 32, 64}, Strides{4, 8, 16, 32},
                                                  Strides{16, 32}};
  return kStrides;
}

struct Levels {
  int height = 0, width = 0;  // of the input

  std::int64_t rows(int stride) const { return cells_along(height, stride); }
  std::int64_t columns(int stride) const { return cells_along(width, stride); }
  std::int64_t cells(int stride) const { return rows(stride) * columns(stride); }
  std::int64_t cells(const Strides& strides) const {
    std::int64_t total = 0;
    for (const int stride : strides) total += cells(stride);
    return total;
  }
  // The levels that together have so many cells; empty: none known.
  Strides strides_of(std::int64_t count) const {
    for (const Strides& strides : known_strides()) {
      if (cells(strides) == count) return strides;
    }
    return {};
  }
  // Of one box each, or of three.
  bool are_cells(std::int64_t boxes) const {
    return !strides_of(boxes).empty() || (boxes % 3 == 0 && !strides_of(boxes / 3).empty());
  }
};

}  // namespace saker
