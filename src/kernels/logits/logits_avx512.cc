#include "kernels/logits/logits.inl"

namespace saker {
extern const LogitsKernel kLogitsAvx512;
const LogitsKernel kLogitsAvx512 = {{"logits_f32", Isa::kAvx512}, run_softplus_sum, run_expected_bin};
}  // namespace saker
