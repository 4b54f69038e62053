// The activations one number at a time, by their formulas (base/activation.h).
#pragma once

#include "base/activation.h"

namespace saker {
float activation_reference(const Activation& activation, float x);
}
