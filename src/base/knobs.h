// Knobs: every environment variable the library reads, in one place.
#pragma once

#include <string>

namespace saker {

struct Knobs {
  std::string
      isa;  // SAKER_ISA: force an ISA level (baseline, avx2, avx512); an unknown name is an error at session creation
};

// Read once, at the first call.
const Knobs& knobs();

}  // namespace saker
