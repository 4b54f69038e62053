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

// red   = (luma * y + red_v * v + offset[0]) >> shift
// green = (luma * y + green_u * u + green_v * v + offset[1]) >> shift
// blue  = (luma * y + blue_u * u + offset[2]) >> shift, each clamped to 0..255
// Coefficients have 13 fractional bits (15 for samples of 10 bits, whose coefficients are a quarter), the most with
// which the largest, 2.11, fits 16 bits. offset: what black and grey take away, and a half to round.
struct YuvMatrix {
  std::int16_t luma = 0, red_v = 0, green_u = 0, green_v = 0, blue_u = 0;
  std::array<std::int32_t, 3> offset{};
  int shift = 0;
};
YuvMatrix yuv_matrix(bool bt709, bool full_range, int bits);

// Where the samples of a picture are. A sample is its 8 bits, or (the 16 bits >> low_bits) & 1023.
struct YuvPlanes {
  int width = 0, height = 0;                  // pixels
  std::array<const std::uint8_t*, 3> data{};  // the first samples of luma, blue and red difference
  std::array<std::ptrdiff_t, 3> stride{};     // bytes
  int sample_bytes = 1;                       // or 2, little-endian
  int low_bits = 0;                           // that do not count
  int chroma_step = 1;                        // samples from one to the next of its kind: 2 in pairs
  YuvMatrix matrix;
};
YuvPlanes yuv_planes(const PlanarView& picture);

// Pixels first..last-1 of a row, each with the chroma of its block of 2x2: red, green, blue, red, ...
void yuv_to_rgb(const YuvPlanes& planes, int row, int first, int last, std::uint8_t* rgb);

}  // namespace saker
