// How stored pictures are turned and mirrored to be upright.
#pragma once

#include <saker/planar.h>

#include <array>
#include <cstdint>

namespace saker::video {

// First rows and columns change places, then each direction of the result is mirrored.
struct Orientation {
  bool transposed = false, mirrored_x = false, mirrored_y = false;

  bool upright() const { return !transposed && !mirrored_x && !mirrored_y; }
  int degrees() const;  // clockwise: 0, 90, 180, 270; of a mirrored picture, those beside its mirroring
  bool operator==(const Orientation&) const = default;
};

// Of a display matrix as in libavutil/display.h (a b u, c d v, x y w: x' = ax + cy, y' = bx + dy), to the next quarter
// turn.
Orientation orientation_of(const std::array<std::int32_t, 9>& matrix);

// Where a turned picture goes: planes with rows of stride_bytes, of the layout and the size that it then has.
struct WritablePlanes {
  std::array<std::uint8_t*, 3> data{};
  std::array<std::ptrdiff_t, 3> stride_bytes{};
};
void turn_planes(const PlanarView& picture, Orientation orientation, const WritablePlanes& out);

}  // namespace saker::video
