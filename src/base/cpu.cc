#include "base/cpu.h"

#include <fmt/format.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <fstream>

#include "base/knobs.h"

namespace saker {
namespace {

struct NamedIsa {
  const char* name;
  Isa needs;
  int permits;  // features
};

constexpr int kBeside512 = Isa::kBf16 | Isa::kFp16 | Isa::kVbmi;
constexpr int kTiles = Isa::kAmxInt8 | Isa::kAmxBf16;
constexpr std::array kNamed = {
    NamedIsa{"baseline", Isa::kBaseline, 0},
    NamedIsa{"avx2", Isa::kAvx2, 0},
    NamedIsa{"avx2_vnni", {Isa::kAvx2, Isa::kVnni}, 0},
    NamedIsa{"avx512", Isa::kAvx512, kBeside512},
    NamedIsa{"avx512_vnni", {Isa::kAvx512, Isa::kVnni}, kBeside512 | kTiles},
};

// What the CPU has at each level, none where it lacks the level.
struct Cpu {
  Isa::Level best = Isa::kBaseline;
  int features[Isa::kAvx512 + 1] = {};
};

#if defined(__x86_64__)

// Registers of CPUID and XCR0 (Intel SDM, volume 2A, CPUID; volume 1, 13.3).
struct Cpuid {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  Cpuid(unsigned leaf, unsigned subleaf) { __get_cpuid_count(leaf, subleaf, &eax, &ebx, &ecx, &edx); }
};

bool has_bits(std::uint64_t value, std::initializer_list<int> bits) {
  return std::ranges::all_of(bits, [&](int bit) { return (value >> bit & 1U) != 0; });
}

// The register states that the operating system saves.
std::uint64_t saved_states() {
  constexpr int kOsxsave = 27;
  if (!has_bits(Cpuid(1, 0).ecx, {kOsxsave})) return 0;
  unsigned low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t{high} << 32 | low;
}

// Linux hands out the state of tiles when it is asked for (5.16; Documentation/arch/x86/xstate.rst).
bool system_has_tiles() {
  constexpr int kGetSupportedStates = 0x1021, kTileConfig = 17, kTileData = 18;
  std::uint64_t states = 0;
  return syscall(SYS_arch_prctl, kGetSupportedStates, &states) == 0 && has_bits(states, {kTileConfig, kTileData});
}

Cpu detect() {
  constexpr int kSse = 1, kAvx = 2, kMasks = 5, kUpperHalves = 6, kUpperRegisters = 7;
  const Cpuid basic(1, 0), extended(7, 0), more(7, 1);
  const std::uint64_t saved = saved_states();
  Cpu cpu;
  const bool avx2 = has_bits(saved, {kSse, kAvx}) && has_bits(basic.ecx, {12, 28, 29}) &&  // FMA, AVX, F16C
                    has_bits(extended.ebx, {5, 8});                                        // AVX2, BMI2
  if (!avx2) return cpu;
  cpu.best = Isa::kAvx2;
  if (has_bits(more.eax, {4})) cpu.features[Isa::kAvx2] |= Isa::kVnni;  // AVX-VNNI
  const bool avx512 = has_bits(saved, {kMasks, kUpperHalves, kUpperRegisters}) &&
                      has_bits(extended.ebx, {16, 17, 30, 31});  // F, DQ, BW, VL
  if (!avx512) return cpu;
  cpu.best = Isa::kAvx512;
  const auto found = [&](bool has_it, Isa::Feature feature) {
    if (has_it) cpu.features[Isa::kAvx512] |= feature;
  };
  found(has_bits(extended.ecx, {11}), Isa::kVnni);
  found(has_bits(more.eax, {5}), Isa::kBf16);
  found(has_bits(extended.edx, {23}), Isa::kFp16);
  found(has_bits(extended.ecx, {1}), Isa::kVbmi);
  const bool tiles = has_bits(extended.edx, {24}) && system_has_tiles();
  found(tiles && has_bits(extended.edx, {25}), Isa::kAmxInt8);
  found(tiles && has_bits(extended.edx, {22}), Isa::kAmxBf16);
  return cpu;
}

#else

Cpu detect() {
  return {};
}

#endif

const Cpu& this_cpu() {
  static const Cpu cpu = detect();
  return cpu;
}

Isa isa_of(const NamedIsa& named) {
  return {named.needs.level, named.needs.features | (named.permits & this_cpu().features[named.needs.level])};
}

}  // namespace

const char* isa_name(Isa isa) {
  const Isa named(isa.level, isa.features & Isa::kVnni);
  const auto row = std::ranges::find(kNamed, named, &NamedIsa::needs);
  return row == kNamed.end() ? "?" : row->name;
}

std::optional<Isa> find_isa(std::string_view name) {
  const auto row = std::ranges::find(kNamed, name, &NamedIsa::name);
  if (row == kNamed.end()) return std::nullopt;
  return isa_of(*row);
}

std::string isa_names() {
  std::string names;
  for (const NamedIsa& named : kNamed) {
    const bool last = &named == &kNamed.back();
    names += fmt::format("{}{}", names.empty() ? "" : last ? " or " : ", ", named.name);
  }
  return names;
}

std::vector<Isa> named_isas() {
  std::vector<Isa> isas;
  for (const NamedIsa& named : kNamed) isas.push_back(isa_of(named));
  return isas;
}

bool isa_supported(Isa isa) {
  return isa.level <= this_cpu().best && (isa.features & ~this_cpu().features[isa.level]) == 0;
}

Isa best_isa() {
  static const Isa best = [] {
    Isa found;
    for (const Isa isa : named_isas()) found = isa_supported(isa) ? isa : found;
    return found;
  }();
  return best;
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
  if (isa.has(Isa::kBf16) && isa_supported(isa)) return {};
  if (!best_isa().has(Isa::kBf16)) {
    return Error{ErrorCode::kUnsupported,
                 "precision bf16: this CPU has no AVX512_BF16 (vdpbf16ps: AMD Zen 4, Intel Cooper Lake and Sapphire "
                 "Rapids, and what came after them); use precision f32"};
  }
  return Error{ErrorCode::kUnsupported,
               fmt::format("precision bf16: it needs the level avx512, chosen is {}; use precision f32, or that level",
                           isa_name(isa))};
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
