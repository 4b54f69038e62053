#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/winograd/winograd.inl"

namespace saker {
extern const WinogradKernel kWinogradBaseline;
const WinogradKernel kWinogradBaseline = {"conv_f32_winograd4x4_baseline", transform_input, transform_output};
}  // namespace saker
