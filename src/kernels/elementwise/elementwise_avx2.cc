#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/elementwise/elementwise.inl"

namespace saker {
extern const ElementwiseKernel kElementwiseAvx2;
const ElementwiseKernel kElementwiseAvx2 = {{"elementwise_f32", Isa::kAvx2}, run_activation, run_binary};
}  // namespace saker
