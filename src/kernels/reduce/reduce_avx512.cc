#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/reduce/reduce.inl"

namespace saker {
extern const ReduceKernel kReduceAvx512;
const ReduceKernel kReduceAvx512 = {{"reduce_f32", Isa::kAvx512}, run_reduce_row};
}  // namespace saker
