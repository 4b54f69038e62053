#include "kernels/simd/vec_avx512.h"
// (the body is written over Vec)
#include "kernels/resize/resize.inl"

namespace saker {
extern const ResizeKernel kResizeAvx512;
const ResizeKernel kResizeAvx512 = {{"resize_f32", Isa::kAvx512}, run_resize};
}  // namespace saker
