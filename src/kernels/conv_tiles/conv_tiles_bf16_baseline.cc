#include "kernels/simd/stored_bf16_baseline.h"
// (over both)
#include "kernels/conv_tiles/conv_tiles_bf16.inl"

namespace saker {
namespace {

// What the instructions of AMX do, in loops.
struct Tiles {
  float sums[kTilesBlock][kTilesBlock];

  void begin() {}
  void end() {}
  void start(const float* first) {
    for (auto& row : sums) __builtin_memcpy(row, first, sizeof row);
  }
  void add(const std::uint8_t* a, std::int64_t step, const float* b) {
    const auto* weights = reinterpret_cast<const BFloat16*>(b);
    for (std::int64_t p = 0; p < kTilesBlock; ++p, a += step) {
      for (std::int64_t tile = 0; tile < 2; ++tile)
        add_row(reinterpret_cast<const BFloat16*>(a), weights + tile * kTileRows * 2 * kTileRows,
                sums[p] + tile * kTileRows);
    }
  }
  static void add_row(const BFloat16* a, const BFloat16* weights, float* sums) {
    float even[kTileRows] = {}, odd[kTileRows] = {};
    for (std::int64_t k = 0; k < kTileRows; ++k, a += 2, weights += 2 * kTileRows) {
      const float first = widened(a[0]), second = widened(a[1]);
      for (std::int64_t o = 0; o < kTileRows; ++o) {
        even[o] += first * widened(weights[2 * o]);
        odd[o] += second * widened(weights[2 * o + 1]);
      }
    }
    for (std::int64_t o = 0; o < kTileRows; ++o) sums[o] += even[o] + odd[o];
  }
  void store(float* to) const { __builtin_memcpy(to, sums, sizeof sums); }
};

}  // namespace

const ConvTilesBf16Kernel kConvTilesBf16Software = {{"conv_bf16_tiles", Isa::kBaseline}, run_bf16_tiles<Tiles>};

}  // namespace saker
