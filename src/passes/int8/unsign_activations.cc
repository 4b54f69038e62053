// int8 activations become uint8: q + 128 of zero point + 128 stands for the same number. Only where nothing but
// DequantizeLinear reads the bytes.
#include "base/try.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

constexpr int kShift = 128;

Result<ValueId> shifted_zero_point(Graph& graph, const Node& node) {
  const Value& scale = graph.value(node.inputs[1]);
  SAKER_ASSIGN(Tensor zero, Tensor::make(DType::kUint8, *scale.shape));
  const std::int8_t* old = node.has_input(2) ? graph.value(node.inputs[2]).constant->data<std::int8_t>() : nullptr;
  for (std::int64_t i = 0; i < zero.elements(); ++i)
    zero.data<std::uint8_t>()[i] = static_cast<std::uint8_t>((old == nullptr ? 0 : old[i]) + kShift);
  return graph.add_constant(node.name + ".unsigned", std::move(zero));
}

bool has_constant_parameters(const Graph& graph, const Node& node) {
  if (!graph.value(node.inputs[1]).constant || node.as<AxisAttrs>().block != 0) return false;
  if (!node.has_input(2)) return true;
  const Value& zero = graph.value(node.inputs[2]);
  return zero.constant && zero.dtype == DType::kInt8 &&
         zero.constant->elements() == graph.value(node.inputs[1]).constant->elements();
}

Status unsign(Graph& graph, Node& node) {
  SAKER_ASSIGN(const ValueId zero, shifted_zero_point(graph, node));
  node.inputs.resize(2);
  node.inputs.push_back(zero);
  return {};
}

}  // namespace

Status unsign_activations(Graph& graph) {
  std::vector<std::vector<std::size_t>> readers(graph.values.size());
  std::vector<bool> fixed(graph.values.size(), false);  // read by something else
  for (const ValueId id : graph.outputs) fixed[static_cast<std::size_t>(id)] = true;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const bool dequantizes = node.op == Op::kDequantizeLinear && has_constant_parameters(graph, node);
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      if (node.inputs[k] == kNoValue) continue;
      const auto id = static_cast<std::size_t>(node.inputs[k]);
      if (dequantizes && k == 0) {
        readers[id].push_back(i);
      } else {
        fixed[id] = true;
      }
    }
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (node.op != Op::kQuantizeLinear || graph.value(node.outputs[0]).dtype != DType::kInt8) continue;
    const auto out = static_cast<std::size_t>(node.outputs[0]);
    if (fixed[out] || !has_constant_parameters(graph, node)) continue;
    SAKER_TRY(unsign(graph, node));
    graph.value(node.outputs[0]).dtype = DType::kUint8;
    for (const std::size_t reader : readers[out]) SAKER_TRY(unsign(graph, graph.nodes[reader]));
  }
  return {};
}

}  // namespace saker
