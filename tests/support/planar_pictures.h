// Pictures in planes for tests: random samples that end where readable memory ends, in rows with gaps, with noise in
// the bits that do not count. And what colours they have by the standards.
#pragma once

#include <saker/planar.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "support/guarded.h"

namespace saker {

inline const std::vector<PlanarLayout>& all_planar_layouts() {
  static const std::vector<PlanarLayout> layouts = {PlanarLayout::kI420, PlanarLayout::kNv12, PlanarLayout::kI010,
                                                    PlanarLayout::kP010};
  return layouts;
}

class GuardedPlanes {
 public:
  // `byte` gives the samples; each row has `gap` bytes behind it, but the last.
  template <typename Byte>
  GuardedPlanes(PlanarLayout layout, int width, int height, int gap, Byte&& byte) {
    view_.layout = layout;
    view_.width = width;
    view_.height = height;
    const bool pairs = layout == PlanarLayout::kNv12 || layout == PlanarLayout::kP010;
    const bool wide = layout == PlanarLayout::kI010 || layout == PlanarLayout::kP010;
    for (std::size_t p = 0; p < (pairs ? 2U : 3U); ++p) {
      const std::ptrdiff_t samples = p == 0 ? width : (width + 1) / 2 * (pairs ? 2 : 1);
      const std::ptrdiff_t rows = p == 0 ? height : (height + 1) / 2;
      const std::ptrdiff_t row = samples * (wide ? 2 : 1), stride = row + gap, size = (rows - 1) * stride + row;
      memory_.emplace_back((size + 3) / 4);
      auto* const first = reinterpret_cast<std::uint8_t*>(memory_[p].data() + memory_[p].size()) - size;
      for (std::ptrdiff_t i = 0; i < size; ++i) first[i] = byte();
      view_.data[p] = first;
      view_.stride_bytes[p] = stride;
    }
  }
  PlanarView view(bool bt709, bool full_range) const {
    PlanarView view = view_;
    view.bt709 = bt709;
    view.full_range = full_range;
    return view;
  }

 private:
  std::vector<GuardedFloats> memory_;
  PlanarView view_;
};

struct Ycc {
  int y = 0, u = 0, v = 0;
};

// The samples of a pixel as saker/planar.h describes the layouts.
inline Ycc samples_of(const PlanarView& picture, int x, int y) {
  const bool pairs = picture.layout == PlanarLayout::kNv12 || picture.layout == PlanarLayout::kP010;
  const bool wide = picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010;
  const auto sample = [&](std::size_t plane, int column, int row) {
    const std::uint8_t* line = picture.data[plane] + row * picture.stride_bytes[plane];
    if (!wide) return int{line[column]};
    const int bits = line[2 * column] + 256 * line[2 * column + 1];
    return picture.layout == PlanarLayout::kP010 ? bits / 64 : bits % 1024;
  };
  if (pairs) return {sample(0, x, y), sample(1, x / 2 * 2, y / 2), sample(1, x / 2 * 2 + 1, y / 2)};
  return {sample(0, x, y), sample(1, x / 2, y / 2), sample(2, x / 2, y / 2)};
}

inline int bits_of(const PlanarView& picture) {
  return picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010 ? 10 : 8;
}

// ITU-R BT.601 and BT.709 with the coefficients that they print, ITU-T H.273 for the range: 0 to 255, not rounded.
inline std::array<double, 3> rgb_of(const Ycc& samples, int bits, bool bt709, bool full_range) {
  const double peak = std::pow(2, bits) - 1, unit = std::pow(2, bits - 8);
  const double y = full_range ? samples.y / peak : (samples.y / unit - 16) / 219;
  const double cb = full_range ? (samples.u - std::pow(2, bits - 1)) / peak : (samples.u / unit - 128) / 224;
  const double cr = full_range ? (samples.v - std::pow(2, bits - 1)) / peak : (samples.v / unit - 128) / 224;
  const double red = bt709 ? y + 1.5748 * cr : y + 1.402 * cr;
  const double blue = bt709 ? y + 1.8556 * cb : y + 1.772 * cb;
  const double green = bt709 ? (y - 0.2126 * red - 0.0722 * blue) / 0.7152 : (y - 0.299 * red - 0.114 * blue) / 0.587;
  const auto byte = [](double value) { return std::clamp(value, 0.0, 1.0) * 255; };
  return {byte(red), byte(green), byte(blue)};
}

}  // namespace saker
