#include "kernels/logits/logits.inl"

namespace saker {
extern const LogitsKernel kLogitsAvx2;
const LogitsKernel kLogitsAvx2 = {{"logits_f32", Isa::kAvx2}, run_softplus_sum, run_expected_bin};
}  // namespace saker
