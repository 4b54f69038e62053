// Which activation a node computes, for fusing it into a convolution or running it alone.
#pragma once

#include <optional>

#include "graph/graph.h"

namespace saker {

// Empty when the node is no activation, or a Clip whose bounds are not float32 constants.
std::optional<Activation> activation_of(const Graph& graph, const Node& node);

// Whether it is an operator of those, whatever its bounds.
bool is_activation(Op op);

// The value of a one-element float32 constant.
std::optional<float> scalar_constant(const Graph& graph, ValueId id);

}  // namespace saker
