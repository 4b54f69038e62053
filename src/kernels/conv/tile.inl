// Walks output pixels in tiles of P and hands each tile its input pointers, one per pixel and tap.
// Shared by the convolution and depthwise bodies; include after one vec_*.h, in kernel files only.
#pragma once

#include "kernels/conv/conv.h"

namespace saker {
namespace {

// Taps of a tile. When all P pixels lie inside the picture with all their taps (the common case),
// tap t of pixel p is at base[p] + offset[t] and `step` is 0; otherwise it is at base[t*P + p],
// which may be the row of zeros.
template <int P>
struct Taps {
  static constexpr int kMaxTaps = 128;  // larger kernels (11x11 = 121) go to the reference
  const float* base[kMaxTaps * P];
  std::int64_t offset[kMaxTaps];
  std::int64_t step;
  std::int64_t count;  // taps
  std::int64_t depth;  // consecutive floats per tap
};

// The output pixels of one tile.
template <int P>
struct Pixels {
  std::int64_t y[P], x[P];
  int count;
};

template <int P>
inline Pixels<P> tile_pixels(const ConvShape& s, std::int64_t begin, std::int64_t end) {
  Pixels<P> pixels;
  pixels.count = static_cast<int>(end - begin < P ? end - begin : P);
  std::int64_t y = begin / s.out_w;
  std::int64_t x = begin - y * s.out_w;
  for (int p = 0; p < P; ++p) {
    pixels.y[p] = y;
    pixels.x[p] = x;
    // Lanes behind the last pixel repeat it; their results are not stored.
    if (p + 1 < pixels.count && ++x == s.out_w) {
      x = 0;
      ++y;
    }
  }
  return pixels;
}

// Which tap is where, for tiles inside the picture. Neighbouring pixels without a gap and without
// dilation make a row of taps one run of kernel_w * in_c floats.
template <int P>
inline void set_inside_taps(const ConvArgs& args, bool merge_rows, Taps<P>& taps) {
  const ConvShape& s = args.shape;
  const bool merged = merge_rows && s.dilation_w == 1 && args.src_at.x_step == s.in_c;
  taps.count = merged ? s.kernel_h : s.taps();
  taps.depth = merged ? s.kernel_w * s.in_c : s.in_c;
  taps.step = 0;
  std::int64_t t = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < (merged ? 1 : s.kernel_w); ++q) {
      taps.offset[t++] = r * s.dilation_h * args.src_at.y_step + q * s.dilation_w * args.src_at.x_step;
    }
  }
}

template <int P>
inline bool tile_is_inside(const ConvShape& s, const Pixels<P>& pixels) {
  const std::int64_t reach_y = (s.kernel_h - 1) * s.dilation_h - s.pad_top;
  const std::int64_t reach_x = (s.kernel_w - 1) * s.dilation_w - s.pad_left;
  bool inside = true;
  for (int p = 0; p < P; ++p) {
    const std::int64_t y = pixels.y[p] * s.stride_h;
    const std::int64_t x = pixels.x[p] * s.stride_w;
    inside &= y >= s.pad_top && x >= s.pad_left && y + reach_y < s.in_h && x + reach_x < s.in_w;
  }
  return inside;
}

template <int P>
inline void set_border_taps(const ConvArgs& args, const float* src, const Pixels<P>& pixels, Taps<P>& taps) {
  const ConvShape& s = args.shape;
  taps.count = s.taps();
  taps.depth = s.in_c;
  taps.step = P;
  std::int64_t t = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    for (std::int64_t q = 0; q < s.kernel_w; ++q, ++t) {
      taps.offset[t] = 0;
      for (int p = 0; p < P; ++p) {
        const std::int64_t y = pixels.y[p] * s.stride_h - s.pad_top + r * s.dilation_h;
        const std::int64_t x = pixels.x[p] * s.stride_w - s.pad_left + q * s.dilation_w;
        const bool inside = y >= 0 && y < s.in_h && x >= 0 && x < s.in_w;
        taps.base[t * P + p] = inside ? src + y * args.src_at.y_step + x * args.src_at.x_step : args.zeros;
      }
    }
  }
}

// Calls body(taps, pixels) for each tile of the pixel range.
template <int P, typename Body>
inline void for_each_tile(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end, bool merge_rows,
                          Body&& body) {
  const ConvShape& s = args.shape;
  const float* src = args.src + n * args.src_at.n_step;
  Taps<P> inside;
  set_inside_taps(args, merge_rows, inside);
  Taps<P> border;
  for (std::int64_t first = begin; first < end; first += P) {
    const Pixels<P> pixels = tile_pixels<P>(s, first, end);
    if (tile_is_inside(s, pixels)) {
      for (int p = 0; p < P; ++p) {
        inside.base[p] = src + (pixels.y[p] * s.stride_h - s.pad_top) * args.src_at.y_step +
                         (pixels.x[p] * s.stride_w - s.pad_left) * args.src_at.x_step;
      }
      body(inside, pixels);
    } else {
      set_border_taps(args, src, pixels, border);
      body(border, pixels);
    }
  }
}

// results[p][0..lanes) -> act -> + residual -> dst; `channels` <= lanes are real. `lanes` is a multiple of the width.
template <int P>
void store_tile(const ConvArgs& args, std::int64_t n, const Pixels<P>& pixels, std::int64_t first_channel,
                const float* results, int lanes, int channels) {
  with_activation(args.activation.kind, [&]<ActivationKind kKind>() {
    const Vec alpha = Vec::broadcast(args.activation.alpha);
    const Vec beta = Vec::broadcast(args.activation.beta);
    for (int p = 0; p < pixels.count; ++p) {
      float* dst = args.dst + n * args.dst_at.n_step + pixels.y[p] * args.dst_at.y_step +
                   pixels.x[p] * args.dst_at.x_step + first_channel;
      const float* residual = args.residual == nullptr ? nullptr
                                                       : args.residual + n * args.residual_at.n_step +
                                                             pixels.y[p] * args.residual_at.y_step +
                                                             pixels.x[p] * args.residual_at.x_step + first_channel;
      for (int c = 0; c < channels; c += Vec::kWidth) {
        const int left = channels - c;
        Vec value = activate<kKind>(Vec::load(results + p * lanes + c), alpha, beta);
        if (left >= Vec::kWidth) {
          if (residual != nullptr) value = value + Vec::load(residual + c);
          value.store(dst + c);
        } else {
          if (residual != nullptr) value = value + Vec::load_n(residual + c, left);
          value.store_n(dst + c, left);
        }
      }
    }
  });
}

}  // namespace
}  // namespace saker
