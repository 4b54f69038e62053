// Positions and weights of bilinear resizing. Facts: OpenCV, modules/imgproc/src/resize.cpp.
#include "detect/resize.h"

#include <algorithm>
#include <cmath>

namespace saker {
namespace {

constexpr float kWeightOne = 2048;  // 11 fractional bits

struct Position {
  int index = 0;
  float fraction = 0;
};

// The centre of target pixel i in source coordinates, split into a pixel and a fraction.
Position source_position(int i, double scale) {
  const auto centre = static_cast<float>((i + 0.5) * scale - 0.5);
  const float floor = std::floor(centre);
  return {static_cast<int>(floor), centre - floor};
}

double source_scale(int source, int target) {
  return 1.0 / (static_cast<double>(target) / source);
}

// Round half to even.
std::int16_t to_weight(float fraction) {
  return static_cast<std::int16_t>(std::lrint(fraction * kWeightOne));
}

}  // namespace

// Beyond the first and last pixel the edge pixel gets the whole weight.
std::vector<LetterboxColumn> resize_columns(int source, int target) {
  const double scale = source_scale(source, target);
  std::vector<LetterboxColumn> columns(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    Position at = source_position(i, scale);
    if (at.index < 0) at = {0, 0};
    if (at.index >= source - 1) at = {source - 1, 0};
    columns[static_cast<std::size_t>(i)] = {at.index * 3, to_weight(1 - at.fraction), to_weight(at.fraction)};
  }
  return columns;
}

// Beyond the first and last row the edge row is taken twice, each with its own weight: not the same
// as once with both, since each product is truncated.
std::vector<LetterboxRow> resize_rows(int source, int target) {
  const double scale = source_scale(source, target);
  std::vector<LetterboxRow> rows(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    const Position at = source_position(i, scale);
    rows[static_cast<std::size_t>(i)] = {std::clamp(at.index, 0, source - 1), std::clamp(at.index + 1, 0, source - 1),
                                         to_weight(1 - at.fraction), to_weight(at.fraction)};
  }
  return rows;
}

}  // namespace saker
