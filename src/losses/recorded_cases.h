// The maps that the references' results were recorded for (tests/equivalence/record_losses.py), and maps for tests.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/random.h"
#include "losses/loss.h"

namespace saker::losses {

// Element i of map m of a case: splitmix64(seed * 1000003 + m * 2^32 + i) >> 40, times 6 / 2^24, minus 3.
inline double recorded_noise(std::uint64_t seed, std::uint64_t map, std::uint64_t i) {
  const std::uint64_t z = scrambled(seed * 1000003 + (map << 32) + i);
  return static_cast<double>(z >> 40) * (6.0 / (1 << 24)) - 3;
}

enum class Order { kRowMajor, kChannelsLast, kGaps };

// A map with its memory; elements are counted row-major in (picture, channel, y, x), wherever they lie.
class TestMap {
 public:
  TestMap(std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width, Order order,
          const std::function<float(std::int64_t)>& value_of) {
    view_ = {nullptr, nullptr, batch, channels, height, width, {}};
    switch (order) {
      case Order::kRowMajor:
        set_strides(channels * height * width, height * width, width, 1);
        break;
      case Order::kChannelsLast:
        set_strides(channels * height * width, 1, width * channels, channels);
        break;
      case Order::kGaps:  // every other number of wider rows
        set_strides(channels * height * width * 4, height * width * 4, width * 4, 2);
        break;
    }
    values_.assign(static_cast<std::size_t>(batch * view_.strides[0]), kUntouched);
    gradients_ = values_;
    for (std::int64_t i = 0; i < size(); ++i) value(i) = value_of(i);
  }

  std::int64_t size() const { return view_.batch * view_.channels * view_.height * view_.width; }
  float& value(std::int64_t i) { return values_[place_of(i)]; }
  float gradient(std::int64_t i) const { return gradients_[place_of(i)]; }
  MapView view(bool with_gradients = true) {
    view_.values = values_.data();
    view_.gradients = with_gradients ? gradients_.data() : nullptr;
    return view_;
  }
  // What lies between the map's numbers has been left alone.
  bool gaps_are_untouched() const {
    std::vector<bool> own(gradients_.size());
    for (std::int64_t i = 0; i < size(); ++i) own[place_of(i)] = true;
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (!own[i] && gradients_[i] != kUntouched) return false;
    }
    return true;
  }

 private:
  static constexpr float kUntouched = 12345;

  void set_strides(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
    view_.strides[0] = n;
    view_.strides[1] = c;
    view_.strides[2] = y;
    view_.strides[3] = x;
  }
  std::size_t place_of(std::int64_t i) const {
    const std::int64_t x = i % view_.width, y = i / view_.width % view_.height;
    const std::int64_t c = i / (view_.width * view_.height) % view_.channels;
    const std::int64_t n = i / (view_.width * view_.height * view_.channels);
    return static_cast<std::size_t>(n * view_.strides[0] + c * view_.strides[1] + y * view_.strides[2] +
                                    x * view_.strides[3]);
  }

  MapView view_;
  std::vector<float> values_, gradients_;
};

// The maps of a family, level by level.
enum class Family { kDistances, kAnchors, kYolox };

struct CaseShape {
  Family family = Family::kDistances;
  std::uint64_t seed = 0;
  std::int64_t width = 64, height = 64, classes = 2, batch = 1;
  double slope = 0, spread = 1, grow = 0;  // as the recording has it
};

inline std::vector<TestMap> case_maps(const CaseShape& shape, Order order) {
  constexpr std::int64_t kRegMax = 16;
  std::vector<TestMap> maps;
  const auto add = [&](std::int64_t stride, std::int64_t channels, bool boxes) {
    const std::int64_t height = shape.height / stride, width = shape.width / stride, area = height * width;
    const auto number = static_cast<std::uint64_t>(maps.size());
    maps.emplace_back(shape.batch, channels, height, width, order, [&](std::int64_t i) {
      const std::int64_t channel = i / area % channels;
      double value = recorded_noise(shape.seed, number, static_cast<std::uint64_t>(i));
      if (boxes && shape.family == Family::kYolox) value = value * shape.spread + (channel >= 2 ? shape.grow : 0);
      if (boxes && shape.family == Family::kDistances) value -= shape.slope * static_cast<double>(channel % kRegMax);
      return static_cast<float>(value);
    });
  };
  for (const std::int64_t stride : {8, 16, 32}) {
    switch (shape.family) {
      case Family::kDistances:
        add(stride, 4 * kRegMax, true);
        add(stride, shape.classes, false);
        break;
      case Family::kAnchors:
        add(stride, 3 * (5 + shape.classes), false);
        break;
      case Family::kYolox:
        add(stride, 4, true);
        add(stride, 1, false);
        add(stride, shape.classes, false);
        break;
    }
  }
  return maps;
}

inline std::vector<MapView> views_of(std::vector<TestMap>& maps, bool with_gradients = true) {
  std::vector<MapView> views;
  for (TestMap& map : maps) views.push_back(map.view(with_gradients));
  return views;
}

// YOLOv5's own, of P3 to P5.
inline const std::vector<float> kTestAnchors = {10, 13, 16,  30,  33, 23,  30,  61,  62,
                                                45, 59, 119, 116, 90, 156, 198, 373, 326};

}  // namespace saker::losses
