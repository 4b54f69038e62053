#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/reduce/reduce.inl"

namespace saker {
extern const ReduceKernel kReduceAvx2;
const ReduceKernel kReduceAvx2 = {{"reduce_f32", Isa::kAvx2}, run_reduce_row};
}  // namespace saker
