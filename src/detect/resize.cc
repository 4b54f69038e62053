// Positions and weights of bilinear resizing, for the letterbox kernels.
#include "detect/resize.h"

#include <algorithm>

#include "base/bilinear.h"

namespace saker {

// Beyond the first and last pixel the edge pixel gets the whole weight.
std::vector<LetterboxColumn> resize_columns(int source, int target) {
  const double scale = bilinear_scale(source, target);
  std::vector<LetterboxColumn> columns(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    BilinearPosition at = bilinear_position(i, scale);
    if (at.index < 0) at = {0, 0};
    if (at.index >= source - 1) at = {source - 1, 0};
    columns[static_cast<std::size_t>(i)] = {at.index * 3, bilinear_weight(1 - at.fraction),
                                            bilinear_weight(at.fraction)};
  }
  return columns;
}

// Beyond the first and last row the edge row is taken twice, each with its own weight: not the same
// as once with both, since each product is truncated.
std::vector<LetterboxRow> resize_rows(int source, int target) {
  const double scale = bilinear_scale(source, target);
  std::vector<LetterboxRow> rows(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    const BilinearPosition at = bilinear_position(i, scale);
    rows[static_cast<std::size_t>(i)] = {std::clamp(at.index, 0, source - 1), std::clamp(at.index + 1, 0, source - 1),
                                         bilinear_weight(1 - at.fraction), bilinear_weight(at.fraction)};
  }
  return rows;
}

}  // namespace saker
