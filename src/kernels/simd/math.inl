// exp, sigmoid and the activations on Vec. Include after one vec_*.h, in kernel files only.
#pragma once

#include "base/activation.h"

namespace saker {
namespace {

// 2^x for x <= 126, relative error below 2e-7, 0 or 2^-126 below -126: 2^floor(x) goes into the exponent, the rest
// through a polynomial, the minimax one of relative error 8.2e-8 on [0, 1] with p(0) = 1 (by Remez' exchange).
inline Vec exp2(Vec x) {
  const Vec f = fraction(x);
  Vec p = Vec::broadcast(1.867130082e-3F);
  p = fma(p, f, Vec::broadcast(9.017030284e-3F));
  p = fma(p, f, Vec::broadcast(5.579991315e-2F));
  p = fma(p, f, Vec::broadcast(2.401644501e-1F));
  p = fma(p, f, Vec::broadcast(6.931513118e-1F));
  p = fma(p, f, Vec::broadcast(1.0F));
  return scale_by_floor(p, x);
}

constexpr float kLog2E = 1.44269504F;

// exp(x), at most 2^126.
inline Vec exp(Vec x) {
  return exp2(min(x * Vec::broadcast(kLog2E), Vec::broadcast(126)));
}

// 1 / (1 + exp(-x)), never below 2^-126. Inputs are trusted to be finite: NaN comes out as a number,
// and x * sigmoid(x) of a hugely negative x is x * 2^-126 (-1e-8 at -1e30), of -inf it is -inf (without silu_by_table).
inline Vec sigmoid(Vec x) {
  const Vec e = exp2(min(x * Vec::broadcast(-kLog2E), Vec::broadcast(126)));
  return reciprocal(Vec::broadcast(1) + e);
}

template <typename V>
inline V silu(V x) {
  if constexpr (V::kSiluByTable) {
    return silu_by_table(x);
  } else {
    return x * sigmoid(x);
  }
}

template <ActivationKind kKind>
inline Vec activate(Vec x, [[maybe_unused]] Vec alpha, [[maybe_unused]] Vec beta) {
  const Vec zero = Vec::broadcast(0);
  const Vec one = Vec::broadcast(1);
  if constexpr (kKind == ActivationKind::kRelu) return max(x, zero);
  if constexpr (kKind == ActivationKind::kLeakyRelu) return select_negative(x, alpha * x, x);
  if constexpr (kKind == ActivationKind::kClip) return min(max(x, alpha), beta);
  if constexpr (kKind == ActivationKind::kSigmoid) return sigmoid(x);
  if constexpr (kKind == ActivationKind::kSilu) return silu(x);
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
