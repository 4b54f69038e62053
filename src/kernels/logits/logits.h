// Sums over the logits of detection heads, as losses need them; the same bits on every level. Values that are not
// finite make the results so.
#pragma once

#include <cstdint>

#include "kernels/kernel_name.h"

namespace saker {

struct LogitsKernel {
  KernelName name;
  // The sum of softplus(x) = ln(1 + e^x) over n neighbours; gradients, if not null, become `scale` times its
  // derivative, sigmoid(x). Blocks of numbers are summed in float32.
  double (*softplus_sum)(std::int64_t n, const float* x, float* gradients, float scale);
  // The expected bin of a distribution: sum of i e^x_i / sum of e^x_i.
  float (*expected_bin)(std::int64_t bins, const float* x);
};

extern const LogitsKernel kLogitsBaseline, kLogitsAvx2, kLogitsAvx512;

// The fastest whose level `isa` has.
const LogitsKernel& logits_kernel(Isa isa);

double softplus_reference(double x);

}  // namespace saker
