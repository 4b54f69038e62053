// The depthwise body, compiled once per ISA level. Include after one vec_*.h.
#pragma once

#include "kernels/simd/math.inl"
// (tile.inl uses the activations)
#include "kernels/conv/tile.inl"
#include "kernels/depthwise/depthwise.h"

namespace saker {
namespace {

constexpr int kDepthwisePixels = 6;
constexpr int kGroupLanes = 4 * Vec::kWidth;  // channels that go through the activation together

// One vector of channels of P pixels; input(t, p) is where tap t of pixel p is. n < width: the last, partial vector.
template <int P, typename Input>
inline void depthwise_vector(std::int64_t count, Input&& input, const float* weights, std::int64_t padded, Vec bias,
                             int n, float* results) {
  Vec acc[P];
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) acc[p] = bias;
  for (std::int64_t t = 0; t < count; ++t) {
    const Vec w = Vec::load(weights + t * padded);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const float* from = input(t, p);
      acc[p] = fma(n == Vec::kWidth ? Vec::load(from) : Vec::load_n(from, n), w, acc[p]);
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < P; ++p) acc[p].store(results + p * kGroupLanes);
}

// Channels [first, last) of a tile.
template <int P, typename Input>
inline void depthwise_group(std::int64_t first, std::int64_t last, std::int64_t count, Input&& input,
                            const float* weights, std::int64_t padded, const float* bias, float* results) {
  for (std::int64_t c = first; c < last; c += Vec::kWidth, results += Vec::kWidth) {
    const int left = last - c < Vec::kWidth ? static_cast<int>(last - c) : Vec::kWidth;
    const auto from = [&](std::int64_t t, int p) { return input(t, p) + c; };
    if (left == Vec::kWidth) {
      depthwise_vector<P>(count, from, weights + c, padded, Vec::load(bias + c), Vec::kWidth, results);
    } else {
      depthwise_vector<P>(count, from, weights + c, padded, Vec::load(bias + c), left, results);
    }
  }
}

using DepthwiseTaps = Taps<kDepthwisePixels>;
using DepthwiseFn = void (*)(const DepthwiseTaps& taps, std::int64_t first, std::int64_t last, const float* weights,
                             std::int64_t padded, const float* bias, float* results);

template <int P>
void depthwise_inside(const DepthwiseTaps& taps, std::int64_t first, std::int64_t last, const float* weights,
                      std::int64_t padded, const float* bias, float* results) {
  const auto input = [&](std::int64_t t, int p) { return taps.base + taps.offset[t] + p * taps.step; };
  depthwise_group<P>(first, last, taps.count, input, weights, padded, bias, results);
}

void depthwise_border(const DepthwiseTaps& taps, std::int64_t first, std::int64_t last, const float* weights,
                      std::int64_t padded, const float* bias, float* results) {
  const auto input = [&](std::int64_t t, int p) { return taps.pointer[t * kDepthwisePixels + p]; };
  depthwise_group<kDepthwisePixels>(first, last, taps.count, input, weights, padded, bias, results);
}

constexpr DepthwiseFn kDepthwiseInside[kDepthwisePixels] = {depthwise_inside<1>, depthwise_inside<2>,
                                                            depthwise_inside<3>, depthwise_inside<4>,
                                                            depthwise_inside<5>, depthwise_inside<6>};

void run_depthwise(const ConvArgs& args, std::int64_t n, std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = args.shape.out_c;
  const std::int64_t padded = (channels + Vec::kWidth - 1) / Vec::kWidth * Vec::kWidth;
  for_each_tile<kDepthwisePixels>(
      args, n, begin, end, false, [&](const DepthwiseTaps& taps, const Tile& tile, bool inside) {
        alignas(64) float results[kDepthwisePixels * kGroupLanes];
        const float* weights = args.weights + taps.first / channels * padded;
        const DepthwiseFn run = inside ? kDepthwiseInside[tile.count - 1] : depthwise_border;
        for (std::int64_t c = 0; c < channels; c += kGroupLanes) {
          const std::int64_t last = channels - c < kGroupLanes ? channels : c + kGroupLanes;
          run(taps, c, last, weights, padded, args.bias, results);
          store_tile(args, n, tile, c, results, kGroupLanes, static_cast<int>(last - c));
        }
      });
}

}  // namespace
}  // namespace saker
