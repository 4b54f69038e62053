#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/depthwise/depthwise.inl"

namespace saker {
extern const DepthwiseKernel kDepthwiseAvx2;
const DepthwiseKernel kDepthwiseAvx2 = {"depthwise_f32_avx2", Vec::kWidth, run_depthwise};
}  // namespace saker
