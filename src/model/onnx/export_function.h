// Operators that opset 17 does not have, written as the functions that they are.
#pragma once

#include "graph/graph.h"

namespace saker::onnx {

// The graph with Gelu in basic operators, and with Resize of some axes as of all; the graph itself if there is none.
Result<Graph> in_basic_operators(const Graph& graph);

}  // namespace saker::onnx
