// Convolution layers in words: "64x80x80 to 64, 3x3 stride 1 pad 1 silu". The same words mean the same time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/conv_node.h"

namespace saker {

// Pictures if more than one, channels, height, width, and so on. Weights and bias are not part of it.
std::string conv_key(const ConvNode& conv);

// Of one of its pictures, with what else a method is chosen by: what is left when only the batch differs.
std::string conv_key_of_one(const ConvNode& conv);

// Back again, without weights, with the same padding on opposite sides. Error kInvalid: what is wrong with the text.
Result<ConvNode> parse_conv_key(std::string_view text);

// The convolutions of a graph that has been through passes/, in its order; without those that only the reference
// evaluator takes.
Result<std::vector<ConvNode>> conv_layers(const Graph& graph);

}  // namespace saker
