// Binary cross-entropy of logits, bce(x, t) = softplus(x) - t x, with its derivative sigmoid(x) - t. Both are linear in
// the target t; so the many numbers of a head whose target is zero are summed without a look at targets, and the few
// others are put right afterwards.
#pragma once

#include <bit>
#include <cstdint>

#include "losses/loss.h"

namespace saker::losses {

// e^x for x <= 0, to 2 units in the last place: 2^n times a polynomial of the rest, fitted for the relative
// error (5e-9). Small enough to be vectorized; NaN stays NaN.
inline float exp_of_negative(float x) {
  constexpr float kRound = 12582912;  // 1.5 * 2^23: what is added to it is rounded to a whole number, its lowest bits
  x = x < -87.F ? -87.F : x;
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const float r = x - n * 0.693359375F - n * -2.12194440e-4F;  // ln 2 in two parts
  const float r2 = r * r;
  const float low = 4.999998539e-1F + 1.666648923e-1F * r, high = 4.166989837e-2F + 8.371905941e-3F * r;
  const float p = (1 + r) + r2 * (low + r2 * (high + r2 * 1.375002003e-3F));
  return p * std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) + 127U) << 23);
}

inline float sigmoid(float x) {
  const float e = exp_of_negative(x < 0 ? x : -x);
  return (x < 0 ? e : 1.F) / (1 + e);
}

// The sum of softplus over n neighbours; gradients, if not null, become `scale` times their sigmoids. The sum is not
// finite where a value is not.
double softplus_sum(const float* x, std::int64_t n, float* gradients, float scale);
// Over all numbers of a picture.
double softplus_sum(const MapView& map, std::int64_t picture, float scale);

// One element, with the variations that YOLOv5 has.
struct BinaryLoss {
  double positive_weight = 1;  // of what has a target
  double gamma = 0;            // > 0: focal loss (Lin et al. 2017), with alpha 0.25

  struct Value {
    double value = 0, slope = 0;  // the slope over x
  };
  Value operator()(double x, double target) const;
};

}  // namespace saker::losses
