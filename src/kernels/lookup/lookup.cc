#include "kernels/lookup/lookup.h"

namespace saker {
namespace {

void look_up(const std::uint8_t* table, std::uint8_t* bytes, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) bytes[i] = table[bytes[i]];
}

}  // namespace

const LookupKernel kLookupBaseline = {{"lookup", Isa::kBaseline}, look_up};

}  // namespace saker
