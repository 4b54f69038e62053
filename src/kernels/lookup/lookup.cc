#include "kernels/lookup/lookup.h"

namespace saker {
namespace {

void look_up(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) bytes[i] = table[bytes[i]];
}

}  // namespace

const LookupKernel kLookupBaseline = {"lookup_baseline", look_up};

const LookupKernel& lookup_for(Isa isa) {
#if SAKER_X86_KERNELS
  __builtin_cpu_init();
  if (level_without_vnni(isa) == Isa::kAvx512 && __builtin_cpu_supports("avx512vbmi")) return kLookupAvx512Vbmi;
  if (isa != Isa::kBaseline) return kLookupAvx2;
#endif
  static_cast<void>(isa);
  return kLookupBaseline;
}

}  // namespace saker
