#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/pool/pool.inl"

namespace saker {
extern const PoolKernel kPoolAvx2;
const PoolKernel kPoolAvx2 = {{"pool_f32", Isa::kAvx2}, run_pool, run_max_bytes};
}  // namespace saker
