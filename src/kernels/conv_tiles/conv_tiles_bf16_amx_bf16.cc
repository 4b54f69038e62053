#include "kernels/simd/stored_avx512_bf16.h"
// (over both)
#include "kernels/conv_tiles/conv_tiles_bf16.inl"
#include "kernels/conv_tiles/tiles_amx.inl"

namespace saker {
namespace {

struct Tiles : TileUnit {
  void add(const std::uint8_t* a, std::int64_t step, const float* b) {
    load(a, step, b);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
};

}  // namespace

const ConvTilesBf16Kernel kConvTilesBf16Amx = {{"conv_bf16_tiles", {Isa::kAvx512, Isa::kBf16 | Isa::kAmxBf16}},
                                               run_bf16_tiles<Tiles>};

}  // namespace saker
