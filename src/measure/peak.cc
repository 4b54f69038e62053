// What the CPU can compute at most, measured.
#include "measure/peak.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace saker {
namespace {

#if defined(__x86_64__)

constexpr int kRegisters = 12;  // more than latency (4) times units (2), so that no multiply-add waits for another
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

using Burst = float (*)();
constexpr Burst kBursts[] = {burst_baseline, burst_avx2, burst_avx512};  // by Isa::Level
constexpr int kLanes[] = {4, 8, 16};

// Bursts until the time is over; their number.
double count_bursts(Burst burst, double ms) {
  double bursts = 0;
  volatile float sink = 0;
  for (const Stopwatch watch; watch.ms() < ms; ++bursts) sink = burst();
  (void)sink;
  return bursts;
}

#endif

}  // namespace

double peak_gflops([[maybe_unused]] Isa isa, [[maybe_unused]] int threads) {
#if defined(__x86_64__)
  constexpr double kWarmMs = 20, kWindowMs = 6;  // the first switches the wide units on
  constexpr int kWindows = 10;                   // the best counts: other programs take part of some of them
  const auto level = static_cast<std::size_t>(isa.level);
  const double flops = 2.0 * kSteps * kRegisters * kLanes[level];
  std::atomic<double> total{0};
  const auto work = [&] {
    count_bursts(kBursts[level], kWarmMs);
    double best = 0;
    for (int window = 0; window < kWindows; ++window) {
      const Stopwatch watch;
      const double bursts = count_bursts(kBursts[level], kWindowMs);
      best = std::max(best, bursts * flops / watch.ms() / 1e6);
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

}  // namespace saker
