#include "kernels/simd/transpose_avx512.h"
// (the body is written over Vec and transpose)
#include "kernels/softmax/softmax.inl"

namespace saker {
extern const SoftmaxKernel kSoftmaxAvx512;
const SoftmaxKernel kSoftmaxAvx512 = {
    {"softmax_f32", Isa::kAvx512}, run_softmax_row, run_softmax_expectations, run_softmax_columns};
}  // namespace saker
