// The depthwise body, compiled once per ISA level. Include after one vec_*.h, DepthwiseOps (what a channel is and how
// one is multiplied), and what becomes of a tile's sums: start_of, finish_tile (conv/finish.inl).
#pragma once

#include <utility>

#include "kernels/conv/tile.inl"

namespace saker {
namespace {

// Chains of multiply-adds side by side: more than their latency (4 cycles, 2 a cycle), and few tiles to set up.
constexpr int kDepthwisePixels = Vec::kRegisters == 32 ? 14 : 10;
constexpr int kGroupLanes = 4 * Vec::kWidth;  // channels that go through the activation together

using DepthwiseTaps = Taps<kDepthwisePixels>;
using Channel = DepthwiseOps::Channel;
constexpr std::int64_t kChannelsPerFloat = sizeof(float) / sizeof(Channel);

inline Vec load_channels(const Channel* from, int n) {
  return n == Vec::kWidth ? DepthwiseOps::load(from) : DepthwiseOps::load_n(from, n);
}

// One vector of channels of P pixels; n < width: the last, partial vector.
template <int P>
inline void depthwise_inside(const DepthwiseTaps& taps, std::int64_t c, int n, const float* weights,
                             std::int64_t padded, const float* bias, float* results) {
  constexpr int kPointers = (P + 2) / 3;  // as in conv.inl
  Vec acc[P];
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) acc[p] = Vec::load(bias + c);
  for (std::int64_t t = 0; t < taps.count; ++t) {
    const Vec w = Vec::load(weights + t * padded + c);
    const Channel* a[kPointers];
    const auto* base = reinterpret_cast<const Channel*>(taps.base + taps.offset[t]) + c;
    const std::int64_t step = taps.step * kChannelsPerFloat;
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; ++i) a[i] = base + 3 * i * step;
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p)
      acc[p] = DepthwiseOps::multiply_add(load_channels(a[p / 3] + (p % 3) * step, n), w, acc[p]);
  }
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) acc[p].store(results + p * kGroupLanes);
}

// Pixels at the border one by one, over the taps that are there.
inline void depthwise_border(const DepthwiseTaps& taps, int pixels, std::int64_t c, int n, const float* weights,
                             std::int64_t padded, const float* bias, float* results) {
  for (int p = 0; p < pixels; ++p, results += kGroupLanes) {
    Vec acc = Vec::load(bias + c);
    for (std::int64_t t = 0; t < taps.count; ++t) {
      const auto* from = reinterpret_cast<const Channel*>(taps.pointer[t * kDepthwisePixels + p]) + c;
      acc = DepthwiseOps::multiply_add(load_channels(from, n), Vec::load(weights + t * padded + c), acc);
    }
    acc.store(results);
  }
}

using DepthwiseFn = void (*)(const DepthwiseTaps& taps, int pixels, std::int64_t first, std::int64_t last,
                             const float* weights, std::int64_t padded, const float* bias, float* results);

// Channels [first, last) of a tile, P pixels of it; 0: at the border.
template <int P>
void depthwise_group(const DepthwiseTaps& taps, [[maybe_unused]] int pixels, std::int64_t first, std::int64_t last,
                     const float* weights, std::int64_t padded, const float* bias, float* results) {
  for (std::int64_t c = first; c < last; c += Vec::kWidth, results += Vec::kWidth) {
    const auto vector = [&](int n) {
      if constexpr (P == 0) {
        depthwise_border(taps, pixels, c, n, weights, padded, bias, results);
      } else {
        depthwise_inside<P>(taps, c, n, weights, padded, bias, results);
      }
    };
    if (last - c < Vec::kWidth) {
      vector(static_cast<int>(last - c));
    } else {
      vector(Vec::kWidth);
    }
  }
}

template <int... P>
constexpr DepthwiseFn depthwise_function(int pixels, std::integer_sequence<int, P...>) {
  constexpr DepthwiseFn kFunctions[] = {depthwise_group<P>...};
  return kFunctions[pixels];
}

template <typename Args>
void run_depthwise(const Args& args, std::int64_t n, std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = args.shape.out_c;
  const std::int64_t padded = (channels + Vec::kWidth - 1) / Vec::kWidth * Vec::kWidth;
  for_each_tile<kDepthwisePixels>(
      args, n, begin, end, false, true, [&](const DepthwiseTaps& taps, const Tile& tile, bool inside) {
        alignas(64) float results[kDepthwisePixels * kGroupLanes];
        const float* weights = args.weights + taps.first / args.shape.in_c * padded;
        const auto run =
            depthwise_function(inside ? tile.count : 0, std::make_integer_sequence<int, kDepthwisePixels + 1>());
        for (std::int64_t c = 0; c < channels; c += kGroupLanes) {
          const std::int64_t last = channels - c < kGroupLanes ? channels : c + kGroupLanes;
          run(taps, tile.count, c, last, weights, padded, start_of(args, taps.rows), results);
          finish_tile(args, n, tile, c, results, kGroupLanes, static_cast<int>(last - c));
        }
      });
}

}  // namespace
}  // namespace saker
