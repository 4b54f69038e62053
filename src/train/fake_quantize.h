// The grid of 8-bit numbers as training sees it: values become what their bytes stand for, and gradients pass as if
// they had not, where nothing was clipped (the straight-through estimator: Bengio et al., "Estimating or Propagating
// Gradients Through Stochastic Neurons", 2013; in this use Jacob et al., "Quantization and Training of Neural Networks
// for Efficient Integer-Arithmetic-Only Inference", 2018).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "passes/int8/quantization.h"
#include "train/norm_silu.h"

namespace saker::train {

// y = (clamp(round(x / scale) + zero, 0, 255) - zero) scale, halves to even: ONNX's QuantizeLinear and
// DequantizeLinear. `inside`: 1 where nothing was clipped, else 0. x and y: `rows` rows of `channels` numbers without
// gaps. NaN stays NaN.
void fake_quantize(const float* x, float* y, std::uint8_t* inside, std::int64_t rows, std::int64_t channels,
                   const Quantization& grid, const ParallelLoop& loop);

// dx = dy inside, else 0.
void pass_inside(const float* dy, const std::uint8_t* inside, float* dx, std::int64_t count, const ParallelLoop& loop);

struct Extremes {  // of each channel; of numbers that are none nothing is said
  std::vector<float> low, high;
};
Extremes extremes_of(const float* x, std::int64_t rows, std::int64_t channels, const ParallelLoop& loop);

// Weights [filters, taps, inputs] of a convolution of `groups` groups, rounded as quantize_graph stores them: each
// filter's, times the scales of what they read (of all the convolution's input channels), to steps of its filter_scale
// (quantize/scales.h).
struct FilterShape {
  std::int64_t filters = 0, taps = 1, inputs = 0, groups = 1;
};
void fake_quantize_weights(const float* weights, float* rounded, const FilterShape& shape,
                           std::span<const float> input_scales, const ParallelLoop& loop);

}  // namespace saker::train
