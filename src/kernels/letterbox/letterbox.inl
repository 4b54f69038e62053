// The letterbox body, compiled once per ISA level. Include after whole_columns, whole_pixels and whole_yuv, which do
// the part that fits the level's vectors and return how much that was.
#pragma once

#include "kernels/letterbox/letterbox.h"

namespace saker {
namespace {

// Four values a pixel, the last of them 0, so that a pixel is one 64-bit element and later one of 32 bits.
inline void blend_columns(const LetterboxArgs& args, const std::uint8_t* src, std::int16_t* out) {
  for (std::int64_t x = whole_columns(args, src, out); x < args.width; ++x) {
    const LetterboxColumn column = args.columns[x];
    const std::uint8_t* left = src + column.left;
    const std::uint8_t* right = column.right_weight != 0 ? left + 3 : left;
    for (int c = 0; c < 3; ++c) {
      out[4 * x + c] = static_cast<std::int16_t>((left[c] * column.left_weight + right[c] * column.right_weight) >> 4);
    }
    out[4 * x + 3] = 0;
  }
}

inline void blend_rows(const LetterboxArgs& args, const LetterboxRow& row, const std::int16_t* top,
                       const std::int16_t* bottom, std::int64_t dst_offset) {
  for (std::int64_t x = whole_pixels(args, row, top, bottom, dst_offset); x < args.width; ++x) {
    std::uint32_t quad = 0;
    for (int c = 0; c < 3; ++c) {
      const int upper = (top[4 * x + c] * row.top_weight) >> 16;
      const int lower = (bottom[4 * x + c] * row.bottom_weight) >> 16;
      const int value = (upper + lower + 2) >> 2;
      if (args.to == LetterboxTo::kPlanes) {
        args.dst[c][dst_offset + x] = args.table[c][value];
      } else {
        quad += args.quad_table[c][value];
      }
    }
    if (args.to != LetterboxTo::kPlanes) args.quads[dst_offset + x] = quad;
  }
}

// A row in RGB; `rgb` holds it where it has to be made.
inline const std::uint8_t* source_pixels(const LetterboxArgs& args, std::int32_t row, std::uint8_t* rgb) {
  if (args.planes == nullptr) return args.src + row * args.src_stride;
  const int first = whole_yuv(*args.planes, row, rgb);
  yuv_to_rgb(*args.planes, row, first, args.planes->width, rgb + std::ptrdiff_t{3} * first);
  return rgb;
}

void run_letterbox(const LetterboxArgs& args, std::int64_t first_row, std::int64_t last_row, std::int16_t* scratch) {
  std::int16_t* buffers[2] = {scratch, scratch + 4 * args.width};
  auto* const rgb = reinterpret_cast<std::uint8_t*>(scratch + 8 * args.width);
  std::int32_t held[2] = {-1, -1};  // which source rows those are
  const auto resized = [&](std::int32_t source_row, std::int32_t other) {
    for (int i = 0; i < 2; ++i) {
      if (held[i] == source_row) return buffers[i];
    }
    const int i = held[0] == other ? 1 : 0;
    held[i] = source_row;
    blend_columns(args, source_pixels(args, source_row, rgb), buffers[i]);
    return buffers[i];
  };
  for (std::int64_t y = first_row; y < last_row; ++y) {
    const LetterboxRow& row = args.rows[y];
    const std::int16_t* top = resized(row.top, row.bottom);
    const std::int16_t* bottom = row.bottom_weight != 0 ? resized(row.bottom, row.top) : top;
    blend_rows(args, row, top, bottom, (y - first_row) * args.dst_stride);
  }
}

}  // namespace
}  // namespace saker
