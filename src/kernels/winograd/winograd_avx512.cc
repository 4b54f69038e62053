#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradAvx512, kWinogradStride2Avx512;
const WinogradKernel kWinogradAvx512 = {
    {"conv_f32_winograd4x4", Isa::kAvx512}, kWinogradStride1, transform_input<Stride1>, transform_output<Stride1>};
const WinogradKernel kWinogradStride2Avx512 = {
    {"conv_f32_winograd4x4s2", Isa::kAvx512}, kWinogradStride2, transform_input<Stride2>, transform_output<Stride2>};
}  // namespace saker
