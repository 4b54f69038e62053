#include "kernels/conv_int8/bytes_avx512.h"
// (over bytes)
#include "kernels/conv_tiles/conv_tiles_int8.inl"
#include "kernels/conv_tiles/tiles_amx.inl"

namespace saker {
namespace {

struct Tiles : TileUnit {
  void add(const std::uint8_t* a, std::int64_t step, const float* b) {
    load(a, step, b);
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
};

}  // namespace

const ConvTilesInt8Kernel kConvTilesInt8Amx = {{"conv_int8_tiles", {Isa::kAvx512, Isa::kVnni | Isa::kAmxInt8}, true},
                                               run_tiles<Tiles, BytePixels>};

}  // namespace saker
