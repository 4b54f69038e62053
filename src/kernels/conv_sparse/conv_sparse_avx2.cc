#include "kernels/simd/transpose_avx2.h"
#include "kernels/simd/vec_avx2.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (over transpose)
#include "kernels/conv_sparse/finish_float.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseKernel kConvSparseAvx2;
const ConvSparseKernel kConvSparseAvx2 = sparse_kernel<ConvArgs>({"conv_sparse", Isa::kAvx2, true});
}  // namespace saker
