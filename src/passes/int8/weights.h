// 8-bit weights of a convolution, as lower_qdq finds them in the graph.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "passes/int8/quantization.h"

namespace saker {

struct Int8Weights {
  Tensor weights;                 // int8 [M, C/group, kernel], zero point 0
  std::vector<float> multiplier;  // [M]: sum over (x - zero point) * weights, times it, is the float convolution
};

// Conv's weights are DequantizeLinear of constants, perhaps times a constant factor for each input channel, which must
// cancel the scales of `x`. The string says why they are not.
Result<std::string> find_int8_weights(const Graph& graph, const std::vector<std::int32_t>& producer, const Node& conv,
                                      const Quantization& x, Int8Weights& found);

}  // namespace saker
