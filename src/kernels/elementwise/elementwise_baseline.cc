#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/elementwise/elementwise.inl"

namespace saker {
extern const ElementwiseKernel kElementwiseBaseline;
const ElementwiseKernel kElementwiseBaseline = {{"elementwise_f32", Isa::kBaseline}, run_activation, run_binary};
}  // namespace saker
