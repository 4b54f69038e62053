#include "kernels/simd/vec_avx2.h"
// (the body is written over Vec)
#include "kernels/resize/resize.inl"

namespace saker {
extern const ResizeKernel kResizeAvx2;
const ResizeKernel kResizeAvx2 = {{"resize_f32", Isa::kAvx2}, run_resize};
}  // namespace saker
