// Softmax of float32: y_i = exp(x_i - max) / sum exp(x_j - max).
#pragma once

#include <cstdint>

#include "kernels/kernel_name.h"

namespace saker {

struct SoftmaxKernel {
  KernelName name;
  // One run of n consecutive elements.
  void (*row)(std::int64_t n, const float* src, float* dst);
  // Expected values sum_i weights[i] * y_i of `rows` such runs, src_step and dst_step apart.
  void (*expectations)(std::int64_t n, std::int64_t rows, const float* weights, const float* src, std::int64_t src_step,
                       float* dst, std::int64_t dst_step);
  // `columns` neighbouring softmaxes: element i of softmax c is at src[i * src_step + c].
  void (*columns)(std::int64_t n, std::int64_t columns, const float* src, std::int64_t src_step, float* dst,
                  std::int64_t dst_step);
};

extern const SoftmaxKernel kSoftmaxBaseline, kSoftmaxAvx2, kSoftmaxAvx512;

void softmax_reference(std::int64_t n, const float* src, std::int64_t src_step, float* dst, std::int64_t dst_step);

}  // namespace saker
