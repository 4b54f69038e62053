// Helpers of the tests of import and export: a file's text in, a graph out, the graph's results.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "graph/op_def.h"
#include "graph/verifier.h"
#include "model/onnx/importer.h"
#include "support/onnx_writer.h"

namespace saker::onnx {

inline Result<ImportedModel> import_text(const std::string& text) {
  auto memory = std::shared_ptr<std::byte>(new std::byte[text.size() + 1], std::default_delete<std::byte[]>());
  std::memcpy(memory.get(), text.data(), text.size());
  return import_model({memory, text.size()});
}

inline std::string import_error(const std::string& text) {
  const auto model = import_text(text);
  return model.ok() ? "" : model.error().message;
}

// The outputs by the reference evaluators, node after node.
inline std::vector<Tensor> results_of(const Graph& graph, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> values(graph.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (graph.values[i].constant) values[i] = *graph.values[i].constant;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) values[static_cast<std::size_t>(graph.inputs[i])] = inputs[i];
  for (const Node& node : graph.nodes) {
    std::vector<const Tensor*> in;
    for (const ValueId id : node.inputs) in.push_back(id == kNoValue ? nullptr : &values[static_cast<std::size_t>(id)]);
    auto outputs = evaluate(node, in);
    EXPECT_TRUE(outputs.ok()) << describe(node) << ": " << (outputs.ok() ? "" : outputs.error().message);
    if (!outputs.ok()) return {};
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) values[static_cast<std::size_t>(node.outputs[i])] = (*outputs)[i];
    }
  }
  std::vector<Tensor> results;
  for (const ValueId id : graph.outputs) results.push_back(values[static_cast<std::size_t>(id)]);
  return results;
}

}  // namespace saker::onnx
