// The convolution body, compiled once per ISA level. Include after one vec_*.h, a multiply_add, and what becomes of a
// tile's sums: stores_in_place, start_of, finish_tile (finish.inl), and complete_sums where they lack something.
//
// A tile is P output pixels by V vectors of output channels, all accumulators in registers: per
// input value V weight loads and P broadcasts feed P*V multiply-adds. There is a function for every P and V, so that
// rows are cut evenly; measured on an Intel Emerald Rapids core, all but the smallest reach 93-99 % of the peak.
#pragma once

#include <utility>

#include "kernels/conv/tile.inl"

namespace saker {
namespace {

// P for each V: accumulators + V weights + 1 broadcast fit the registers.
constexpr int kMaxVectors = Vec::kRegisters == 32 ? 5 : 2;
constexpr int tile_pixels_for(int vectors) {
  constexpr int kOf32[] = {14, 13, 9, 6, 5};
  constexpr int kOf16[] = {12, 6};
  if (vectors > kMaxVectors) return 0;
  return Vec::kRegisters == 32 ? kOf32[vectors - 1] : kOf16[vectors - 1];
}

// The kernel of these tiles; `run` is null where another struct has it.
constexpr ConvKernel conv_kernel(KernelName name, decltype(ConvKernel::run) run) {
  return {name,
          Vec::kWidth,
          kMaxVectors,
          {tile_pixels_for(1), tile_pixels_for(2), tile_pixels_for(3), tile_pixels_for(4), tile_pixels_for(5)},
          run};
}

template <int P, int V>
inline void load_bias(Vec (&acc)[P][V], const float* bias) {
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[p][v] = Vec::load(bias + v * Vec::kWidth);
  }
}

template <int P, int V>
inline void store_results(const Vec (&acc)[P][V], float* results, std::int64_t step) {
#pragma GCC unroll 16
  for (int p = 0; p < P; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) acc[p][v].store(results + p * step + v * Vec::kWidth);
  }
}

using TileFn = void (*)(const float* base, std::int64_t step, const std::int64_t* offset, std::int64_t count,
                        std::int64_t depth, const float* weights, const float* bias, const float* ahead, float* results,
                        std::int64_t results_step);

// While a tile computes, weights of the next block come into L2, a cache line from `ahead` on for each input value:
// without, a block's first tile waits for L3 (3x3 128 to 128 at 20x20: 0.33 ms, with 0.25). With one vector there is no
// load to spare.
template <int V>
constexpr bool kFetchesAhead = V > 1;
constexpr std::int64_t kCacheLine = 16;  // floats

// Not inlined: the register allocation of the loop must not depend on what is around it.
template <int P, int V>
__attribute__((noinline)) void multiply_tile(const float* base, std::int64_t step, const std::int64_t* offset,
                                             std::int64_t count, std::int64_t depth, const float* weights,
                                             const float* bias, const float* ahead, float* results,
                                             std::int64_t results_step) {
  // One pointer for three pixels, the others by index: a pointer for each of up to 14 would not fit the registers.
  constexpr int kPointers = (P + 2) / 3;
  Vec acc[P][V];
  load_bias<P, V>(acc, bias);
  for (std::int64_t t = 0; t < count; ++t) {
    const float* a[kPointers];
#pragma GCC unroll 8
    for (int i = 0; i < kPointers; ++i) a[i] = base + offset[t] + 3 * i * step;
    for (std::int64_t k = 0; k < depth; ++k, weights += V * Vec::kWidth) {
      if constexpr (kFetchesAhead<V>) {
        constexpr int kForReading = 0, kIntoL2 = 2;
        __builtin_prefetch(ahead, kForReading, kIntoL2);
        ahead += kCacheLine;
      }
      Vec b[V];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) b[v] = Vec::load(weights + v * Vec::kWidth);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const Vec x = Vec::broadcast(a[p / 3][(p % 3) * step]);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) acc[p][v] = multiply_add(x, b[v], acc[p][v]);
      }
#pragma GCC unroll 8
      for (int i = 0; i < kPointers; ++i) {
        ++a[i];
        asm("" : "+r"(a[i]));  // else GCC makes a pointer for each pixel
      }
    }
  }
  store_results<P, V>(acc, results, results_step);
}

// At the border every pixel has a pointer of its own. Lanes behind the last pixel repeat it.
template <int P, int V>
__attribute__((noinline)) void multiply_border_tile(const Taps<P>& taps, int pixels, const float* weights,
                                                    const float* bias, float* results) {
  Vec acc[P][V];
  load_bias<P, V>(acc, bias);
  for (std::int64_t t = 0; t < taps.count; ++t) {
    const float* a[P];
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) a[p] = taps.pointer[t * P + (p < pixels ? p : pixels - 1)];
    for (std::int64_t k = 0; k < taps.depth; ++k, weights += V * Vec::kWidth) {
      Vec b[V];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) b[v] = Vec::load(weights + v * Vec::kWidth);
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
        const Vec x = Vec::broadcast(a[p][k]);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) acc[p][v] = multiply_add(x, b[v], acc[p][v]);
      }
    }
  }
  store_results<P, V>(acc, results, V * Vec::kWidth);
}

// Sums [P][V vectors] that lack nothing.
template <int P, int V>
inline void complete_sums(const ConvArgs&, const Taps<P>&, const Tile&, bool, std::int64_t, float*) {}

template <int V, int... I>
constexpr TileFn tile_function(int count, std::integer_sequence<int, I...>) {
  constexpr TileFn kFunctions[] = {multiply_tile<I + 1, V>...};
  return kFunctions[count - 1];
}

template <int V, typename Args>
void run_block(const Args& args, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_vector,
               bool fetch_next) {
  constexpr int P = tile_pixels_for(V);
  constexpr int kLanes = V * Vec::kWidth;
  const std::int64_t first_channel = first_vector * Vec::kWidth;
  const float* weights = args.weights + first_channel * args.shape.taps() * args.shape.in_c;
  const std::int64_t left = args.shape.out_c - first_channel;
  const int channels = left < kLanes ? static_cast<int>(left) : kLanes;
  const bool in_place = channels == kLanes && stores_in_place(args);
  const std::int64_t block_size = kLanes * args.shape.taps() * args.shape.in_c;
  std::int64_t to_fetch = fetch_next ? block_size : 0;  // of the next block, which is about as large
  for_each_tile<P>(
      args, n, begin, end, true, peels_borders(args), [&](const Taps<P>& taps, const Tile& tile, bool inside) {
        alignas(64) float buffer[P * kLanes];
        const float* own = weights + taps.first * kLanes;
        const float* bias = start_of(args, taps.rows) + first_channel;
        const float* ahead = to_fetch > 0 ? weights + 2 * block_size - to_fetch : own;
        if (inside) to_fetch -= taps.count * taps.depth * kCacheLine;
        if (!inside) {
          multiply_border_tile<P, V>(taps, tile.count, own, bias, buffer);
        } else {
          const auto multiply = tile_function<V>(tile.count, std::make_integer_sequence<int, P>());
          if (in_place) {
            multiply(taps.base, taps.step, taps.offset, taps.count, taps.depth, own, bias, ahead,
                     args.dst + n * args.dst_at.n_step + tile.y * args.dst_at.y_step + tile.x * args.dst_at.x_step +
                         first_channel,
                     args.dst_at.x_step);
            return;
          }
          multiply(taps.base, taps.step, taps.offset, taps.count, taps.depth, own, bias, ahead, buffer, kLanes);
        }
        complete_sums<P, V>(args, taps, tile, inside, first_vector, buffer);
        finish_tile(args, n, tile, first_channel, buffer, kLanes, channels);
      });
}

template <typename Args>
void run_conv(const Args& given, std::int64_t n, std::int64_t begin, std::int64_t end, std::int64_t first_block,
              std::int64_t last_block) {
  const Args args = with_long_rows(given);
  const ConvKernel shape_only{{}, Vec::kWidth, kMaxVectors, {}, nullptr};
  const ConvBlocks blocks(shape_only, args.shape.out_c);
  for (std::int64_t b = first_block; b < last_block; ++b) {
    const std::int64_t first = blocks.first_vector(b);
    const bool fetch_next = b + 1 < last_block || args.more_weights;
    switch (blocks.first_vector(b + 1) - first) {
      case 1:
        run_block<1>(args, n, begin, end, first, fetch_next);
        break;
      case 2:
        run_block<2>(args, n, begin, end, first, fetch_next);
        break;
      case 3:
        if constexpr (kMaxVectors > 2) run_block<3>(args, n, begin, end, first, fetch_next);
        break;
      case 4:
        if constexpr (kMaxVectors > 2) run_block<4>(args, n, begin, end, first, fetch_next);
        break;
      case 5:
        if constexpr (kMaxVectors > 2) run_block<5>(args, n, begin, end, first, fetch_next);
        break;
      default:
        break;
    }
  }
}

}  // namespace
}  // namespace saker
