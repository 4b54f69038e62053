#include "losses/maps.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace saker::losses {

namespace {

MapView moved(MapView map, std::int64_t offset) {
  map.values += offset;
  if (map.gradients != nullptr) map.gradients += offset;
  return map;
}

}  // namespace

MapView channels_of(const MapView& map, std::int64_t first, std::int64_t count) {
  MapView part = moved(map, place(map, 0, first, 0, 0));
  part.channels = count;
  return part;
}

MapView cell_of(const MapView& map, std::int64_t y, std::int64_t x) {
  MapView cell = moved(map, place(map, 0, 0, y, x));
  cell.height = cell.width = 1;
  return cell;
}

void clear_gradients(const MapView& map, std::int64_t picture) {
  if (map.gradients == nullptr) return;
  for_each_run(map, picture, [&](std::int64_t offset, std::int64_t count, std::int64_t step) {
    if (step == 1) {
      std::fill_n(map.gradients + offset, count, 0.F);
    } else {
      for (std::int64_t i = 0; i < count; ++i) map.gradients[offset + i * step] = 0;
    }
  });
}

void check_map(const MapView& map, const MapView& first_of_level, std::int64_t batch, std::int64_t channels) {
  SAKER_CHECK(map.values != nullptr);
  SAKER_CHECK(map.batch == batch && map.channels == channels);
  SAKER_CHECK(map.height == first_of_level.height && map.width == first_of_level.width);
}

void check_targets(std::span<const Target> targets, std::int64_t batch, std::int64_t classes) {
  for (const Target& target : targets) {
    SAKER_CHECK(target.picture >= 0 && target.picture < batch);
    SAKER_CHECK(target.category >= 0 && target.category < classes);
    for (const float number : {target.x, target.y, target.w, target.h}) SAKER_CHECK(std::isfinite(number));
  }
}

std::vector<std::vector<std::int32_t>> targets_by_picture(std::span<const Target> targets, std::int64_t batch) {
  std::vector<std::vector<std::int32_t>> numbers(static_cast<std::size_t>(batch));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    numbers[static_cast<std::size_t>(targets[i].picture)].push_back(static_cast<std::int32_t>(i));
  }
  return numbers;
}

CellRange cells_within(double low, double high, double stride, std::int64_t count) {
  const double first = std::floor(low / stride - 0.5) + 1, end = std::ceil(high / stride - 0.5);
  const auto cell = [&](double at) {
    return static_cast<std::int64_t>(std::clamp(at, 0.0, static_cast<double>(count)));
  };
  return {cell(first), std::max(cell(first), cell(end))};
}

}  // namespace saker::losses
