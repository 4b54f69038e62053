// Pixels of luma and two differences of colour (Y'CbCr) to red, green and blue, in integers: the same values wherever
// pictures in planes are read.
#pragma once

#include <saker/planar.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace saker {

// The weights of red and blue in luma: ITU-R BT.601-7, 2.5.1, and BT.709-6, table 3, item 3.2.
struct LumaWeights {
  double red, blue;
  constexpr double green() const { return 1 - red - blue; }
};
constexpr LumaWeights luma_weights(bool bt709) {
  return bt709 ? LumaWeights{0.2126, 0.0722} : LumaWeights{0.299, 0.114};
}

// With a sample's bits at the top of 16, so that pictures of 8 and 10 bits are one:
//   y = sample / 2 - black, u and v = sample - 2^15, each product (a * k + 2^14) >> 15 (pmulhrsw)
//   red   = (y * luma + v * red_v + 32) >> 6
//   green = (y * luma + (u * green_u + v * green_v) + 32) >> 6
//   blue  = (y * luma + u * blue_u + 32) >> 6, each clamped to 0..255
// In steps of 1/64, luma gives -19 to 278, a difference of colour -270 to 270: what does not fit 16 bits is above 255.
struct YuvMatrix {
  std::int16_t black = 0, luma = 0, red_v = 0, green_u = 0, green_v = 0, blue_u = 0;
};
YuvMatrix yuv_matrix(bool bt709, bool full_range, int bits);

// Where the samples of a picture are. With its bits at the top of 16, a sample is byte << 8, or (two bytes << raise) &
// 0xFFC0.
struct YuvPlanes {
  int width = 0, height = 0;                  // pixels
  std::array<const std::uint8_t*, 3> data{};  // the first samples of luma, blue and red difference
  std::array<std::ptrdiff_t, 3> stride{};     // bytes
  int sample_bytes = 1;                       // or 2, little-endian
  int raise = 0;
  int chroma_step = 1;  // samples from one to the next of its kind: 2 in pairs
  YuvMatrix matrix;
};
YuvPlanes yuv_planes(const PlanarView& picture);

// Pixels first..last-1 of a row, `first` even, each with the chroma of its block of 2x2: red, green, blue, red, ...
void yuv_to_rgb(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb);

}  // namespace saker
