#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradAvx2, kWinogradStride2Avx2;
const WinogradKernel kWinogradAvx2 = {
    {"conv_f32_winograd4x4", Isa::kAvx2}, kWinogradStride1, transform_input<Stride1>, transform_output<Stride1>};
const WinogradKernel kWinogradStride2Avx2 = {
    {"conv_f32_winograd4x4s2", Isa::kAvx2}, kWinogradStride2, transform_input<Stride2>, transform_output<Stride2>};
}  // namespace saker
