// Bilinear resizing of 8-bit pictures into float planes, or into bytes for 8-bit networks, bit for bit as OpenCV's
// cv::resize(INTER_LINEAR). A picture in planes of luma and chroma gives what it would as RGB (base/yuv.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/yuv.h"
#include "kernels/kernel_name.h"

namespace saker {

// Weights have 11 fractional bits: the two of a column or row add up to 2048.
// A result column blends the source pixel at byte `left` of a row with the next one, which is not read where its
// weight is 0.
struct LetterboxColumn {
  std::int32_t left = 0;
  std::int16_t left_weight = 0, right_weight = 0;
};

struct LetterboxRow {
  std::int32_t top = 0, bottom = 0;  // source rows
  std::int16_t top_weight = 0, bottom_weight = 0;
};

constexpr std::int64_t kMostColumnStep = 3;

// What a table says without being looked at: fma(pixel, high, pixel * low) is its float for every pixel.
struct LetterboxScale {
  float high = 0, low = 0;
};

// What becomes of a resized pixel: floats in three planes, or its bytes next to each other and a zero (a quad).
enum class LetterboxTo : std::uint8_t {
  kPlanes,
  kQuads,         // of the bytes that quad_table has
  kSameQuads,     // which are the pixel's
  kReversedQuads  // which are the pixel's, the last first
};

// value = ((h(top) * top_weight >> 16) + (h(bottom) * bottom_weight >> 16) + 2) >> 2
// h     = (left * left_weight + right * right_weight) >> 4
// Weights of 2048 and 0 give the pixel as it is; four of 1024 give OpenCV's rounded mean of 2x2 pixels.
struct LetterboxArgs {
  const YuvPlanes* planes = nullptr;         // the picture, or:
  const std::uint8_t* src = nullptr;         // 3 bytes a pixel
  std::ptrdiff_t src_stride = 0;             // bytes from row to row, may be negative
  std::int64_t src_bytes = 0;                // of a row, 3 * its pixels: nothing behind them is read
  std::int64_t width = 0;                    // of the result
  const LetterboxColumn* columns = nullptr;  // `left` ascends
  // So many pixels from each to the next, 1 to kMostColumnStep, all with the weights of the first, multiples of 32:
  // pictures of a whole multiple of the width. 0: they are not so.
  std::int64_t column_step = 0;
  const LetterboxRow* rows = nullptr;
  LetterboxTo to = LetterboxTo::kPlanes;
  const float* table[3] = {};               // for each byte of a pixel what its 256 values become
  bool scaled = false;                      // all three tables are
  LetterboxScale scale[3] = {};             // these
  float* dst[3] = {};                       // for each byte of a pixel the plane it goes to
  const std::uint32_t* quad_table[3] = {};  // what its 256 values add to a quad; all are set whatever the kind of quads
  std::uint32_t* quads = nullptr;
  std::int64_t dst_stride = 0;  // floats, or quads
};

// Two source rows, resized horizontally, four values a pixel; and a source row of planes in RGB, with four bytes for
// vectors that are wider than what is left.
constexpr std::int64_t letterbox_scratch(std::int64_t width, std::int64_t planes_width = 0) {
  return 8 * width + (planes_width > 0 ? (3 * planes_width + 4 + 1) / 2 : 0);
}

struct LetterboxKernel {
  KernelName name;
  // Result rows first_row..last_row-1; dst is where the first of them goes.
  void (*run)(const LetterboxArgs& args, std::int64_t first_row, std::int64_t last_row, std::int16_t* scratch);
};

extern const LetterboxKernel kLetterboxBaseline, kLetterboxAvx2, kLetterboxAvx512;

void letterbox_reference(const LetterboxArgs& args, std::int64_t first_row, std::int64_t last_row);

}  // namespace saker
