#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradAvx2;
const WinogradKernel kWinogradAvx2 = {"conv_f32_winograd4x4_avx2", transform_input, transform_output};
}  // namespace saker
