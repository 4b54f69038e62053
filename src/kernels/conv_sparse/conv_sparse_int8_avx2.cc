#include "kernels/conv_int8/dot_avx2.h"
#include "kernels/simd/transpose_avx2.h"
// (over transpose)
#include "kernels/conv_sparse/finish_int8.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseInt8Kernel kConvSparseInt8Avx2;
const ConvSparseInt8Kernel kConvSparseInt8Avx2 = sparse_kernel<ConvInt8Args>({"conv_int8_sparse", Isa::kAvx2, true});
}  // namespace saker
