#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/conv/conv.inl"

namespace saker {
extern const ConvKernel kConvBaseline;
const ConvKernel kConvBaseline = {"conv_f32_direct_baseline", Vec::kWidth, kMaxVectors, run_conv};
}  // namespace saker
