#include "kernels/simd/vec_avx2.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (what becomes of a tile, over Vec)
#include "kernels/conv/finish.inl"
// (the body, over all)
#include "kernels/conv/conv.inl"

namespace saker {
extern const ConvKernel kConvAvx2;
const ConvKernel kConvAvx2 = conv_kernel({"conv_f32_direct", Isa::kAvx2}, run_conv<ConvArgs>);
}  // namespace saker
