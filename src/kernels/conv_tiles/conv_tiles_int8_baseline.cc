#include "kernels/conv_int8/bytes_baseline.h"
// (over bytes)
#include "kernels/conv_tiles/conv_tiles_int8.inl"

namespace saker {
namespace {

// What the instructions of AMX do, in loops.
struct Tiles {
  std::int32_t sums[kTilesBlock][kTilesBlock];

  void begin() {}
  void end() {}
  void start(const float* first) {
    for (auto& row : sums) __builtin_memcpy(row, first, sizeof row);
  }
  void add(const std::uint8_t* a, std::int64_t step, const float* b) {
    const auto* weights = reinterpret_cast<const std::int8_t*>(b);
    for (std::int64_t p = 0; p < kTilesBlock; ++p, a += step) {
      for (std::int64_t tile = 0; tile < 2; ++tile)
        add_row(a, weights + tile * kTileRows * kTileBytes, sums[p] + tile * kTileRows);
    }
  }
  static void add_row(const std::uint8_t* a, const std::int8_t* weights, std::int32_t* sums) {
    for (std::int64_t k = 0; k < kTileRows; ++k, a += kInt8Quad, weights += kTileBytes) {
      for (std::int64_t o = 0; o < kTileRows; ++o) {
        const std::int8_t* w = weights + o * kInt8Quad;
        sums[o] += a[0] * w[0] + a[1] * w[1] + a[2] * w[2] + a[3] * w[3];
      }
    }
  }
  void store(float* to) const { __builtin_memcpy(to, sums, sizeof sums); }
};

}  // namespace

const ConvTilesInt8Kernel kConvTilesInt8Software = {{"conv_int8_tiles", Isa::kBaseline, true},
                                                    run_tiles<Tiles, BytePixels>};

}  // namespace saker
