#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/pool/pool.inl"
// (and that of bytes)
#include "kernels/pool/max_bytes.inl"

namespace saker {
extern const PoolKernel kPoolAvx2;
const PoolKernel kPoolAvx2 = {{"pool_f32", Isa::kAvx2}, run_pool<float>, run_max_bytes};
}  // namespace saker
