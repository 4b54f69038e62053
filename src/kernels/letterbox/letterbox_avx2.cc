#include "kernels/letterbox/whole_avx2.inl"
#include "kernels/letterbox/yuv_avx2.inl"
// (the body uses its functions)
#include "kernels/letterbox/letterbox.inl"

namespace saker {
extern const LetterboxKernel kLetterboxAvx2;
const LetterboxKernel kLetterboxAvx2 = {{"letterbox_u8_f32", Isa::kAvx2}, run_letterbox};
}  // namespace saker
