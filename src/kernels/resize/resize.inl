// The resize body, compiled once per ISA level. Include after one vec_*.h.
#pragma once

#include <cstring>

#include "kernels/resize/resize.h"

namespace saker {
namespace {

inline void copy_pixel(std::int64_t channels, const float* src, float* dst) {
  std::int64_t c = 0;
  for (; c + Vec::kWidth <= channels; c += Vec::kWidth) Vec::load(src + c).store(dst + c);
  if (c < channels)
    Vec::load_n(src + c, static_cast<int>(channels - c)).store_n(dst + c, static_cast<int>(channels - c));
}

inline void blend_pixel(std::int64_t channels, const float* const corner[4], Vec wy, Vec wx, float* dst) {
  const Vec vy = Vec::broadcast(1) - wy;
  const Vec vx = Vec::broadcast(1) - wx;
  for (std::int64_t c = 0; c < channels; c += Vec::kWidth) {
    const int n = channels - c < Vec::kWidth ? static_cast<int>(channels - c) : Vec::kWidth;
    const auto load = [&](int i) {
      return n == Vec::kWidth ? Vec::load(corner[i] + c) : Vec::load_n(corner[i] + c, n);
    };
    const Vec top = fma(wx, load(1), vx * load(0));
    const Vec bottom = fma(wx, load(3), vx * load(2));
    const Vec value = fma(wy, bottom, vy * top);
    if (n == Vec::kWidth) {
      value.store(dst + c);
    } else {
      value.store_n(dst + c, n);
    }
  }
}

void run_resize(const ResizeArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row) {
  const float* src = args.src + n * args.src_at.n_step;
  for (std::int64_t y = first_row; y < last_row; ++y) {
    float* dst = args.dst + n * args.dst_at.n_step + y * args.dst_at.y_step;
    const float* low = src + args.rows.low[y] * args.src_at.y_step;
    if (args.rows.high == nullptr) {
      for (std::int64_t x = 0; x < args.out_w; ++x)
        copy_pixel(args.channels, low + args.columns.low[x] * args.src_at.x_step, dst + x * args.dst_at.x_step);
      continue;
    }
    const float* high = src + args.rows.high[y] * args.src_at.y_step;
    for (std::int64_t x = 0; x < args.out_w; ++x) {
      const std::int64_t left = args.columns.low[x] * args.src_at.x_step;
      const std::int64_t right = args.columns.high[x] * args.src_at.x_step;
      const float* const corner[4] = {low + left, low + right, high + left, high + right};
      blend_pixel(args.channels, corner, Vec::broadcast(args.rows.weight[y]), Vec::broadcast(args.columns.weight[x]),
                  dst + x * args.dst_at.x_step);
    }
  }
}

}  // namespace
}  // namespace saker
