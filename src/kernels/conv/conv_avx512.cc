#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/conv/conv.inl"

namespace saker {
extern const ConvKernel kConvAvx512;
const ConvKernel kConvAvx512 = {"conv_f32_direct_avx512", Vec::kWidth, kMaxVectors, run_conv};
}  // namespace saker
