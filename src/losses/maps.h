// Where the numbers of a head's maps lie, and walks over them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "losses/loss.h"

namespace saker::losses {

inline std::int64_t place(const MapView& map, std::int64_t picture, std::int64_t channel, std::int64_t y,
                          std::int64_t x) {
  return picture * map.strides[0] + channel * map.strides[1] + y * map.strides[2] + x * map.strides[3];
}

// Calls body(offset, count, step) until every number of the picture has been met once: in one run where they lie
// without gaps, else along the channels of a cell or the cells of a row.
template <typename Body>
void for_each_run(const MapView& map, std::int64_t picture, Body&& body) {
  const auto [channels, height, width] = std::array{map.channels, map.height, map.width};
  const std::int64_t along_c = map.strides[1], along_y = map.strides[2], along_x = map.strides[3];
  const bool channels_last = along_c == 1 && along_x == channels && along_y == width * channels;
  const bool row_major = along_x == 1 && along_y == width && along_c == height * width;
  if (channels_last || row_major) {
    body(place(map, picture, 0, 0, 0), channels * height * width, std::int64_t{1});
  } else if (along_c == 1) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) body(place(map, picture, 0, y, x), channels, std::int64_t{1});
    }
  } else {
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t y = 0; y < height; ++y) body(place(map, picture, c, y, 0), width, along_x);
    }
  }
}

// Some channels of a map.
MapView channels_of(const MapView& map, std::int64_t first, std::int64_t count);

// One cell of a map.
MapView cell_of(const MapView& map, std::int64_t y, std::int64_t x);

// Writes zeros, if gradients are wanted.
void clear_gradients(const MapView& map, std::int64_t picture);

// End the program on what only a caller can have got wrong: a map of another batch or size, a target of no picture, of
// no class or nowhere.
void check_map(const MapView& map, const MapView& first_of_level, std::int64_t batch, std::int64_t channels);
void check_targets(std::span<const Target> targets, std::int64_t batch, std::int64_t classes);

// The numbers of each picture's targets, in their order.
std::vector<std::vector<std::int32_t>> targets_by_picture(std::span<const Target> targets, std::int64_t batch);

// The cells of a row or column of `count` whose middles lie within (low, high) pixels.
struct CellRange {
  std::int64_t first = 0, end = 0;
};
CellRange cells_within(double low, double high, double stride, std::int64_t count);

}  // namespace saker::losses
