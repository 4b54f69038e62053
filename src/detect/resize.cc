// Fixed-point bilinear resizing. Facts about the arithmetic: OpenCV, modules/imgproc/src/resize.cpp.
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
int to_weight(float fraction) {
  return static_cast<int>(std::lrint(fraction * kWeightOne));
}

void blend_rows(const std::int16_t* __restrict top, const std::int16_t* __restrict bottom, int top_weight,
                int bottom_weight, std::uint8_t* __restrict out, int count) {
  const auto wt = static_cast<std::int16_t>(top_weight);
  const auto wb = static_cast<std::int16_t>(bottom_weight);
  for (int i = 0; i < count; ++i) {
    const auto a = static_cast<std::int16_t>((top[i] * wt) >> 16);
    const auto b = static_cast<std::int16_t>((bottom[i] * wb) >> 16);
    out[i] = static_cast<std::uint8_t>((a + b + 2) >> 2);
  }
}

}  // namespace

RowResizer::RowResizer(const ImageView& image, int width, int height) : image_(image), width_(width) {
  const auto row_values = static_cast<std::size_t>(width) * 3;
  if (width == image.width && height == image.height) {
    mode_ = Mode::kCopy;
    return;
  }
  out_.resize(row_values);
  if (image.width % 2 == 0 && image.width / 2 == width && image.height % 2 == 0 && image.height / 2 == height) {
    mode_ = Mode::kHalve;
    return;
  }
  mode_ = Mode::kBlend;
  columns_ = column_taps(image.width, width);
  rows_ = row_taps(image.height, height);
  for (auto& row : blended_) row.resize(row_values);
}

// Beyond the first and last pixel the edge pixel gets the whole weight.
std::vector<RowResizer::Tap> RowResizer::column_taps(int source, int target) {
  const double scale = source_scale(source, target);
  std::vector<Tap> taps(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    Position at = source_position(i, scale);
    if (at.index < 0) at = {0, 0};
    if (at.index >= source - 1) at = {source - 1, 0};
    taps[static_cast<std::size_t>(i)] = {at.index * 3, std::min(at.index + 1, source - 1) * 3,
                                         to_weight(1 - at.fraction), to_weight(at.fraction)};
  }
  return taps;
}

// Beyond the first and last row the edge row is taken twice, each with its own weight: not the same
// as once with both, since each product is truncated.
std::vector<RowResizer::Tap> RowResizer::row_taps(int source, int target) {
  const double scale = source_scale(source, target);
  std::vector<Tap> taps(static_cast<std::size_t>(target));
  for (int i = 0; i < target; ++i) {
    const Position at = source_position(i, scale);
    taps[static_cast<std::size_t>(i)] = {std::clamp(at.index, 0, source - 1), std::clamp(at.index + 1, 0, source - 1),
                                         to_weight(1 - at.fraction), to_weight(at.fraction)};
  }
  return taps;
}

void RowResizer::halve(int y) {
  const std::uint8_t* top = source_row(2 * y);
  const std::uint8_t* bottom = source_row(2 * y + 1);
  std::uint8_t* out = out_.data();
  for (int x = 0; x < width_; ++x) {
    for (int c = 0; c < 3; ++c) {
      const std::ptrdiff_t at = std::ptrdiff_t{6} * x + c;
      out[std::ptrdiff_t{3} * x + c] =
          static_cast<std::uint8_t>((top[at] + top[at + 3] + bottom[at] + bottom[at + 3] + 2) >> 2);
    }
  }
}

// Source row `source_y` resized horizontally; the buffer that holds `other_y` is left alone.
const std::int16_t* RowResizer::blended_columns(int source_y, int other_y) {
  for (int i = 0; i < 2; ++i) {
    if (blended_y_[i] == source_y) return blended_[i].data();
  }
  const int slot = blended_y_[0] == other_y ? 1 : 0;
  blended_y_[slot] = source_y;
  const std::uint8_t* __restrict source = source_row(source_y);
  std::int16_t* __restrict out = blended_[slot].data();
  const Tap* taps = columns_.data();
  for (int x = 0; x < width_; ++x) {
    const Tap tap = taps[x];
    const std::uint8_t* l = source + tap.left;
    const std::uint8_t* r = source + tap.right;
    for (int c = 0; c < 3; ++c) {
      out[3 * x + c] = static_cast<std::int16_t>((l[c] * tap.left_weight + r[c] * tap.right_weight) >> 4);
    }
  }
  return blended_[slot].data();
}

const std::uint8_t* RowResizer::row(int y) {
  if (mode_ == Mode::kCopy) return source_row(y);
  if (mode_ == Mode::kHalve) {
    halve(y);
    return out_.data();
  }
  const Tap& tap = rows_[static_cast<std::size_t>(y)];
  const std::int16_t* top = blended_columns(tap.left, tap.right);
  const std::int16_t* bottom = blended_columns(tap.right, tap.left);
  blend_rows(top, bottom, tap.left_weight, tap.right_weight, out_.data(), width_ * 3);
  return out_.data();
}

}  // namespace saker
