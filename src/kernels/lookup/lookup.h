// bytes[i] = table[bytes[i]] for a table of 256 entries: any function of one 8-bit number.
#pragma once

#include <cstdint>

#include "base/cpu.h"

namespace saker {

using LookupFn = void (*)(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count);

struct LookupKernel {
  const char* name;
  LookupFn run;
};

// The fastest of this level that the CPU has: AVX512_VBMI (vpermi2b) comes beside the levels.
const LookupKernel& lookup_for(Isa isa);

extern const LookupKernel kLookupBaseline, kLookupAvx2, kLookupAvx512Vbmi;

}  // namespace saker
