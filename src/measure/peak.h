// What the CPU can compute at most, measured.
#pragma once

#include "base/cpu.h"

namespace saker {

// float32 GFLOP/s of `threads` threads doing nothing but multiply-adds on registers of that level; a multiply-add
// counts as two. 0 where it cannot be measured (another architecture, no threads). Takes about 0.1 s.
double peak_gflops(Isa isa, int threads);

}  // namespace saker
