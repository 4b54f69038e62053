#include "kernels/simd/vec_baseline.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (what becomes of a tile, over Vec)
#include "kernels/conv/finish.inl"
// (the body, over all)
#include "kernels/conv/conv.inl"

namespace saker {
extern const ConvKernel kConvBaseline;
const ConvKernel kConvBaseline = conv_kernel({"conv_f32_direct", Isa::kBaseline}, run_conv<ConvArgs>);
}  // namespace saker
