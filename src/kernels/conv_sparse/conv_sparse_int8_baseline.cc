#include "kernels/conv_int8/dot_baseline.h"
#include "kernels/simd/transpose_baseline.h"
// (over transpose)
#include "kernels/conv_sparse/finish_int8.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseInt8Kernel kConvSparseInt8Baseline;
const ConvSparseInt8Kernel kConvSparseInt8Baseline =
    sparse_kernel<ConvInt8Args>({"conv_int8_sparse", Isa::kBaseline, true});
}  // namespace saker
