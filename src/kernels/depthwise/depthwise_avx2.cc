#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/depthwise/depthwise_f32.inl"

namespace saker {
extern const DepthwiseKernel kDepthwiseAvx2;
const DepthwiseKernel kDepthwiseAvx2 = {{"depthwise_f32", Isa::kAvx2}, Vec::kWidth, run_depthwise<ConvArgs>};
}  // namespace saker
