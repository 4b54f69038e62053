// The depthwise body, compiled once per ISA level. Include after one vec_*.h.
#pragma once

#include "kernels/simd/math.inl"
// (tile.inl uses the activations)
#include "kernels/conv/tile.inl"
#include "kernels/depthwise/depthwise.h"

namespace saker {
namespace {

constexpr int kDepthwisePixels = 6;

// One vector of channels of P pixels; n < width: the last, partial vector.
template <int P, bool kPartial>
inline void depthwise_vector(const Taps<P>& taps, const float* weights, std::int64_t padded, const float* bias,
                             std::int64_t c, int n, float* results) {
  Vec acc[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) acc[p] = Vec::load(bias + c);
  for (std::int64_t t = 0; t < taps.count; ++t) {
    const Vec w = Vec::load(weights + t * padded + c);
    const std::int64_t offset = taps.offset[t] + c;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const float* from = taps.base[t * taps.step + p] + offset;
      acc[p] = fma(kPartial ? Vec::load_n(from, n) : Vec::load(from), w, acc[p]);
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) acc[p].store(results + p * Vec::kWidth);
}

void run_depthwise(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end) {
  constexpr int P = kDepthwisePixels;
  const std::int64_t channels = args.shape.out_c;
  const std::int64_t padded = (channels + Vec::kWidth - 1) / Vec::kWidth * Vec::kWidth;
  for_each_tile<P>(args, n, begin, end, false, [&](const Taps<P>& taps, const Pixels<P>& pixels) {
    alignas(64) float results[P * Vec::kWidth];
    for (std::int64_t c = 0; c < channels; c += Vec::kWidth) {
      const int left = channels - c < Vec::kWidth ? static_cast<int>(channels - c) : Vec::kWidth;
      if (left == Vec::kWidth) {
        depthwise_vector<P, false>(taps, args.weights, padded, args.bias, c, left, results);
      } else {
        depthwise_vector<P, true>(taps, args.weights, padded, args.bias, c, left, results);
      }
      store_tile<P>(args, n, pixels, c, results, Vec::kWidth, left);
    }
  });
}

}  // namespace
}  // namespace saker
