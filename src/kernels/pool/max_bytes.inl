// The maximum of bytes, compiled once per ISA level.
#pragma once

#include "kernels/pool/pool.h"
#include "kernels/window.h"

namespace saker {
namespace {

// dst = max(dst, src); the compiler makes vectors of it.
inline void take_higher(std::int64_t channels, const std::uint8_t* src, std::uint8_t* dst) {
  for (std::int64_t c = 0; c < channels; ++c) dst[c] = src[c] > dst[c] ? src[c] : dst[c];
}

void run_max_bytes(const PoolArgs& args, const std::uint8_t* src, std::uint8_t* dst, std::int64_t n,
                   std::int64_t first_row, std::int64_t last_row) {
  const ConvShape& s = args.shape;
  for (std::int64_t y = first_row; y < last_row; ++y) {
    const std::int64_t top = y * s.stride_h - s.pad_top;
    const Range rows = inside_taps(top, s.kernel_h, s.dilation_h, s.in_h);
    for (std::int64_t x = 0; x < s.out_w; ++x) {
      const std::int64_t left = x * s.stride_w - s.pad_left;
      const Range columns = inside_taps(left, s.kernel_w, s.dilation_w, s.in_w);
      const std::uint8_t* first = src + n * args.src_at.n_step + top * args.src_at.y_step + left * args.src_at.x_step;
      std::uint8_t* to = dst + n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step;
      __builtin_memset(to, 0, static_cast<std::size_t>(s.out_c));
      for (std::int64_t r = rows.first; r < rows.last; ++r) {
        for (std::int64_t q = columns.first; q < columns.last; ++q)
          take_higher(s.out_c, first + r * s.dilation_h * args.src_at.y_step + q * s.dilation_w * args.src_at.x_step,
                      to);
      }
    }
  }
}

}  // namespace
}  // namespace saker
