#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/depthwise/depthwise.inl"

namespace saker {
extern const DepthwiseKernel kDepthwiseAvx512;
const DepthwiseKernel kDepthwiseAvx512 = {"depthwise_f32_avx512", Vec::kWidth, run_depthwise};
}  // namespace saker
