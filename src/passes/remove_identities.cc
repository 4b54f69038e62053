#include <algorithm>

#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

bool all_equal(const Graph& graph, ValueId id, float wanted) {
  const auto& constant = graph.value(id).constant;
  if (!constant || constant->dtype() != DType::kFloat32) return false;
  const float* data = constant->data<float>();
  return std::all_of(data, data + constant->elements(), [&](float x) { return x == wanted; });
}

bool steps_are_positive(const Graph& graph, const Node& node) {
  if (node.inputs.size() < 5 || node.inputs[4] == kNoValue) return true;
  const auto& steps = graph.value(node.inputs[4]).constant;
  if (!steps) return false;
  for (std::int64_t i = 0; i < steps->elements(); ++i) {
    const std::int64_t step =
        steps->dtype() == DType::kInt64 ? steps->data<std::int64_t>()[i] : steps->data<std::int32_t>()[i];
    if (step <= 0) return false;
  }
  return true;
}

// The input that the node's only output equals, or kNoValue.
ValueId source_of(const Graph& graph, const Node& node) {
  if (node.outputs.size() != 1 || node.outputs[0] == kNoValue) return kNoValue;
  const Value& out = graph.value(node.outputs[0]);
  const auto same = [&](std::size_t i) {
    const Value& in = graph.value(node.inputs[i]);
    return in.dtype == out.dtype && in.shape && out.shape && *in.shape == *out.shape;
  };
  switch (node.op) {
    case Op::kIdentity:
      return node.inputs[0];
    case Op::kCast:
      return graph.value(node.inputs[0]).dtype == out.dtype ? node.inputs[0] : kNoValue;
    case Op::kReshape:
    case Op::kFlatten:
    case Op::kSqueeze:
    case Op::kUnsqueeze:
    case Op::kExpand:
    case Op::kTile:
    case Op::kSplit:
      return same(0) ? node.inputs[0] : kNoValue;
    case Op::kConcat:
      return node.inputs.size() == 1 ? node.inputs[0] : kNoValue;
    case Op::kSlice:
      return same(0) && steps_are_positive(graph, node) ? node.inputs[0] : kNoValue;
    case Op::kTranspose:
      return same(0) && std::ranges::is_sorted(node.as<TransposeAttrs>().perm) &&
                     !node.as<TransposeAttrs>().perm.empty()
                 ? node.inputs[0]
                 : kNoValue;
    case Op::kAdd:
    case Op::kMul: {
      const float neutral = node.op == Op::kAdd ? 0.0F : 1.0F;
      for (std::size_t i = 0; i < 2; ++i) {
        if (same(i) && all_equal(graph, node.inputs[1 - i], neutral)) return node.inputs[i];
      }
      return kNoValue;
    }
    default:
      return kNoValue;
  }
}

}  // namespace

Status remove_identities(Graph& graph) {
  std::vector<bool> dead(graph.nodes.size(), false);
  std::vector<ValueId> by = own_values(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    replace(graph.nodes[i].inputs, by);
    const ValueId source = source_of(graph, graph.nodes[i]);
    if (source == kNoValue) continue;
    by[static_cast<std::size_t>(graph.nodes[i].outputs[0])] = source;
    dead[i] = true;
  }
  replace(graph.outputs, by);
  erase_nodes(graph, dead);
  return {};
}

}  // namespace saker
