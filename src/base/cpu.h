// What the CPU can do, as the few ISA levels kernels are compiled for.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace saker {

// Each level contains the ones before it. kAvx2 means AVX2 + FMA + F16C; kAvx512 means F + BW + DQ + VL.
enum class Isa : std::uint8_t { kBaseline, kAvx2, kAvx512 };
constexpr int kIsaCount = 3;

const char* isa_name(Isa isa);  // "baseline", "avx2", "avx512"
Isa best_isa();                 // the highest level this CPU and its operating system support

// `wanted` may be empty: the SAKER_ISA knob, or best_isa(). Error: unknown name, or not on this CPU.
Result<Isa> choose_isa(std::string_view wanted);

// AVX512_BF16 (vdpbf16ps) at this level, on this CPU. Error: what is missing, and what to do.
Status require_bf16(Isa isa);

std::string cpu_model_name();  // as /proc/cpuinfo gives it
std::string cpu_signature();   // with family and model, which tell CPUs apart that virtual machines name alike
int usable_cpus();             // CPUs in this process's affinity mask, at least 1

}  // namespace saker
