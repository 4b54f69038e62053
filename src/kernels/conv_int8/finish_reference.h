// What follows the sum of a convolution of 8-bit numbers, for the references.
#pragma once

#include "kernels/conv_int8/conv_int8.h"

namespace saker {

float int8_activation_reference(const Activation& activation, float x);
// Rounded half to even, clamped to 0..255.
std::uint8_t byte_reference(float v);

// Stores the result of one sum. finish is not packed.
void finish_reference(const ConvInt8Args& args, std::int32_t sum, std::int64_t n, std::int64_t y, std::int64_t x,
                      std::int64_t o);

}  // namespace saker
