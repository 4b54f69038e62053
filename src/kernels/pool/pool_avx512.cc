#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/pool/pool.inl"
// (and that of bytes)
#include "kernels/pool/max_bytes.inl"

namespace saker {
extern const PoolKernel kPoolAvx512;
const PoolKernel kPoolAvx512 = {{"pool_f32", Isa::kAvx512}, run_pool<float>, run_max_bytes};
}  // namespace saker
