// Facts about the arithmetic: OpenCV, modules/imgproc/src/resize.cpp.
#include "kernels/letterbox/letterbox.h"

namespace saker {
namespace {

int byte_of(const LetterboxArgs& args, std::int32_t row, std::int32_t at) {
  if (args.planes == nullptr) return args.src[row * args.src_stride + at];
  const int x = at / 3, even = x & ~1;
  std::uint8_t rgb[6];
  yuv_to_rgb(*args.planes, row, even, x + 1, rgb);
  return rgb[at - 3 * even];
}

}  // namespace

void letterbox_reference(const LetterboxArgs& args, std::int64_t first_row, std::int64_t last_row) {
  for (std::int64_t y = first_row; y < last_row; ++y) {
    const LetterboxRow& row = args.rows[y];
    for (std::int64_t x = 0; x < args.width; ++x) {
      const LetterboxColumn& column = args.columns[x];
      const std::int64_t at = (y - first_row) * args.dst_stride + x;
      if (args.to != LetterboxTo::kPlanes) args.quads[at] = 0;
      for (int c = 0; c < 3; ++c) {
        const auto across = [&](std::int32_t source_row) {
          const int left = byte_of(args, source_row, column.left + c);
          const int right = column.right_weight != 0 ? byte_of(args, source_row, column.left + 3 + c) : 0;
          return (left * column.left_weight + right * column.right_weight) >> 4;
        };
        const int top = (across(row.top) * row.top_weight) >> 16;
        const int bottom = (across(row.bottom) * row.bottom_weight) >> 16;
        const int value = (top + bottom + 2) >> 2;
        if (args.to == LetterboxTo::kPlanes) {
          args.dst[c][at] = args.table[c][value];
        } else {
          args.quads[at] += args.quad_table[c][value];
        }
      }
    }
  }
}

}  // namespace saker
