#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradAvx512;
const WinogradKernel kWinogradAvx512 = {"conv_f32_winograd4x4_avx512", transform_input, transform_output};
}  // namespace saker
