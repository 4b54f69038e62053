#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/depthwise/depthwise_f32.inl"

namespace saker {
extern const DepthwiseKernel kDepthwiseAvx512;
const DepthwiseKernel kDepthwiseAvx512 = {{"depthwise_f32", Isa::kAvx512}, Vec::kWidth, run_depthwise<ConvArgs>};
}  // namespace saker
