// The bodies of the kernels on logits, compiled once per ISA level: loops that compilers vectorize. Not over Vec, whose
// exp takes NaN for a number.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernels/logits/logits.h"

namespace saker {
namespace {

constexpr int kLanes = 16;            // independent sums, for whole vectors of any width
constexpr std::int64_t kAtOnce = 64;  // blocks of so many lanes are summed in float

// e^x for x <= 0 (below -87 as at -87): 2^n times a polynomial of the rest, fitted for the relative error (5e-9).
inline float exp_of_negative(float x) {
  constexpr float kRound = 12582912;  // 1.5 * 2^23: what is added to it is rounded to a whole number, its lowest bits
  x = x < -87.F ? -87.F : x;
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const float r = x - n * 0.693359375F - n * -2.12194440e-4F;  // ln 2 in two parts
  const float r2 = r * r;
  const float low = 4.999998539e-1F + 1.666648923e-1F * r, high = 4.166989837e-2F + 8.371905941e-3F * r;
  const float p = (1 + r) + r2 * (low + r2 * (high + r2 * 1.375002003e-3F));
  std::uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 127U) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}

// ln(1 + e) for e in [0, 1]: e times a polynomial fitted at Chebyshev's points, which is 3e-8 of it away at most.
inline float log_of_one_more(float e) {
  const float e2 = e * e, e4 = e2 * e2;
  const float a = 9.999999705e-1F - 4.999950152e-1F * e, b = 3.331927134e-1F - 2.484436989e-1F * e;
  const float c = 1.911143108e-1F - 1.367476971e-1F * e, d = 7.836166801e-2F - 2.958850739e-2F * e;
  return e * ((a + e2 * b) + e4 * (c + e2 * d + e4 * 5.253457796e-3F));
}

// softplus(x) = max(x, 0) + ln(1 + e^-|x|). Infinity below becomes NaN, by x + |x|.
template <bool with_gradients>
inline float softplus(float x, float scale, float* gradient) {
  const float magnitude = __builtin_fabsf(x);
  const float e = exp_of_negative(-magnitude);
  if constexpr (with_gradients) *gradient = scale * (x < 0 ? e : 1.F) / (1 + e);
  return 0.5F * (x + magnitude) + log_of_one_more(e);
}

template <bool with_gradients>
double sum_of_softplus(std::int64_t n, const float* x, float* gradients, float scale) {
  double total = 0;
  const std::int64_t whole = n - n % kLanes;
  std::int64_t i = 0;
  while (i < whole) {
    const std::int64_t end = i + kAtOnce * kLanes < whole ? i + kAtOnce * kLanes : whole;
    float sums[kLanes] = {};
    for (; i < end; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) {
        sums[lane] += softplus<with_gradients>(x[i + lane], scale, with_gradients ? gradients + i + lane : nullptr);
      }
    }
    for (const float part : sums) total += static_cast<double>(part);
  }
  for (; i < n; ++i) {
    total += static_cast<double>(softplus<with_gradients>(x[i], scale, with_gradients ? gradients + i : nullptr));
  }
  return total;
}

double run_softplus_sum(std::int64_t n, const float* x, float* gradients, float scale) {
  return gradients != nullptr ? sum_of_softplus<true>(n, x, gradients, scale)
                              : sum_of_softplus<false>(n, x, nullptr, scale);
}

float run_expected_bin(std::int64_t bins, const float* x) {
  float largest = x[0];
  for (std::int64_t b = 1; b < bins; ++b) largest = x[b] > largest ? x[b] : largest;
  float sums[kLanes] = {}, weighted[kLanes] = {};
  for (std::int64_t first = 0; first < bins; first += kLanes) {
    const int lanes = static_cast<int>(bins - first < kLanes ? bins - first : kLanes);
    float shares[kLanes] = {};
    if (lanes == kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) shares[lane] = exp_of_negative(x[first + lane] - largest);
    } else {
      for (int lane = 0; lane < lanes; ++lane) shares[lane] = exp_of_negative(x[first + lane] - largest);
    }
    for (int lane = 0; lane < kLanes; ++lane) {
      sums[lane] += shares[lane];
      weighted[lane] += shares[lane] * static_cast<float>(static_cast<int>(first) + lane);
    }
  }
  for (int half = kLanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; ++lane) {
      sums[lane] += sums[lane + half];
      weighted[lane] += weighted[lane + half];
    }
  }
  return weighted[0] / sums[0];
}

}  // namespace
}  // namespace saker
