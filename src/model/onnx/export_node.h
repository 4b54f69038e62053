// The attributes of a node in ONNX's form, for exporter.cc.
#pragma once

#include <vector>

#include "base/wire_writer.h"
#include "graph/graph.h"

namespace saker::onnx {

std::int64_t onnx_type(DType dtype);  // TensorProto.DataType

struct ExportedNode {
  std::vector<WireWriter> attributes;  // AttributeProtos
  std::size_t inputs = SIZE_MAX;       // how many of the node's inputs are written: some are attributes in the opset
};

// Error kUnsupported: the opset has no such node.
Result<ExportedNode> export_node(const Graph& graph, const Node& node, std::int64_t opset);

}  // namespace saker::onnx
