// From ranges to the scales of points: one for each channel, or one for all that are joined.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "passes/int8/quantization.h"
#include "quantize/observer.h"
#include "quantize/points.h"

namespace saker {

// With a reserve for what other pictures show.
Quantization scales_of_channels(std::span<const ValueRange> channels, bool symmetric);

// Without: of ranges that nothing leaves.
Quantization exact_scales(std::span<const ValueRange> channels, bool symmetric);

// Points that are joined share a scale, so that joining them costs nothing.
struct PointGroups {
  std::vector<std::size_t> leader;  // of each point: the one of its group that stands for it
  std::vector<bool> gated;          // of each point: only SiLU reads it
};
PointGroups group_points(const Graph& graph, const Points& points);

// `range`: of all channels of all points of a group.
ScaleAndZero scale_of_group(ValueRange range, bool gated, bool symmetric);

// Weights of so many bits, 8 or less, are numbers from -n to n.
constexpr int largest_weight(int bits) {
  return (1 << (bits - 1)) - 1;
}

// Of a filter whose largest weight, each times the scale of what it reads, is `highest`.
inline float filter_scale(float highest, int bits) {
  constexpr float kLeast = 1e-30F;  // of filters that are all zero: any normal number does
  return std::max(highest / static_cast<float>(largest_weight(bits)), kLeast);
}

}  // namespace saker
