// For the tests of model/openvino_ir: import what an IrWriter wrote, and run it with the reference evaluators.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "graph/op_def.h"
#include "graph/ops/convert.h"
#include "graph/verifier.h"
#include "model/openvino_ir/importer.h"
#include "support/ir_writer.h"

namespace saker::openvino_ir {

using test_support::IrWriter;
using Ref = IrWriter::Ref;

inline Result<ImportedModel> import(const IrWriter& ir) {
  return import_model(test_support::file_bytes(ir.xml()), test_support::file_bytes(ir.bin()));
}

inline Graph must_import(const IrWriter& ir) {
  auto model = import(ir);
  EXPECT_TRUE(model.ok()) << model.error().message;
  if (!model.ok()) return {};
  const Status sound = verify(model->graph);
  EXPECT_TRUE(sound.ok()) << sound.error().message;
  return std::move(model->graph);
}

inline std::string error_of(const IrWriter& ir) {
  const auto model = import(ir);
  if (model.ok()) return "";
  EXPECT_NE(model.error().code, ErrorCode::kInternal);
  return model.error().message;
}

inline bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::size_t count(const Graph& graph, Op op) {
  return static_cast<std::size_t>(std::ranges::count(graph.nodes, op, &Node::op));
}

inline const Node* find(const Graph& graph, Op op) {
  const auto found = std::ranges::find(graph.nodes, op, &Node::op);
  return found == graph.nodes.end() ? nullptr : &*found;
}

// The first output as floats; inputs in their order, of the shapes they declare.
inline std::vector<float> run(const Graph& graph, const std::vector<std::vector<float>>& inputs) {
  std::map<ValueId, Tensor> known;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    Shape shape;
    for (const DeclaredDim& dim : graph.declared_inputs[i]) shape.push_back(dim.size);
    Tensor tensor = Tensor::make(DType::kFloat32, shape).value();
    std::ranges::copy(inputs[i], tensor.data<float>());
    known[graph.inputs[i]] = ops::converted(tensor, graph.value(graph.inputs[i]).dtype).value();
  }
  const auto tensor_of = [&](ValueId id) {
    return graph.value(id).constant ? *graph.value(id).constant : known.at(id);
  };
  for (const Node& node : graph.nodes) {
    std::vector<Tensor> tensors;
    for (const ValueId id : node.inputs) tensors.push_back(id == kNoValue ? Tensor() : tensor_of(id));
    std::vector<const Tensor*> pointers;
    for (std::size_t i = 0; i < tensors.size(); ++i)
      pointers.push_back(node.inputs[i] == kNoValue ? nullptr : &tensors[i]);
    auto results = evaluate(node, pointers);
    EXPECT_TRUE(results.ok()) << results.error().message;
    if (!results.ok()) return {};
    for (std::size_t i = 0; i < node.outputs.size(); ++i) known[node.outputs[i]] = (*results)[i];
  }
  if (graph.outputs.empty()) return {};
  const Tensor out = ops::converted(tensor_of(graph.outputs[0]), DType::kFloat32).value();
  return {out.data<float>(), out.data<float>() + out.elements()};
}

inline std::vector<float> run(const IrWriter& ir, const std::vector<std::vector<float>>& inputs) {
  return run(must_import(ir), inputs);
}

}  // namespace saker::openvino_ir
