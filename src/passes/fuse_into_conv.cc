// Activations and residual additions into the convolution whose result only they read. The fused
// node takes the later node's place, so that everything it reads stands before it. Activations also join a convolution
// whose result they read reshaped or transposed.
#include "graph/activation_of.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// The convolution that makes `id` for one reader only and has no activation or residual that would
// have to come later; -1 otherwise.
std::int32_t open_conv(const Graph& graph, const Uses& uses, ValueId id, bool activation_allowed) {
  const std::int32_t index = uses.producer_of(id, Op::kConv);
  if (index < 0 || !uses.used_once(id) || graph.value(id).dtype != DType::kFloat32) return -1;
  const Node& conv = graph.nodes[static_cast<std::size_t>(index)];
  if (conv.inputs.size() > 3) return -1;
  return activation_allowed || conv.as<ConvAttrs>().activation.kind == ActivationKind::kNone ? index : -1;
}

bool is_reordering(Op op) {
  return op == Op::kReshape || op == Op::kFlatten || op == Op::kSqueeze || op == Op::kUnsqueeze || op == Op::kTranspose;
}

// What `id` is before it was reshaped and transposed for this one reader.
ValueId before_reordering(const Graph& graph, const Uses& uses, ValueId id) {
  for (std::int32_t i = uses.producer(id); i >= 0 && uses.used_once(id); i = uses.producer(id)) {
    const Node& node = graph.nodes[static_cast<std::size_t>(i)];
    if (!is_reordering(node.op)) break;
    id = node.inputs[0];
  }
  return id;
}

}  // namespace

Status fuse_activations(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dead(graph.nodes.size(), false);
  std::vector<ValueId> by = own_values(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    const auto activation = activation_of(graph, node);
    if (!activation) continue;
    const ValueId source = before_reordering(graph, uses, node.inputs[0]);
    const std::int32_t index = open_conv(graph, uses, source, false);
    if (index < 0 || dead[static_cast<std::size_t>(index)]) continue;
    if (source != node.inputs[0]) {
      std::get_if<ConvAttrs>(&graph.nodes[static_cast<std::size_t>(index)].attrs)->activation = *activation;
      by[static_cast<std::size_t>(node.outputs[0])] = node.inputs[0];
      dead[i] = true;
      continue;
    }
    Node fused = std::move(graph.nodes[static_cast<std::size_t>(index)]);
    dead[static_cast<std::size_t>(index)] = true;
    std::get_if<ConvAttrs>(&fused.attrs)->activation = *activation;
    fused.outputs = node.outputs;
    node = std::move(fused);
  }
  for (Node& node : graph.nodes) replace(node.inputs, by);
  replace(graph.outputs, by);
  erase_nodes(graph, dead);
  return {};
}

Status fuse_residuals(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dead(graph.nodes.size(), false);
  for (Node& node : graph.nodes) {
    if (node.op != Op::kAdd) continue;
    std::int32_t best = -1;
    std::size_t side = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const Value& sum = graph.value(node.outputs[0]);
      const Value& other = graph.value(node.inputs[1 - i]);
      const Value& own = graph.value(node.inputs[i]);
      // Same shapes only: no broadcasting in the kernels. The later of two convolutions takes the other's result.
      if (!sum.shape || !other.shape || !own.shape || *other.shape != *sum.shape || *own.shape != *sum.shape ||
          other.constant)
        continue;
      const std::int32_t index = open_conv(graph, uses, node.inputs[i], true);
      if (index > best && !dead[static_cast<std::size_t>(index)]) {
        best = index;
        side = i;
      }
    }
    if (best < 0) continue;
    const ValueId residual = node.inputs[1 - side];
    Node fused = std::move(graph.nodes[static_cast<std::size_t>(best)]);
    dead[static_cast<std::size_t>(best)] = true;
    fused.inputs.resize(3, kNoValue);
    fused.inputs.push_back(residual);
    fused.outputs = node.outputs;
    node = std::move(fused);
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace saker
