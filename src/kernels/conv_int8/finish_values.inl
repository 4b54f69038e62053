// One vector of int32 sums to its values, whether its lanes are channels or pixels. Include after one vec_*.h and the
// bytes_*.h beside it, in kernel files only. The order of operations is that of conv_int8.h, to the last bit.
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {
namespace {

template <ActivationKind kKind>
inline Vec activate_exactly(Vec x, [[maybe_unused]] Vec alpha, [[maybe_unused]] Vec beta) {
  const Vec zero = Vec::broadcast(0);
  if constexpr (kKind == ActivationKind::kRelu) return max(x, zero);
  if constexpr (kKind == ActivationKind::kLeakyRelu) return select_negative(x, alpha * x, x);
  if constexpr (kKind == ActivationKind::kClip) return min(max(x, alpha), beta);
  if constexpr (kKind == ActivationKind::kSilu) return silu_by_quartics(x);
  if constexpr (kKind == ActivationKind::kHardSwish) {
    const Vec gate = fused(x, Vec::broadcast(1.0F / 6), Vec::broadcast(0.5F));
    return x * min(max(gate, zero), Vec::broadcast(1));
  }
  return x;
}

template <typename F>
inline void with_exact_activation(ActivationKind kind, F&& f) {
  switch (kind) {
    case ActivationKind::kRelu:
      return f.template operator()<ActivationKind::kRelu>();
    case ActivationKind::kLeakyRelu:
      return f.template operator()<ActivationKind::kLeakyRelu>();
    case ActivationKind::kClip:
      return f.template operator()<ActivationKind::kClip>();
    case ActivationKind::kSilu:
      return f.template operator()<ActivationKind::kSilu>();
    case ActivationKind::kHardSwish:
      return f.template operator()<ActivationKind::kHardSwish>();
    default:
      return f.template operator()<ActivationKind::kNone>();
  }
}

// parameter(pointer to the layer's): those of the vector's lanes. They stay in registers.
template <ActivationKind kKind, bool kScaled, bool kResidual>
struct ValueFinish {
  template <typename Parameter>
  ValueFinish(const ConvInt8Args& args, Parameter&& parameter)
      : multiplier(parameter(args.finish.multiplier)),
        bias(parameter(args.finish.bias)),
        scale(kScaled ? parameter(args.finish.out_scale) : Vec::broadcast(1)),
        offset(kScaled ? parameter(args.finish.out_offset) : Vec::broadcast(0)),
        residual_scale(kResidual ? parameter(args.finish.residual_scale) : Vec::broadcast(0)),
        alpha(Vec::broadcast(args.activation.alpha)),
        beta(Vec::broadcast(args.activation.beta)) {}

  // sums and residual as floats.
  inline Vec operator()(Vec sums, [[maybe_unused]] Vec residual) const {
    Vec v = activate_exactly<kKind>(fused(sums, multiplier, bias), alpha, beta);
    if constexpr (kScaled) v = fused(v, scale, offset);
    if constexpr (kResidual) v = fused(residual, residual_scale, v);
    return v;
  }

  Vec multiplier, bias, scale, offset, residual_scale, alpha, beta;
};

// f.operator()<kScaled, kResidual>(): a residual is scaled.
template <typename F>
inline void with_steps(const ConvInt8Args& args, F&& f) {
  if (args.residual_bytes != nullptr) return f.template operator()<true, true>();
  if (args.finish.out_scale != nullptr) return f.template operator()<true, false>();
  f.template operator()<false, false>();
}

}  // namespace
}  // namespace saker
