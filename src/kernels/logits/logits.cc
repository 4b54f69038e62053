#include "kernels/logits/logits.h"

#include <algorithm>
#include <cmath>

namespace saker {

const LogitsKernel& logits_kernel(Isa isa) {
#if SAKER_X86_KERNELS
  if (isa.level == Isa::kAvx512) return kLogitsAvx512;
  if (isa.level == Isa::kAvx2) return kLogitsAvx2;
#endif
  static_cast<void>(isa);
  return kLogitsBaseline;
}

double softplus_reference(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

}  // namespace saker
