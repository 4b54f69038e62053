#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/pool/pool.inl"
// (and that of bytes)
#include "kernels/pool/max_bytes.inl"

namespace saker {
extern const PoolKernel kPoolBaseline;
const PoolKernel kPoolBaseline = {{"pool_f32", Isa::kBaseline}, run_pool<float>, run_max_bytes};
}  // namespace saker
