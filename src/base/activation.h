// The activations a convolution can apply before it stores: the graph names them, kernels compute them.
#pragma once

#include <cstdint>

namespace saker {

//   kRelu         max(x, 0)
//   kLeakyRelu    x < 0 ? alpha * x : x
//   kClip         min(max(x, alpha), beta)
//   kSigmoid      1 / (1 + exp(-x))
//   kSilu         x * sigmoid(x)                      (Elfwing et al. 2017)
//   kHardSigmoid  min(max(alpha * x + beta, 0), 1)
//   kHardSwish    x * min(max(x / 6 + 1/2, 0), 1)     (Howard et al. 2019, MobileNetV3)
enum class ActivationKind : std::uint8_t { kNone, kRelu, kLeakyRelu, kClip, kSigmoid, kSilu, kHardSwish, kHardSigmoid };

struct Activation {
  ActivationKind kind = ActivationKind::kNone;
  float alpha = 0;
  float beta = 0;
  bool operator==(const Activation&) const = default;
};

// Those that 8-bit layers apply after their sums, with the same bits on every ISA level; others stay nodes of their
// own.
inline bool int8_can_apply(ActivationKind kind) {
  return kind != ActivationKind::kSigmoid && kind != ActivationKind::kHardSigmoid;
}

}  // namespace saker
