// What differs between the opsets that files are written in. The graph's operators are those of opset 20;
// export_node.cc writes their attributes.
#pragma once

#include <cstdint>

#include "graph/graph.h"

namespace saker::onnx {

// The graph with what the opset lacks, or has in another form, written as other nodes: Gelu, HardSwish before 14, parts
// of shapes before 15, and the inputs that Resize cannot do without before 13.
Result<Graph> for_opset(const Graph& graph, std::int64_t opset);

// Error kUnsupported: the operator came with a later opset.
Status check_since(const Graph& graph, const Node& node, std::int64_t opset);

}  // namespace saker::onnx
