// Elementwise float32 over runs of consecutive elements.
#pragma once

#include <cstdint>

#include "base/activation.h"
#include "kernels/kernel_name.h"

namespace saker {

enum class BinaryKind : std::uint8_t { kAdd, kSub, kMul, kDiv, kMin, kMax };
constexpr int kBinaryKinds = 6;

struct ElementwiseKernel {
  KernelName name;
  // dst[i] = act(src[i])
  void (*activate)(const Activation& activation, std::int64_t n, const float* src, float* dst);
  // dst[i] = a[i * a_step] op b[i * b_step], steps 0 or 1
  void (*binary)(BinaryKind kind, std::int64_t n, const float* a, std::int64_t a_step, const float* b,
                 std::int64_t b_step, float* dst);
};

extern const ElementwiseKernel kElementwiseBaseline, kElementwiseAvx2, kElementwiseAvx512;

float binary_reference(BinaryKind kind, float a, float b);

// Short runs: dst[r, i] = a[r, i] op b[r, i] for r < rows, i < n; element (r, i) is at r*row_step + i*step.
struct ShortRuns {
  std::int64_t row_step, step;
};
void binary_short_runs(BinaryKind kind, std::int64_t rows, std::int64_t n, const float* a, ShortRuns a_at,
                       const float* b, ShortRuns b_at, float* dst, ShortRuns dst_at);

}  // namespace saker
