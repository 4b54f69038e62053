#include "kernels/simd/vec_baseline.h"
// (the body is written over Vec)
#include "kernels/resize/resize.inl"

namespace saker {
extern const ResizeKernel kResizeBaseline;
const ResizeKernel kResizeBaseline = {{"resize_f32", Isa::kBaseline}, run_resize};
}  // namespace saker
