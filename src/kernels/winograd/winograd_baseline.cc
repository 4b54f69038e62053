#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradBaseline, kWinogradStride2Baseline;
const WinogradKernel kWinogradBaseline = {
    {"conv_f32_winograd4x4", Isa::kBaseline}, kWinogradStride1, transform_input<Stride1>, transform_output<Stride1>};
const WinogradKernel kWinogradStride2Baseline = {
    {"conv_f32_winograd4x4s2", Isa::kBaseline}, kWinogradStride2, transform_input<Stride2>, transform_output<Stride2>};
}  // namespace saker
