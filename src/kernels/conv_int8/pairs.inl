// The convolution of pairs.h, compiled once per ISA level. Include after one vec_*.h, the bytes_*.h for it, and the
// multiply_add of two products in 16 bits.
#pragma once

#include "kernels/conv/tile.inl"
#include "kernels/conv_int8/pairs.h"
// (over Tile)
#include "kernels/conv_int8/finish.inl"

namespace saker {
namespace {

// Where the P pixels of a tile are; lanes behind the last one repeat it.
template <int P>
struct TilePixels {
  TilePixels(const Taps<P>& taps, const Tile& tile, bool is_inside) : inside(is_inside) {
    for (int p = 0; p < P; ++p) {
      lane[p] = p < tile.count ? p : tile.count - 1;
      base[p] = inside ? taps.base + lane[p] * taps.step : nullptr;
    }
  }
  bool inside;
  int lane[P];
  const float* base[P];
};

// Adds a vector's entries of rows [first, last) of the kernel to a tile's sums, `step` apart.
template <int P>
__attribute__((noinline)) void add_rests(const ConvInt8PairsArgs& args, const Taps<P>& taps,
                                         const TilePixels<P>& pixels, const std::int32_t* rows, float* sums,
                                         std::int64_t step) {
  const ConvShape& s = args.shape;
  Vec acc[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) acc[p] = Vec::load(sums + p * step);
  for (std::int64_t r = taps.rows.first; r < taps.rows.last; ++r) {
    for (std::int32_t e = rows[r]; e < rows[r + 1]; ++e) {
      const auto [column, quad] = args.rests.at[e];
      const std::int64_t moved = r * s.dilation_h * args.src_at.y_step + column * s.dilation_w * args.src_at.x_step;
      const std::int64_t offset = pixels.inside ? moved + quad : quad;
      const float* const* from =
          pixels.inside ? pixels.base : taps.pointer + ((r - taps.rows.first) * s.kernel_w + column) * P;
      const Vec weights = Vec::load(args.rests.weights + e * Vec::kWidth);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) acc[p] = multiply_add(Vec::broadcast(from[pixels.lane[p]][offset]), weights, acc[p]);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) acc[p].store(sums + p * step);
}

template <int P, int V>
inline void complete_sums(const ConvInt8PairsArgs& args, const Taps<P>& taps, const Tile& tile, bool inside,
                          std::int64_t first_vector, float* sums) {
  if (args.rests.rows == nullptr) return;
  const TilePixels<P> pixels(taps, tile, inside);
  for (int v = 0; v < V; ++v) {
    const std::int32_t* rows = args.rests.rows + (first_vector + v) * (args.shape.kernel_h + 1);
    if (rows[taps.rows.first] == rows[taps.rows.last]) continue;
    add_rests<P>(args, taps, pixels, rows, sums + v * Vec::kWidth, V * Vec::kWidth);
  }
}

}  // namespace
}  // namespace saker

// (over multiply_add, complete_sums and finish_tile)
#include "kernels/conv/conv.inl"
