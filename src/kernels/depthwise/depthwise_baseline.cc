#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/depthwise/depthwise_f32.inl"

namespace saker {
extern const DepthwiseKernel kDepthwiseBaseline;
const DepthwiseKernel kDepthwiseBaseline = {{"depthwise_f32", Isa::kBaseline}, Vec::kWidth, run_depthwise<ConvArgs>};
}  // namespace saker
