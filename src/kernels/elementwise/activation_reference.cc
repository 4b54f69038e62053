#include "kernels/elementwise/activation_reference.h"

#include <algorithm>
#include <cmath>

namespace saker {

float activation_reference(const Activation& activation, float x) {
  const auto sigmoid = [](float v) { return static_cast<float>(1.0 / (1.0 + std::exp(-static_cast<double>(v)))); };
  switch (activation.kind) {
    case ActivationKind::kNone:
      return x;
    case ActivationKind::kRelu:
      return std::max(x, 0.0F);
    case ActivationKind::kLeakyRelu:
      return x < 0 ? activation.alpha * x : x;
    case ActivationKind::kClip:
      return std::min(std::max(x, activation.alpha), activation.beta);
    case ActivationKind::kSigmoid:
      return sigmoid(x);
    case ActivationKind::kSilu:
      return x * sigmoid(x);
    case ActivationKind::kHardSigmoid:
      return std::min(std::max(activation.alpha * x + activation.beta, 0.0F), 1.0F);
    case ActivationKind::kHardSwish:
      return x * std::min(std::max(x / 6 + 0.5F, 0.0F), 1.0F);
  }
  return x;
}

}  // namespace saker
