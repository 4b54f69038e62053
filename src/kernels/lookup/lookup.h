// bytes[i] = table[bytes[i]] for a table of 256 entries: any function of one 8-bit number.
#pragma once

#include <cstdint>

#include "kernels/kernel_name.h"

namespace saker {

using LookupFn = void (*)(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count);

struct LookupKernel {
  KernelName name;
  LookupFn run;
};

extern const LookupKernel kLookupBaseline, kLookupAvx2, kLookupAvx512Vbmi;

}  // namespace saker
