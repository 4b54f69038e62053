// What a model does to the numbers of an input before anything else.
#pragma once

#include <saker/model.h>

#include <cstddef>
#include <optional>
#include <string>

namespace saker {

// x * scale + offset, of the channel where each is largest; the order of axes and the type may have changed as well.
struct InputArithmetic {
  float scale = 1, offset = 0;
  std::string nodes;      // "Div, Sub"; empty: nothing
  bool reversed = false;  // the channels come out in reverse
};

// Of an input [N, C, H, W], or with the channels at another axis. Followed while one node alone reads the value, and
// reverses the channels, or adds, subtracts, multiplies or divides by constants of one number, or of one for each of a
// few channels. Empty: nothing of the kind, or the model is another engine's.
std::optional<InputArithmetic> leading_arithmetic(const Model& model, std::size_t input, std::size_t channel_axis = 1);

}  // namespace saker
