#include "base/cpu.h"

#include <fmt/format.h>
#include <sched.h>

#include <fstream>

#include "base/knobs.h"

namespace saker {

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kBaseline:
      return "baseline";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "?";
}

Isa best_isa() {
  static const Isa best = [] {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (avx512) return Isa::kAvx512;
    if (avx2) return Isa::kAvx2;
#endif
    return Isa::kBaseline;
  }();
  return best;
}

Result<Isa> choose_isa(std::string_view wanted) {
  if (wanted.empty()) wanted = knobs().isa;
  if (wanted.empty()) return best_isa();
  for (int level = 0; level < kIsaCount; ++level) {
    const Isa isa = static_cast<Isa>(level);
    if (wanted != isa_name(isa)) continue;
    if (isa <= best_isa()) return isa;
    return Error{ErrorCode::kUnsupported,
                 fmt::format("this CPU has no {} (its best level is {})", wanted, isa_name(best_isa()))};
  }
  return Error{ErrorCode::kInvalid, fmt::format("unknown ISA level '{}': use baseline, avx2 or avx512", wanted)};
}

Status require_bf16(Isa isa) {
  bool has_it = false;
#if defined(__x86_64__)
  __builtin_cpu_init();
  has_it = best_isa() == Isa::kAvx512 && __builtin_cpu_supports("avx512bf16");
#endif
  if (!has_it) {
    return Error{ErrorCode::kUnsupported,
                 "precision bf16: this CPU has no AVX512_BF16 (vdpbf16ps: AMD Zen 4, Intel Cooper Lake and Sapphire "
                 "Rapids, and what came after them); use precision f32"};
  }
  if (isa != Isa::kAvx512) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("precision bf16: it needs the level avx512, chosen is {}; use precision f32, or that level",
                    isa_name(isa))};
  }
  return {};
}

// The first value of a field of /proc/cpuinfo: "model name\t: Intel ...".
static std::string cpuinfo(const std::string& field) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos || !line.starts_with(field)) continue;
    if (line.find_first_not_of("\t ", field.size()) == colon) return line.substr(colon + 2);
  }
  return "";
}

std::string cpu_model_name() {
  const std::string name = cpuinfo("model name");
  return name.empty() ? "unknown CPU" : name;
}

std::string cpu_signature() {
  return fmt::format("{}, family {}, model {}", cpu_model_name(), cpuinfo("cpu family"), cpuinfo("model"));
}

int usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
  return 1;
}

}  // namespace saker
