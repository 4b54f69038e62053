#include "kernels/simd/stored_avx512_bf16.h"
// (what becomes of a tile, over both)
#include "kernels/conv_bf16/finish_bf16.inl"
// (the multiplication)
#include "kernels/conv/multiply_add.inl"
// (the body, over all)
#include "kernels/conv/conv.inl"

namespace saker {
const ConvIntoBf16Kernel kConvIntoBf16Avx512 = {{"conv_into_bf16", {Isa::kAvx512, Isa::kBf16}}, run_conv<ConvBf16Args>};
}  // namespace saker
