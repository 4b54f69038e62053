// What AMX needs of the system.
#pragma once

namespace saker {

// Whether this process may use tiles (Isa::kAmxInt8, kAmxBf16): asks the system for their state once (arch_prctl), which
// filters of system calls refuse. All its threads may, then.
bool tiles_permitted();

}  // namespace saker
