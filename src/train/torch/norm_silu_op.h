// Batch normalization and SiLU in one (train/norm_silu.h) as an operation that LibTorch differentiates.
#pragma once

#include <ATen/core/Tensor.h>

namespace saker::train {

// x: float32 [N, C, H, W]; channels become innermost if they are not. Running means and variances move by `momentum`,
// as torch's batch_norm moves them.
at::Tensor norm_silu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, at::Tensor running_mean,
                     at::Tensor running_variance, double momentum, double eps);

}  // namespace saker::train
