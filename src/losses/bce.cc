#include "losses/bce.h"

#include <algorithm>
#include <cmath>

#include "base/activation_math.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr int kLanes = 16;               // independent sums, for whole vectors of any width
constexpr std::int64_t kAtOnce = 64;     // blocks of so many lanes are summed in float
constexpr std::int64_t kGathered = 256;  // numbers that lie apart are collected

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
  const float magnitude = std::fabs(x);
  const float e = exp_of_negative(-magnitude);
  if constexpr (with_gradients) *gradient = scale * (x < 0 ? e : 1.F) / (1 + e);
  return 0.5F * (x + magnitude) + log_of_one_more(e);
}

template <bool with_gradients>
double sum(const float* x, std::int64_t n, float* gradients, float scale) {
  double total = 0;
  std::int64_t i = 0;
  while (i + kLanes <= n) {
    const std::int64_t end = std::min(i + kAtOnce * kLanes, n - n % kLanes);
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

}  // namespace

double softplus_sum(const float* x, std::int64_t n, float* gradients, float scale) {
  return gradients != nullptr ? sum<true>(x, n, gradients, scale) : sum<false>(x, n, nullptr, scale);
}

double softplus_sum(const MapView& map, std::int64_t picture, float scale) {
  double total = 0;
  for_each_run(map, picture, [&](std::int64_t offset, std::int64_t count, std::int64_t step) {
    const float* const values = map.values + offset;
    float* const gradients = map.gradients != nullptr ? map.gradients + offset : nullptr;
    if (step == 1) {
      total += softplus_sum(values, count, gradients, scale);
      return;
    }
    for (std::int64_t first = 0; first < count; first += kGathered) {
      const std::int64_t n = std::min(kGathered, count - first);
      float x[kGathered], g[kGathered];
      for (std::int64_t i = 0; i < n; ++i) x[i] = values[(first + i) * step];
      total += softplus_sum(x, n, gradients != nullptr ? g : nullptr, scale);
      for (std::int64_t i = 0; gradients != nullptr && i < n; ++i) gradients[(first + i) * step] = g[i];
    }
  });
  return total;
}

BinaryLoss::Value BinaryLoss::operator()(double x, double target) const {
  const double p = saker::sigmoid(x);
  const double low = std::max(-x, 0.0) + std::log1p(std::exp(-std::fabs(x)));  // softplus(-x)
  Value loss{(1 - target) * (low + x) + positive_weight * target * low,
             (1 - target) * p - positive_weight * target * (1 - p)};
  if (gamma == 0) return loss;
  constexpr double kAlpha = 0.25;
  const double alpha = target * kAlpha + (1 - target) * (1 - kAlpha);
  const double missed = 1 - (target * p + (1 - target) * (1 - p));
  const double factor = alpha * std::pow(missed, gamma);
  const double factor_slope = alpha * gamma * std::pow(missed, gamma - 1) * (1 - 2 * target) * p * (1 - p);
  return {loss.value * factor, loss.slope * factor + loss.value * factor_slope};
}

}  // namespace saker::losses
