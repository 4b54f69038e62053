#include "kernels/simd/transpose_avx2.h"
// (the body is written over Vec and transpose)
#include "kernels/softmax/softmax.inl"

namespace saker {
extern const SoftmaxKernel kSoftmaxAvx2;
const SoftmaxKernel kSoftmaxAvx2 = {
    {"softmax_f32", Isa::kAvx2}, run_softmax_row, run_softmax_expectations, run_softmax_columns};
}  // namespace saker
