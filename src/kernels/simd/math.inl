// exp, sigmoid and the activations on Vec. Include after one vec_*.h, in kernel files only.
#pragma once

#include "base/activation.h"

namespace saker {
namespace {

// 2^x for x in [-126, 126], relative error below 3e-7: x = n + f, |f| <= 1/2, 2^f by a polynomial of
// degree 6 (coefficients: Taylor's ln(2)^k / k!, error 1.4e-7 at |f| = 1/2), 2^n into the exponent.
inline Vec exp2(Vec x) {
  const Vec n = round(x);
  const Vec f = x - n;
  Vec p = Vec::broadcast(1.5403530e-4F);
  p = fma(p, f, Vec::broadcast(1.3333558e-3F));
  p = fma(p, f, Vec::broadcast(9.6181291e-3F));
  p = fma(p, f, Vec::broadcast(5.5504109e-2F));
  p = fma(p, f, Vec::broadcast(2.4022651e-1F));
  p = fma(p, f, Vec::broadcast(6.9314718e-1F));
  p = fma(p, f, Vec::broadcast(1.0F));
  return scale_by_power(p, n);
}

constexpr float kLog2E = 1.44269504F;

// exp(x), clamped to [2^-126, 2^126].
inline Vec exp(Vec x) {
  return exp2(min(max(x * Vec::broadcast(kLog2E), Vec::broadcast(-126)), Vec::broadcast(126)));
}

// 1 / (1 + exp(-x)), never below 2^-126. Inputs are trusted to be finite: NaN comes out as a number,
// and x * sigmoid(x) of a hugely negative x is x * 2^-126 (-1e-8 at -1e30), of -inf it is -inf.
inline Vec sigmoid(Vec x) {
  const Vec e = exp2(min(max(x * Vec::broadcast(-kLog2E), Vec::broadcast(-126)), Vec::broadcast(126)));
  return reciprocal(Vec::broadcast(1) + e);
}

template <ActivationKind kKind>
inline Vec activate(Vec x, [[maybe_unused]] Vec alpha, [[maybe_unused]] Vec beta) {
  const Vec zero = Vec::broadcast(0);
  const Vec one = Vec::broadcast(1);
  if constexpr (kKind == ActivationKind::kRelu) return max(x, zero);
  if constexpr (kKind == ActivationKind::kLeakyRelu) return select_negative(x, alpha * x, x);
  if constexpr (kKind == ActivationKind::kClip) return min(max(x, alpha), beta);
  if constexpr (kKind == ActivationKind::kSigmoid) return sigmoid(x);
  if constexpr (kKind == ActivationKind::kSilu) return x * sigmoid(x);
  if constexpr (kKind == ActivationKind::kHardSigmoid) return min(max(fma(x, alpha, beta), zero), one);
  if constexpr (kKind == ActivationKind::kHardSwish) {
    return x * min(max(fma(x, Vec::broadcast(1.0F / 6), Vec::broadcast(0.5F)), zero), one);
  }
  return x;
}

// Calls f.template operator()<kind>() for the kind: one switch outside the loops.
template <typename F>
inline void with_activation(ActivationKind kind, F&& f) {
  switch (kind) {
    case ActivationKind::kNone:
      return f.template operator()<ActivationKind::kNone>();
    case ActivationKind::kRelu:
      return f.template operator()<ActivationKind::kRelu>();
    case ActivationKind::kLeakyRelu:
      return f.template operator()<ActivationKind::kLeakyRelu>();
    case ActivationKind::kClip:
      return f.template operator()<ActivationKind::kClip>();
    case ActivationKind::kSigmoid:
      return f.template operator()<ActivationKind::kSigmoid>();
    case ActivationKind::kSilu:
      return f.template operator()<ActivationKind::kSilu>();
    case ActivationKind::kHardSwish:
      return f.template operator()<ActivationKind::kHardSwish>();
    case ActivationKind::kHardSigmoid:
      return f.template operator()<ActivationKind::kHardSigmoid>();
  }
}

}  // namespace
}  // namespace saker
