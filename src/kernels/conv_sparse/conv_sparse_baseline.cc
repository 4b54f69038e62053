#include "kernels/simd/transpose_baseline.h"
#include "kernels/simd/vec_baseline.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (over transpose)
#include "kernels/conv_sparse/finish_float.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseKernel kConvSparseBaseline;
const ConvSparseKernel kConvSparseBaseline = sparse_kernel<ConvArgs>({"conv_sparse", Isa::kBaseline, true});
}  // namespace saker
