// Reductions of runs of consecutive float32.
#pragma once

#include <cstdint>

#include "kernels/kernel_name.h"

namespace saker {

enum class ReduceKind : std::uint8_t { kSum, kMax };

struct ReduceKernel {
  KernelName name;
  float (*row)(ReduceKind kind, std::int64_t n, const float* src);  // n >= 1
};

extern const ReduceKernel kReduceBaseline, kReduceAvx2, kReduceAvx512;

float reduce_reference(ReduceKind kind, std::int64_t n, const float* src);

}  // namespace saker
