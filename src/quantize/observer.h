// From statistics to ranges, and from ranges to scales and zero points.
#pragma once

#include <span>

#include "quantize/statistics.h"

namespace saker {

enum class Observer : std::uint8_t { kMinMax, kMovingAverage, kPercentile, kEntropy, kMse };

struct ValueRange {
  float low = 0, high = 0;  // low <= 0 <= high: zero is always a number of the grid
};

// What kMse takes into account.
struct ErrorWeights {
  std::span<const double> channels;  // how much an error of each matters; empty: all the same
  bool before_silu = false;          // what counts is the error after that
};

// The range of the values that the statistics describe, taken together; several: of a group with one scale.
ValueRange choose_range(Observer observer, std::span<const ChannelStatistics* const> statistics,
                        const ErrorWeights& weights = {});

inline bool needs_histogram(Observer observer) {
  return observer != Observer::kMinMax && observer != Observer::kMovingAverage;
}

struct ScaleAndZero {
  float scale = 1;
  std::uint8_t zero_point = 0;
};
// Asymmetric: all 256 numbers over the range. Symmetric: zero point 128, or 0 where nothing is negative.
ScaleAndZero scale_of(const ValueRange& range, bool symmetric, float least_scale);

// What becomes of a channel's values, as its histogram has them, when they are stored on a grid; sums over the values.
struct StoringEffect {
  double moved = 0;    // by rounding, of what is not clipped
  double clipped = 0;  // how many
  double total = 0;    // how many; 0 without a histogram
};
StoringEffect effect_of_storing(const ChannelStatistics& statistics, float scale, std::int32_t zero_point);

}  // namespace saker
