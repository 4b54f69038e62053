// Pictures in planes of luma and chroma, as video decoders give them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace saker {

// Chroma is halved both ways: its planes have (width + 1) / 2 columns and (height + 1) / 2 rows.
enum class PlanarLayout : std::uint8_t {
  kI420,  // three planes: luma, blue, red difference
  kNv12,  // two planes, the second with pairs of blue and red difference
  kI010,  // kI420 of little-endian 16-bit samples, of which the low 10 bits count
  kP010   // kNv12 of little-endian 16-bit samples, of which the high 10 bits count
};

// Somebody else's samples. Row y of plane p starts at data[p] + y * stride_bytes[p].
struct PlanarView {
  PlanarLayout layout = PlanarLayout::kI420;
  int width = 0;   // pixels, > 0
  int height = 0;  // pixels, > 0
  std::array<const std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride_bytes{};
  bool bt709 = false;       // the matrix of ITU-R BT.709, else BT.601's
  bool full_range = false;  // samples 0..255, else luma 16..235 and chroma 16..240
};

}  // namespace saker
