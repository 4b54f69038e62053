// What a kernel is called, in its parts.
#pragma once

#include <string>

#include "base/cpu.h"

namespace saker {

struct KernelName {
  const char* family;     // "conv_f32_direct"
  Isa isa;                // the level and the features that its code needs
  bool has_dots = false;  // the family has kernels for Isa::kVnni besides those of the levels

  std::string text() const;  // "conv_f32_direct_avx512"
};

}  // namespace saker
