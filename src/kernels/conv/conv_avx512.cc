#include "kernels/simd/vec_avx512.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (what becomes of a tile, over Vec)
#include "kernels/conv/finish.inl"
// (the body, over all)
#include "kernels/conv/conv.inl"

namespace saker {
extern const ConvKernel kConvAvx512;
const ConvKernel kConvAvx512 = conv_kernel({"conv_f32_direct", Isa::kAvx512}, run_conv<ConvArgs>);
}  // namespace saker
