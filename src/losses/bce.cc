#include "losses/bce.h"

#include <algorithm>
#include <cmath>

#include "base/activation_math.h"
#include "losses/maps.h"

namespace saker::losses {
namespace {

constexpr std::int64_t kGathered = 256;  // numbers that lie apart are collected

}  // namespace

const LogitsKernel& chosen_kernel() {
  const Result<Isa> named = choose_isa("");
  return logits_kernel(named.ok() ? *named : best_isa());
}

double softplus_sum(const LogitsKernel& kernel, const MapView& map, std::int64_t picture, float scale) {
  double total = 0;
  for_each_run(map, picture, [&](std::int64_t offset, std::int64_t count, std::int64_t step) {
    const float* const values = map.values + offset;
    float* const gradients = map.gradients != nullptr ? map.gradients + offset : nullptr;
    if (step == 1) {
      total += kernel.softplus_sum(count, values, gradients, scale);
      return;
    }
    for (std::int64_t first = 0; first < count; first += kGathered) {
      const std::int64_t n = std::min(kGathered, count - first);
      float x[kGathered], g[kGathered];
      for (std::int64_t i = 0; i < n; ++i) x[i] = values[(first + i) * step];
      total += kernel.softplus_sum(n, x, gradients != nullptr ? g : nullptr, scale);
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
