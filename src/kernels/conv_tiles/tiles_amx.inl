// The unit of tiles: their shapes, and what does not depend on what they multiply. Include in *_amx_*.cc only.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "base/tiles.h"
#include "kernels/conv_tiles/tiles_form.h"

namespace saker {
namespace {

// Tiles 0 to 3: sums, two rows of two; 4, 5: positions; 6, 7: weights. All have 16 rows of 64 bytes.
struct TileUnit {
  // The unit's state belongs to the thread, and other libraries set it as they like: it is set for each job. Released,
  // it costs nothing where threads change, and the core may clock higher.
  void begin() {
    const TileConfiguration configuration;
    // GCC 12 takes _tile_loadconfig to read 8 bytes, and _tile_loadd to read none: all that was written is to be there.
    asm volatile("" : : "r"(&configuration) : "memory");
    _tile_loadconfig(&configuration);
  }
  void end() { _tile_release(); }

  void start(const float* first) {
    // Sixteen times the same row.
    _tile_loadd(0, first, 0);
    _tile_loadd(1, first + kTileRows, 0);
    _tile_loadd(2, first, 0);
    _tile_loadd(3, first + kTileRows, 0);
  }
  void load(const std::uint8_t* a, std::int64_t step, const float* b) {
    _tile_loadd(4, a, step);
    _tile_loadd(6, b, kTileBytes);
    _tile_loadd(7, b + kTileRows * kTileRows, kTileBytes);
    _tile_loadd(5, a + kTileRows * step, step);
  }
  void store(float* to) const {
    constexpr std::int64_t kRow = kTilesBlock * static_cast<std::int64_t>(sizeof(float));
    _tile_stored(0, to, kRow);
    _tile_stored(1, to + kTileRows, kRow);
    _tile_stored(2, to + kTileRows * kTilesBlock, kRow);
    _tile_stored(3, to + kTileRows * kTilesBlock + kTileRows, kRow);
  }
};

}  // namespace
}  // namespace saker
