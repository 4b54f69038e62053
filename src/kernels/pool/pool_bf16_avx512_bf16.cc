#include "kernels/simd/stored_avx512_bf16.h"
// (the body is written over both)
#include "kernels/pool/pool.inl"

namespace saker {
const PoolBf16Kernel kPoolBf16Avx512 = {{"pool_bf16", {Isa::kAvx512, Isa::kBf16}}, run_pool<BFloat16>};
}  // namespace saker
