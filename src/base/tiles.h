// What AMX needs of the system.
#pragma once

#include <cstdint>

namespace saker {

// Whether this process may use tiles (Isa::kAmxInt8, kAmxBf16): asks the system for their state once (arch_prctl), which
// filters of system calls refuse. All its threads may, then.
bool tiles_permitted();

// For _tile_loadconfig: eight tiles of 16 rows of 64 bytes (Intel SDM, volume 1, 18.3, palette 1).
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfiguration) == 64);

}  // namespace saker
