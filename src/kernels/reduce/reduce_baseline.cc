#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/reduce/reduce.inl"

namespace saker {
extern const ReduceKernel kReduceBaseline;
const ReduceKernel kReduceBaseline = {{"reduce_f32", Isa::kBaseline}, run_reduce_row};
}  // namespace saker
