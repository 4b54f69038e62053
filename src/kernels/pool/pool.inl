// The pooling body, compiled once per ISA level. Include after one vec_*.h. Stored: the type of the numbers in memory.
#pragma once

#include "kernels/pool/pool.h"
#include "kernels/simd/stored.inl"
#include "kernels/window.h"

namespace saker {
namespace {

template <bool kAverage, typename Stored>
inline void pool_pixel(const PoolArgs& args, const Stored* first, Range rows, Range columns, float scale, Stored* dst) {
  const ConvShape& s = args.shape;
  const std::int64_t y_step = s.dilation_h * args.src_at.y_step;
  const std::int64_t x_step = s.dilation_w * args.src_at.x_step;
  for (std::int64_t c = 0; c < s.out_c; c += Vec::kWidth) {
    const std::int64_t left = s.out_c - c;
    const int n = left < Vec::kWidth ? static_cast<int>(left) : Vec::kWidth;
    Vec acc = Vec::broadcast(kAverage ? 0.0F : -__builtin_inff());
    for (std::int64_t r = rows.first; r < rows.last; ++r) {
      for (std::int64_t q = columns.first; q < columns.last; ++q) {
        const Stored* from = first + r * y_step + q * x_step + c;
        const Vec x = n == Vec::kWidth ? load_stored(from) : load_stored_n(from, n);
        acc = kAverage ? acc + x : max(acc, x);
      }
    }
    if (kAverage) acc = acc * Vec::broadcast(scale);
    if (n == Vec::kWidth) {
      store_stored(acc, dst + c);
    } else {
      store_stored_n(acc, dst + c, n);
    }
  }
}

// Windows of k x k, k > 2, as k x 1 and 1 x k: the maxima of the columns of one output row, a vector of channels at a
// time, then of rows of those. YOLOX-Nano's pools of 5, 9 and 13: 0.05 ms instead of 0.21 (Emerald Rapids).
constexpr std::int64_t kMaxColumns = 512;

inline bool is_separable(const PoolArgs& args) {
  const ConvShape& s = args.shape;
  return !args.average && s.kernel_h * s.kernel_w > 4 && s.in_w <= kMaxColumns;
}

template <bool kPartial, typename Stored>
inline void max_row(const PoolArgs& args, const Stored* src, Range rows, std::int64_t lanes, Stored* dst) {
  const ConvShape& s = args.shape;
  const auto load = [&](const Stored* p) {
    return kPartial ? load_stored_n(p, static_cast<int>(lanes)) : load_stored(p);
  };
  alignas(64) float columns[kMaxColumns * Vec::kWidth];
  const Vec lowest = Vec::broadcast(-__builtin_inff());
  const std::int64_t y_step = s.dilation_h * args.src_at.y_step;
  for (std::int64_t x = 0; x < s.in_w; ++x) {
    Vec top = lowest;
    for (std::int64_t r = rows.first; r < rows.last; ++r)
      top = max(top, load(src + r * y_step + x * args.src_at.x_step));
    top.store(columns + x * Vec::kWidth);
  }
  for (std::int64_t x = 0; x < s.out_w; ++x, dst += args.dst_at.x_step) {
    const std::int64_t left = x * s.stride_w - s.pad_left;
    const Range inside = inside_taps(left, s.kernel_w, s.dilation_w, s.in_w);
    Vec top = lowest;
    for (std::int64_t q = inside.first; q < inside.last; ++q)
      top = max(top, Vec::load(columns + (left + q * s.dilation_w) * Vec::kWidth));
    if (kPartial) {
      store_stored_n(top, dst, static_cast<int>(lanes));
    } else {
      store_stored(top, dst);
    }
  }
}

template <typename Stored>
void run_max_separably(const PoolArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row) {
  const ConvShape& s = args.shape;
  for (std::int64_t y = first_row; y < last_row; ++y) {
    const std::int64_t top = y * s.stride_h - s.pad_top;
    const Range rows = inside_taps(top, s.kernel_h, s.dilation_h, s.in_h);
    const Stored* src = reinterpret_cast<const Stored*>(args.src) + n * args.src_at.n_step + top * args.src_at.y_step;
    Stored* dst = reinterpret_cast<Stored*>(args.dst) + n * args.dst_at.n_step + y * args.dst_at.y_step;
    for (std::int64_t c = 0; c < s.out_c; c += Vec::kWidth) {
      if (s.out_c - c >= Vec::kWidth) {
        max_row<false>(args, src + c, rows, Vec::kWidth, dst + c);
      } else {
        max_row<true>(args, src + c, rows, s.out_c - c, dst + c);
      }
    }
  }
}

template <typename Stored>
void run_pool(const PoolArgs& args, std::int64_t n, std::int64_t first_row, std::int64_t last_row) {
  const ConvShape& s = args.shape;
  if (is_separable(args)) return run_max_separably<Stored>(args, n, first_row, last_row);
  const auto* src = reinterpret_cast<const Stored*>(args.src);
  auto* results = reinterpret_cast<Stored*>(args.dst);
  for (std::int64_t y = first_row; y < last_row; ++y) {
    const std::int64_t top = y * s.stride_h - s.pad_top;
    const Range rows = inside_taps(top, s.kernel_h, s.dilation_h, s.in_h);
    const Range padded_rows =
        inside_taps(top + s.pad_top, s.kernel_h, s.dilation_h, s.in_h + s.pad_top + args.pad_bottom);
    for (std::int64_t x = 0; x < s.out_w; ++x) {
      const std::int64_t left = x * s.stride_w - s.pad_left;
      const Range columns = inside_taps(left, s.kernel_w, s.dilation_w, s.in_w);
      const Stored* first = src + n * args.src_at.n_step + top * args.src_at.y_step + left * args.src_at.x_step;
      Stored* dst = results + n * args.dst_at.n_step + y * args.dst_at.y_step + x * args.dst_at.x_step;
      if (!args.average) {
        pool_pixel<false>(args, first, rows, columns, 1, dst);
        continue;
      }
      const Range padded_columns =
          inside_taps(left + s.pad_left, s.kernel_w, s.dilation_w, s.in_w + s.pad_left + args.pad_right);
      std::int64_t count = (rows.last - rows.first) * (columns.last - columns.first);
      if (args.count_include_pad)
        count = (padded_rows.last - padded_rows.first) * (padded_columns.last - padded_columns.first);
      pool_pixel<true>(args, first, rows, columns, 1.0F / static_cast<float>(count > 0 ? count : 1), dst);
    }
  }
}

}  // namespace
}  // namespace saker
