// What the CPU can compute at most, measured.
#include "measure/peak.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/knobs.h"
#include "base/tiles.h"
#include "plan/conv_method.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace saker {
namespace {

#if defined(__x86_64__)

constexpr int kRegisters = 12;  // latency (4 to 6) times units (2), or more, so that no multiply-add waits for another
constexpr int kSteps = 2'000;
constexpr double kGrow = 0.999999, kAdd = 1e-6;  // stays near 1

// kSteps multiply-adds on each of kRegisters registers; what they end at, so that they are not left out.
__attribute__((target("avx512f"))) float burst_avx512() {
  __m512 sums[kRegisters];
  for (int i = 0; i < kRegisters; ++i) sums[i] = _mm512_set1_ps(1.0F + static_cast<float>(i));
  const __m512 grow = _mm512_set1_ps(static_cast<float>(kGrow)), add = _mm512_set1_ps(static_cast<float>(kAdd));
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm512_fmadd_ps(sums[i], grow, add);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

__attribute__((target("avx2,fma"))) float burst_avx2() {
  __m256 sums[kRegisters];
  for (int i = 0; i < kRegisters; ++i) sums[i] = _mm256_set1_ps(1.0F + static_cast<float>(i));
  const __m256 grow = _mm256_set1_ps(static_cast<float>(kGrow)), add = _mm256_set1_ps(static_cast<float>(kAdd));
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm256_fmadd_ps(sums[i], grow, add);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

float burst_baseline() {
  __m128 sums[kRegisters];
  for (int i = 0; i < kRegisters; ++i) sums[i] = _mm_set1_ps(1.0F + static_cast<float>(i));
  const __m128 grow = _mm_set1_ps(static_cast<float>(kGrow)), add = _mm_set1_ps(static_cast<float>(kAdd));
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm_add_ps(_mm_mul_ps(sums[i], grow), add);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}

// Of 8-bit and bfloat16 numbers all are 0: the time does not depend on them.
__attribute__((target("avx512f,avx512bf16"))) float burst_bf16() {
  __m512 sums[kRegisters];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  const __m512bh x = _mm512_cvtne2ps_pbh(sums[0], sums[1]);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], x, x);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) float burst_int8_avx512_vnni() {
  __m512i sums[kRegisters];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  const __m512i x = _mm512_setzero_si512();
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm512_dpbusd_epi32(sums[i], x, x);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm512_add_epi32(sums[0], sums[i]);
  return _mm512_cvtss_f32(_mm512_castsi512_ps(sums[0]));
}

__attribute__((target("avx2,avxvnni"))) float burst_int8_avx2_vnni() {
  __m256i sums[kRegisters];
  for (__m256i& sum : sums) sum = _mm256_setzero_si256();
  const __m256i x = _mm256_setzero_si256();
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) sums[i] = _mm256_dpbusd_avx_epi32(sums[i], x, x);
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
  return _mm256_cvtss_f32(_mm256_castsi256_ps(sums[0]));
}

// Products and their sums; `x` is hidden, as its products would be made once.
__attribute__((target("avx512f,avx512bw"))) float burst_int8_avx512() {
  __m512i sums[kRegisters];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  __m512i x = _mm512_setzero_si512();
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) {
      asm volatile("" : "+v"(x));
      sums[i] = _mm512_add_epi16(sums[i], _mm512_maddubs_epi16(x, x));
    }
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm512_add_epi16(sums[0], sums[i]);
  return _mm512_cvtss_f32(_mm512_castsi512_ps(sums[0]));
}

__attribute__((target("avx2"))) float burst_int8_avx2() {
  __m256i sums[kRegisters];
  for (__m256i& sum : sums) sum = _mm256_setzero_si256();
  __m256i x = _mm256_setzero_si256();
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < kRegisters; ++i) {
      asm volatile("" : "+x"(x));
      sums[i] = _mm256_add_epi16(sums[i], _mm256_maddubs_epi16(x, x));
    }
  }
  for (int i = 1; i < kRegisters; ++i) sums[0] = _mm256_add_epi16(sums[0], sums[i]);
  return _mm256_cvtss_f32(_mm256_castsi256_ps(sums[0]));
}

constexpr int kTileSums = 4;  // of two tiles and two more

__attribute__((target("amx-tile"))) void begin_tiles() {
  const TileConfiguration configuration;
  asm volatile("" : : "r"(&configuration) : "memory");  // written before it is loaded, which GCC 12 does not see
  _tile_loadconfig(&configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
}

__attribute__((target("amx-tile,amx-bf16"))) float burst_bf16_tiles() {
  begin_tiles();
  for (int step = 0; step < kSteps; ++step) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return 0;
}

__attribute__((target("amx-tile,amx-int8"))) float burst_int8_tiles() {
  begin_tiles();
  for (int step = 0; step < kSteps; ++step) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
  return 0;
}

struct Burst {
  float (*run)() = nullptr;  // null: the CPU has no such instruction
  double multiply_adds = 0;
};

Burst of_registers(float (*run)(), int products) {
  return {run, static_cast<double>(kSteps) * kRegisters * products};
}

Burst float32_burst(Isa isa) {
  if (isa.level == Isa::kBaseline) return of_registers(burst_baseline, 4);
  return isa.level == Isa::kAvx2 ? of_registers(burst_avx2, 8) : of_registers(burst_avx512, 16);
}

Burst int8_burst(Isa isa) {
  const bool vnni = isa.has(Isa::kVnni);
  if (isa.level == Isa::kAvx2) return of_registers(vnni ? burst_int8_avx2_vnni : burst_int8_avx2, 32);
  if (isa.level == Isa::kAvx512) return of_registers(vnni ? burst_int8_avx512_vnni : burst_int8_avx512, 64);
  return {};
}

// 16x16 sums of 16 times as many products as a cell of 32 bits has.
Burst tiles_burst(float (*run)(), Isa isa, Isa::Feature feature, int cell) {
  if (knobs().tiles != Knobs::Tiles::kInstructions || !isa.has(feature) || !tiles_permitted()) return {};
  return {run, static_cast<double>(kSteps) * kTileSums * 16 * 16 * 16 * cell};
}

Burst burst_of(Arithmetic arithmetic, Isa isa) {
  switch (arithmetic) {
    case Arithmetic::kBf16:
      return isa.has(Isa::kBf16) ? of_registers(burst_bf16, 32) : Burst{};
    case Arithmetic::kInt8:
      return int8_burst(isa);
    case Arithmetic::kBf16Tiles:
      return tiles_burst(burst_bf16_tiles, isa, Isa::kAmxBf16, 2);
    case Arithmetic::kInt8Tiles:
      return tiles_burst(burst_int8_tiles, isa, Isa::kAmxInt8, 4);
    case Arithmetic::kFloat32:
      break;
  }
  return float32_burst(isa);
}

// Bursts until the time is over; their number.
double count_bursts(const Burst& burst, double ms) {
  double bursts = 0;
  volatile float sink = 0;
  for (const Stopwatch watch; watch.ms() < ms; ++bursts) sink = burst.run();
  (void)sink;
  return bursts;
}

#endif

}  // namespace

const char* arithmetic_name(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kBf16:
      return "bf16";
    case Arithmetic::kInt8:
      return "int8";
    case Arithmetic::kBf16Tiles:
      return "bf16 tiles";
    case Arithmetic::kInt8Tiles:
      return "int8 tiles";
    case Arithmetic::kFloat32:
      break;
  }
  return "float32";
}

Arithmetic arithmetic_of(const ConvMethod* method) {
  if (method == &kConvBf16) return Arithmetic::kBf16;
  if (method == &kConvBf16Tiles) return Arithmetic::kBf16Tiles;
  if (method == &kConvInt8Tiles) return Arithmetic::kInt8Tiles;
  return method != nullptr && method->op == Op::kConvInt8 ? Arithmetic::kInt8 : Arithmetic::kFloat32;
}

double peak_gflops([[maybe_unused]] Arithmetic arithmetic, [[maybe_unused]] Isa isa, [[maybe_unused]] int threads) {
#if defined(__x86_64__)
  constexpr double kWarmMs = 20, kWindowMs = 6;  // the first switches the wide units on
  constexpr int kWindows = 10;                   // the best counts: other programs take part of some of them
  const Burst burst = burst_of(arithmetic, isa);
  if (burst.run == nullptr) return 0;
  std::atomic<double> total{0};
  const auto work = [&] {
    count_bursts(burst, kWarmMs);
    double best = 0;
    for (int window = 0; window < kWindows; ++window) {
      const Stopwatch watch;
      const double bursts = count_bursts(burst, kWindowMs);
      best = std::max(best, bursts * 2 * burst.multiply_adds / watch.ms() / 1e6);
    }
    total += best;
  };
  std::vector<std::thread> others;
  try {
    for (int i = 1; i < threads; ++i) others.emplace_back(work);
  } catch (const std::system_error&) {
    total = -1e30;
  }
  work();
  for (std::thread& thread : others) thread.join();
  return std::max(0.0, total.load());
#else
  return 0;
#endif
}

std::vector<Peak> all_peaks(Isa isa, int threads) {
  std::vector<Peak> peaks;
  for (const Arithmetic arithmetic : kArithmetics) {
    if (const double gflops = peak_gflops(arithmetic, isa, threads); gflops > 0)
      peaks.push_back({arithmetic_name(arithmetic), gflops});
  }
  return peaks;
}

double gflops_of(const std::vector<Peak>& peaks, std::string_view arithmetic) {
  const auto peak = std::ranges::find(peaks, arithmetic, &Peak::arithmetic);
  return peak == peaks.end() ? 0 : peak->gflops;
}

std::string peaks_text(const std::vector<Peak>& peaks) {
  std::string text;
  for (const Peak& peak : peaks) {
    text += fmt::format("{}{:.0f}{} {}", text.empty() ? "" : ", ", peak.gflops, text.empty() ? " GFLOP/s" : "",
                        peak.arithmetic);
  }
  return text;
}

}  // namespace saker
