#include "kernels/elementwise/activation_reference.h"

#include "base/activation_math.h"

namespace saker {

float activation_reference(const Activation& activation, float x) {
  return static_cast<float>(activate(activation, static_cast<double>(x)));
}

}  // namespace saker
