// Rounding to 8-bit grids (train/fake_quantize.h) as operations that LibTorch differentiates.
#pragma once

#include <ATen/core/Tensor.h>

#include "train/fake_quantize.h"

namespace saker::train {

// x: float32 [N, C, ...]; channels become innermost if they are not.
at::Tensor fake_quantize(const at::Tensor& x, const Quantization& grid);
Extremes extremes_of(const at::Tensor& x);
// [O, I / groups, h, w]; the gradient passes as it is.
at::Tensor fake_quantize_weights(const at::Tensor& weights, std::int64_t groups, std::span<const float> input_scales);

}  // namespace saker::train
