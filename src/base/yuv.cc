// Facts: ITU-R BT.601-7, BT.709-6; the ranges of samples as ITU-T H.273, 8.3, has them.
#include "base/yuv.h"

#include <algorithm>
#include <cmath>

namespace saker {
namespace {

constexpr int kFractionBits = 13;  // of samples of 8 bits

template <int kBytes>
int sample(const std::uint8_t* at, int low_bits) {
  if constexpr (kBytes == 1) return *at;
  return ((at[0] | at[1] << 8) >> low_bits) & 1023;
}

std::uint8_t clamped(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

template <int kBytes>
void convert(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb) {
  const YuvMatrix& m = planes.matrix;
  const std::uint8_t* luma = planes.data[0] + row * planes.stride[0];
  const std::uint8_t* blue = planes.data[1] + row / 2 * planes.stride[1];
  const std::uint8_t* red = planes.data[2] + row / 2 * planes.stride[2];
  for (int x = first; x < last; ++x, rgb += 3) {
    const std::ptrdiff_t chroma = std::ptrdiff_t{x / 2} * planes.chroma_step * kBytes;
    const int y = m.luma * sample<kBytes>(luma + std::ptrdiff_t{x} * kBytes, planes.low_bits);
    const int u = sample<kBytes>(blue + chroma, planes.low_bits), v = sample<kBytes>(red + chroma, planes.low_bits);
    rgb[0] = clamped((y + m.red_v * v + m.offset[0]) >> m.shift);
    rgb[1] = clamped((y + m.green_u * u + m.green_v * v + m.offset[1]) >> m.shift);
    rgb[2] = clamped((y + m.blue_u * u + m.offset[2]) >> m.shift);
  }
}

}  // namespace

// With y and c from 0 to 1 and from -1/2 to 1/2: red = y + 2 (1 - Kr) cr, blue = y + 2 (1 - Kb) cb, and green is what
// luma = Kr red + Kg green + Kb blue leaves.
YuvMatrix yuv_matrix(bool bt709, bool full_range, int bits) {
  const LumaWeights k = luma_weights(bt709);
  const int grey = 1 << (bits - 1), unit = 1 << (bits - 8);
  const int black = full_range ? 0 : 16 * unit;
  const double luma_range = full_range ? 2 * grey - 1 : 219 * unit,
               chroma_range = full_range ? 2 * grey - 1 : 224 * unit;
  YuvMatrix matrix;
  matrix.shift = kFractionBits + bits - 8;
  const double one = 255.0 * (1 << matrix.shift);
  const auto fixed = [](double value) { return static_cast<std::int16_t>(std::lrint(value)); };
  const double red = 2 * (1 - k.red) * one / chroma_range, blue = 2 * (1 - k.blue) * one / chroma_range;
  matrix.luma = fixed(one / luma_range);
  matrix.red_v = fixed(red);
  matrix.green_u = fixed(-blue * k.blue / k.green());
  matrix.green_v = fixed(-red * k.red / k.green());
  matrix.blue_u = fixed(blue);
  const int rest = (1 << (matrix.shift - 1)) - matrix.luma * black;
  matrix.offset = {rest - matrix.red_v * grey, rest - (matrix.green_u + matrix.green_v) * grey,
                   rest - matrix.blue_u * grey};
  return matrix;
}

YuvPlanes yuv_planes(const PlanarView& picture) {
  const bool pairs = picture.layout == PlanarLayout::kNv12 || picture.layout == PlanarLayout::kP010;
  const bool wide = picture.layout == PlanarLayout::kI010 || picture.layout == PlanarLayout::kP010;
  YuvPlanes planes;
  planes.width = picture.width;
  planes.height = picture.height;
  planes.data = picture.data;
  planes.stride = picture.stride_bytes;
  planes.sample_bytes = wide ? 2 : 1;
  planes.low_bits = picture.layout == PlanarLayout::kP010 ? 6 : 0;
  planes.chroma_step = pairs ? 2 : 1;
  if (pairs) {
    planes.data[2] = picture.data[1] + planes.sample_bytes;
    planes.stride[2] = picture.stride_bytes[1];
  }
  planes.matrix = yuv_matrix(picture.bt709, picture.full_range, wide ? 10 : 8);
  return planes;
}

void yuv_to_rgb(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb) {
  if (planes.sample_bytes == 1) {
    convert<1>(planes, row, first, last, rgb);
  } else {
    convert<2>(planes, row, first, last, rgb);
  }
}

}  // namespace saker
