// From ranges to the scales of points: one for each channel, or one for all that are joined.
#pragma once

#include <cstdint>
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

// A filter's weights: of input i at tap t at i * input_step + t * tap_step.
struct FilterWeights {
  const float* values;
  std::int64_t inputs, taps, input_step, tap_step;
};
// The scale of a filter,
//   max(max |w f| / largest_weight(bits), max |w0 f0 + w1 f1| / (kWidestInt8Pair - 1), next to nothing),
// so that each number keeps to its bound and, rounded to the nearest, each pair of neighbouring
// inputs (2i and 2i + 1) to kWidestInt8Pair. factors: the scale of each input. NaN is left out. Pairs make it 1.15
// times what the largest weight asks for (mean of YOLOv8n's filters), where one bit less would double it.
float filter_scale(const FilterWeights& filter, const float* factors, int bits);

}  // namespace saker
