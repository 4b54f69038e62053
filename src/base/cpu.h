// What the CPU can do, as far as kernels are compiled for it: a level, and features besides.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace saker {

struct Isa {
  // kAvx2 means AVX2 + FMA + F16C + BMI2; kAvx512 means F + BW + DQ + VL besides. Later levels are faster.
  enum Level : std::uint8_t { kBaseline, kAvx2, kAvx512 };
  // What some CPUs of a level have besides. kVnni: the 8-bit dot product vpdpbusd, at kAvx2 as AVX-VNNI, at kAvx512 as
  // AVX512_VNNI; kBf16, kFp16, kVbmi: AVX512_BF16 (vdpbf16ps), AVX512_FP16, AVX512_VBMI (vpermi2b). The tiles of AMX
  // count where the system saves their state; a process asks it for that before it uses them (arch_prctl).
  enum Feature : std::uint8_t { kVnni = 1, kBf16 = 2, kFp16 = 4, kVbmi = 8, kAmxInt8 = 16, kAmxBf16 = 32 };

  Level level;
  std::uint8_t features;  // of Feature

  // A level is its CPUs' common part.
  constexpr Isa(Level its_level = kBaseline, int its_features = 0)
      : level(its_level), features(static_cast<std::uint8_t>(its_features)) {}

  constexpr bool has(Feature feature) const { return (features & feature) != 0; }
  bool operator==(const Isa&) const = default;
};

// Levels have names, slowest first: "baseline", "avx2", "avx2_vnni", "avx512", "avx512_vnni". A name permits features:
// the dot product where it says so; at avx512 also bfloat16, float16 and VBMI, at avx512_vnni tiles besides. What it
// permits is used where the CPU has it.
const char* isa_name(Isa isa);                       // of its level, with "_vnni" if it has that
std::optional<Isa> find_isa(std::string_view name);  // what it permits and the CPU has, and what the name says
std::string isa_names();                             // all, for messages
std::vector<Isa> named_isas();                       // find_isa of each, in order
bool isa_supported(Isa isa);                         // by this CPU and its operating system
Isa best_isa();                                      // the last named one that is

// `wanted` may be empty: the SAKER_ISA knob, or best_isa(). Error: unknown name, or not on this CPU.
Result<Isa> choose_isa(std::string_view wanted);

// AVX512_BF16 (vdpbf16ps). Error: what is missing, and what to do.
Status require_bf16(Isa isa);

std::string cpu_model_name();  // as /proc/cpuinfo gives it
std::string cpu_signature();   // with family and model, which tell CPUs apart that virtual machines name alike

}  // namespace saker
