// A node's inputs in the form the operators' own rules take (graph/ops), so that geometry is
// computed in one place for inference, evaluation and planning.
#pragma once

#include <memory>
#include <vector>

#include "graph/ops/common.h"

namespace saker {

struct NodeArgs {
  std::vector<ValueInfo> infos;
  std::vector<const ValueInfo*> pointers;
  std::vector<Value*> no_outputs;
  std::optional<InferContext> context;
  std::optional<ops::Args> args;
};

inline std::unique_ptr<NodeArgs> args_of(const Graph& graph, const Node& node) {
  auto result = std::make_unique<NodeArgs>();
  result->infos.resize(node.inputs.size());
  result->pointers.resize(node.inputs.size(), nullptr);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const Value& value = graph.value(node.inputs[i]);
    result->infos[i] = {value.dtype, value.shape ? &*value.shape : nullptr,
                        value.constant ? &*value.constant : nullptr};
    result->pointers[i] = &result->infos[i];
  }
  result->context.emplace(node, result->pointers, result->no_outputs);
  result->args.emplace(*result->context);
  return result;
}

}  // namespace saker
