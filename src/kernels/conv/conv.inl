// The convolution body, compiled once per ISA level. Include after one vec_*.h.
//
// A tile is P output pixels by V vectors of output channels, all accumulators in registers: per
// input channel V weight loads and P broadcasts feed P*V multiply-adds.
#pragma once

#include "kernels/simd/math.inl"
// (tile.inl uses the activations)
#include "kernels/conv/tile.inl"

namespace saker {
namespace {

// P for each V: accumulators + V weights + 1 broadcast fit the registers.
template <int V>
constexpr int tile_pixels_for() {
  if (Vec::kRegisters == 32) return V == 1 ? 14 : V == 2 ? 12 : V == 3 ? 8 : 6;
  return V == 1 ? 10 : 6;
}
constexpr int kMaxVectors = Vec::kRegisters == 32 ? 4 : 2;

template <int P, int V>
__attribute__((noinline)) void multiply_tile(const Taps<P>& taps, const float* weights, const float* bias,
                                             float* results) {
  constexpr int W = Vec::kWidth;
  Vec acc[P][V];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[p][v] = Vec::load(bias + v * W);
  }
  for (std::int64_t t = 0; t < taps.count; ++t) {
    const float* a[P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) a[p] = taps.base[t * taps.step + p] + taps.offset[t];
    for (std::int64_t k = 0; k < taps.depth; ++k, weights += V * W) {
      Vec b[V];
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) b[v] = Vec::load(weights + v * W);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const Vec x = Vec::broadcast(a[p][k]);
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) acc[p][v] = fma(x, b[v], acc[p][v]);
      }
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[p][v].store(results + (p * V + v) * W);
  }
}

template <int V>
void run_block(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_vector) {
  constexpr int P = tile_pixels_for<V>();
  constexpr int kLanes = V * Vec::kWidth;
  const std::int64_t first_channel = first_vector * Vec::kWidth;
  const float* weights = args.weights + first_channel * args.shape.taps() * args.shape.in_c;
  const std::int64_t left = args.shape.out_c - first_channel;
  const int channels = left < kLanes ? static_cast<int>(left) : kLanes;
  for_each_tile<P>(args, n, begin, end, true, [&](const Taps<P>& taps, const Pixels<P>& pixels) {
    alignas(64) float results[P * kLanes];
    multiply_tile<P, V>(taps, weights, args.bias + first_channel, results);
    store_tile<P>(args, n, pixels, first_channel, results, kLanes, channels);
  });
}

void run_conv(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block) {
  const ConvKernel shape_only{nullptr, Vec::kWidth, kMaxVectors, {}, nullptr};
  const ConvBlocks blocks(shape_only, args.shape.out_c);
  for (std::int64_t b = first_block; b < last_block; ++b) {
    const std::int64_t first = blocks.first_vector(b);
    switch (blocks.first_vector(b + 1) - first) {
      case 1:
        run_block<1>(args, n, begin, end, first);
        break;
      case 2:
        run_block<2>(args, n, begin, end, first);
        break;
      case 3:
        if constexpr (kMaxVectors > 2) run_block<3>(args, n, begin, end, first);
        break;
      case 4:
        if constexpr (kMaxVectors > 2) run_block<4>(args, n, begin, end, first);
        break;
      default:
        break;
    }
  }
}

}  // namespace
}  // namespace saker
