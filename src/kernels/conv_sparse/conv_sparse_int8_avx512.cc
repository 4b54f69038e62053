#include "kernels/conv_int8/dot_avx512.h"
#include "kernels/simd/transpose_avx512.h"
// (over transpose)
#include "kernels/conv_sparse/finish_int8.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseInt8Kernel kConvSparseInt8Avx512;
const ConvSparseInt8Kernel kConvSparseInt8Avx512 =
    sparse_kernel<ConvInt8Args>({"conv_int8_sparse", Isa::kAvx512, true});
}  // namespace saker
