#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/elementwise/elementwise.inl"

namespace saker {
extern const ElementwiseKernel kElementwiseAvx512;
const ElementwiseKernel kElementwiseAvx512 = {{"elementwise_f32", Isa::kAvx512}, run_activation, run_binary};
}  // namespace saker
