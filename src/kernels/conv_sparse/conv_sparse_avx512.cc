#include "kernels/simd/transpose_avx512.h"
#include "kernels/simd/vec_avx512.h"
// (over Vec)
#include "kernels/conv/multiply_add.inl"
// (over transpose)
#include "kernels/conv_sparse/finish_float.inl"
// (the body, over all of these)
#include "kernels/conv_sparse/sparse.inl"

namespace saker {
extern const ConvSparseKernel kConvSparseAvx512;
const ConvSparseKernel kConvSparseAvx512 = sparse_kernel<ConvArgs>({"conv_sparse", Isa::kAvx512, true});
}  // namespace saker
