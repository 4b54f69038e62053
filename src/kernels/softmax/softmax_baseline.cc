#include "kernels/simd/transpose_baseline.h"
// (the body is written over Vec and transpose)
#include "kernels/softmax/softmax.inl"

namespace saker {
extern const SoftmaxKernel kSoftmaxBaseline;
const SoftmaxKernel kSoftmaxBaseline = {
    {"softmax_f32", Isa::kBaseline}, run_softmax_row, run_softmax_expectations, run_softmax_columns};
}  // namespace saker
