// The operator-oriented form of 8-bit graphs, for exporter.cc: one QLinear operator in place of DequantizeLinear, a
// float operator and QuantizeLinear.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace saker::onnx {

// How a node is written that Graph has no operator for. Its outputs and attributes are the node's.
struct QLinearForm {
  const char* op = nullptr;  // null: as the node itself says
  const char* domain = "";
  std::vector<ValueId> inputs{};
};

struct QLinearGraph {
  Graph graph;                     // to be written only: nodes with a form give bytes and no floats
  std::vector<QLinearForm> forms;  // parallel to graph.nodes
};

// Of scales and zero points of whole tensors, uint8; what has others stays as it is. Results are the same but for the
// biases, which become integers of scale x_scale * w_scale.
QLinearGraph to_qlinear(Graph graph);

}  // namespace saker::onnx
