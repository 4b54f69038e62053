#include "base/cpu.h"

#include <fmt/format.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fstream>

#include "base/knobs.h"

namespace saker {

const char* isa_name(Isa isa) {
  switch (isa) {
    case Isa::kBaseline:
      return "baseline";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx2Vnni:
      return "avx2_vnni";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Vnni:
      return "avx512_vnni";
  }
  return "?";
}

std::optional<Isa> find_isa(std::string_view name) {
  for (int level = 0; level < kIsaCount; ++level) {
    if (name == isa_name(static_cast<Isa>(level))) return static_cast<Isa>(level);
  }
  return std::nullopt;
}

std::string isa_names() {
  std::string names;
  for (int level = 0; level < kIsaCount; ++level)
    names += fmt::format("{}{}",
                         level == 0              ? ""
                         : level + 1 < kIsaCount ? ", "
                                                 : " or ",
                         isa_name(static_cast<Isa>(level)));
  return names;
}

namespace {

struct Supported {
  bool levels[kIsaCount] = {true};
  bool& operator[](Isa isa) { return levels[static_cast<std::size_t>(isa)]; }
};

Supported detect() {
  Supported found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  found[Isa::kAvx2] = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  // GCC 12's __builtin_cpu_supports does not know AVX-VNNI: CPUID leaf 7, subleaf 1, EAX bit 4 (Intel SDM, CPUID).
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  found[Isa::kAvx2Vnni] =
      found[Isa::kAvx2] && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax >> 4 & 1U) != 0;
  found[Isa::kAvx512] = found[Isa::kAvx2] && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  found[Isa::kAvx512Vnni] = found[Isa::kAvx512] && __builtin_cpu_supports("avx512vnni");
#endif
  return found;
}

}  // namespace

bool isa_supported(Isa isa) {
  static Supported supported = detect();
  return supported[isa];
}

Isa best_isa() {
  static const Isa best = [] {
    int level = kIsaCount - 1;
    while (!isa_supported(static_cast<Isa>(level))) --level;
    return static_cast<Isa>(level);
  }();
  return best;
}

Isa level_without_vnni(Isa isa) {
  if (isa == Isa::kAvx2Vnni) return Isa::kAvx2;
  return isa == Isa::kAvx512Vnni ? Isa::kAvx512 : isa;
}

Result<Isa> choose_isa(std::string_view wanted) {
  if (wanted.empty()) wanted = knobs().isa;
  if (wanted.empty()) return best_isa();
  const std::optional<Isa> isa = find_isa(wanted);
  if (!isa) return Error{ErrorCode::kInvalid, fmt::format("unknown ISA level '{}': use {}", wanted, isa_names())};
  if (isa_supported(*isa)) return *isa;
  return Error{ErrorCode::kUnsupported,
               fmt::format("this CPU has no {} (its best level is {})", wanted, isa_name(best_isa()))};
}

Status require_bf16(Isa isa) {
  bool has_it = false;
#if defined(__x86_64__)
  __builtin_cpu_init();
  has_it = isa_supported(Isa::kAvx512) && __builtin_cpu_supports("avx512bf16");
#endif
  if (!has_it) {
    return Error{ErrorCode::kUnsupported,
                 "precision bf16: this CPU has no AVX512_BF16 (vdpbf16ps: AMD Zen 4, Intel Cooper Lake and Sapphire "
                 "Rapids, and what came after them); use precision f32"};
  }
  if (level_without_vnni(isa) != Isa::kAvx512) {
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

}  // namespace saker
