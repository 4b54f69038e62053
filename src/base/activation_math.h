// The activation functions in double precision: what evaluators compute and kernels are compared with.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/activation.h"

namespace saker {

inline double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
inline double silu(double x) {
  return x * sigmoid(x);
}
inline double leaky_relu(double x, double slope) {
  return x < 0 ? slope * x : x;
}
inline double hard_sigmoid(double x, double slope, double offset) {
  return std::clamp(slope * x + offset, 0.0, 1.0);
}
inline double hard_swish(double x) {
  return x * hard_sigmoid(x, 1.0 / 6, 0.5);
}

inline double activate(const Activation& activation, double x) {
  const double alpha = static_cast<double>(activation.alpha);
  const double beta = static_cast<double>(activation.beta);
  switch (activation.kind) {
    case ActivationKind::kNone:
      return x;
    case ActivationKind::kRelu:
      return x < 0 ? 0 : x;
    case ActivationKind::kLeakyRelu:
      return leaky_relu(x, alpha);
    case ActivationKind::kClip:
      return std::min(std::max(x, alpha), beta);
    case ActivationKind::kSigmoid:
      return sigmoid(x);
    case ActivationKind::kSilu:
      return silu(x);
    case ActivationKind::kHardSwish:
      return hard_swish(x);
    case ActivationKind::kHardSigmoid:
      return hard_sigmoid(x, alpha, beta);
  }
  return x;
}

}  // namespace saker
