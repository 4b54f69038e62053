#include "kernels/logits/logits.inl"

namespace saker {
extern const LogitsKernel kLogitsBaseline;
const LogitsKernel kLogitsBaseline = {{"logits_f32", Isa::kBaseline}, run_softplus_sum, run_expected_bin};
}  // namespace saker
