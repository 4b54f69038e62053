// What this CPU does with bfloat16.
#pragma once

#include <saker/result.h>

#include <string>

#include "base/cpu.h"

namespace saker {

// Whether PlanOptions::bf16 is possible.
Status check_bf16(Isa isa);
// Products of bfloat16 (vdpbf16ps) that the CPU computes in the time of one of float32, or what SAKER_BF16_RATE says of
// that; 0: it cannot.
double bf16_rate(Isa isa);
// Whether PlanOptions::bf16 makes plans faster: by tiles (with SAKER_TILES), or where that rate is above 1.
bool bf16_gains(Isa isa);
// Whether "bf16", "auto", "f32" or "" asks for PlanOptions::bf16 on this CPU.
bool wants_bf16(const std::string& precision, Isa isa);

}  // namespace saker
