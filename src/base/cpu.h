// What the CPU can do, as the few ISA levels kernels are compiled for.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/usable_cpus.h"

namespace saker {

// kAvx2 means AVX2 + FMA + F16C; kAvx512 means F + BW + DQ + VL besides; the others add the 8-bit dot product
// (vpdpbusd: AVX-VNNI, AVX512_VNNI) to these. Later levels are faster.
enum class Isa : std::uint8_t { kBaseline, kAvx2, kAvx2Vnni, kAvx512, kAvx512Vnni };
constexpr int kIsaCount = 5;

const char* isa_name(Isa isa);  // "baseline", "avx2", "avx2_vnni", "avx512", "avx512_vnni"
std::optional<Isa> find_isa(std::string_view name);
std::string isa_names();          // all, for messages
bool isa_supported(Isa isa);      // by this CPU and its operating system
Isa best_isa();                   // the last level that is
Isa level_without_vnni(Isa isa);  // whose kernels serve it too where there is no 8-bit dot product

// `wanted` may be empty: the SAKER_ISA knob, or best_isa(). Error: unknown name, or not on this CPU.
Result<Isa> choose_isa(std::string_view wanted);

// AVX512_BF16 (vdpbf16ps) at this level, on this CPU. Error: what is missing, and what to do.
Status require_bf16(Isa isa);

std::string cpu_model_name();  // as /proc/cpuinfo gives it
std::string cpu_signature();   // with family and model, which tell CPUs apart that virtual machines name alike

}  // namespace saker
