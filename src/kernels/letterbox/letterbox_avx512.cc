#include "kernels/letterbox/whole_avx2.inl"
#include "kernels/letterbox/yuv_avx2.inl"
// (the body uses its functions)
#include "kernels/letterbox/letterbox.inl"

namespace saker {
extern const LetterboxKernel kLetterboxAvx512;
const LetterboxKernel kLetterboxAvx512 = {{"letterbox_u8_f32", Isa::kAvx512}, run_letterbox};
}  // namespace saker
