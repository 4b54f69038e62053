#include "kernels/kernel_name.h"

namespace saker {

std::string KernelName::text() const {
  return std::string(family) + "_" + isa_name(isa) + (isa.has(Isa::kVbmi) ? "_vbmi" : "");
}

}  // namespace saker
