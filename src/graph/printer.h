// The graph as text, one line a node, for `saker inspect` and for messages.
#pragma once

#include <string>

#include "graph/graph.h"

namespace saker {

std::string print(const Graph& graph);
// "Conv  kernel=3x3 stride=2x2 pads=1,1,1,1 silu"
std::string print_attributes(const Node& node);
// "%name:float32[1, 3, 640, 640]"
std::string print_value(const Graph& graph, ValueId id);
const char* activation_name(ActivationKind kind);

}  // namespace saker
