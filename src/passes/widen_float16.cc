// float16 / bfloat16 -> float32 inside the graph. x86 has no float16 arithmetic before AVX512-FP16;
// float32 is faster and closer to what the exporter trained.
#include "base/half.h"
#include "base/try.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

bool is_narrow(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}

Result<Tensor> widened(const Tensor& tensor) {
  SAKER_ASSIGN(Tensor wide, Tensor::make(DType::kFloat32, tensor.shape()));
  const auto* from = tensor.data<std::uint16_t>();
  float* to = wide.data<float>();
  const bool half = tensor.dtype() == DType::kFloat16;
  for (std::int64_t i = 0; i < tensor.elements(); ++i)
    to[i] = half ? half_to_float(from[i]) : bfloat16_to_float(from[i]);
  return wide;
}

Node cast_node(Graph& graph, ValueId from, ValueId to) {
  const Value& target = graph.value(to);
  return {Op::kCast, target.name + ".cast", {from}, {to}, CastAttrs{target.dtype}};
}

// A float32 copy of each narrow input takes its place inside the graph.
std::vector<Node> cast_inputs(Graph& graph, std::vector<ValueId>& by) {
  std::vector<Node> casts;
  for (const ValueId id : graph.inputs) {
    if (!is_narrow(graph.value(id).dtype)) continue;
    const ValueId wide = graph.add_value(graph.value(id).name + ".float32", DType::kFloat32);
    graph.value(wide).shape = graph.value(id).shape;
    by[static_cast<std::size_t>(id)] = wide;
    casts.push_back(cast_node(graph, id, wide));
  }
  for (Node& node : graph.nodes) replace(node.inputs, by);
  replace(graph.outputs, by);
  return casts;
}

}  // namespace

// Constants that nobody reads any more stay as they are: a checkpoint's weights, which Casts have read.
Status widen_float16(Graph& graph) {
  std::vector<DType> output_types;
  const std::vector<std::int32_t> uses = use_counts(graph);
  const auto is_left = [&](std::size_t i) { return graph.values[i].constant && uses[i] == 0; };
  bool any = false;
  for (std::size_t i = 0; i < graph.values.size(); ++i) any = any || (is_narrow(graph.values[i].dtype) && !is_left(i));
  if (!any) return {};
  for (const ValueId id : graph.outputs) output_types.push_back(graph.value(id).dtype);

  std::vector<ValueId> by = own_values(graph);
  std::vector<Node> nodes = cast_inputs(graph, by);
  for (std::size_t i = 0; i < by.size(); ++i) {
    Value& value = graph.values[i];
    if (!is_narrow(value.dtype) || by[i] != static_cast<ValueId>(i)) continue;  // inputs keep their type
    if (i < uses.size() && is_left(i)) continue;
    if (value.constant) {
      SAKER_ASSIGN(value.constant, widened(*value.constant));
    }
    value.dtype = DType::kFloat32;
  }
  for (Node& node : graph.nodes) {
    if (auto* cast = std::get_if<CastAttrs>(&node.attrs); cast != nullptr && is_narrow(cast->to))
      cast->to = DType::kFloat32;
    if (auto* fill = std::get_if<ConstantOfShapeAttrs>(&node.attrs);
        fill != nullptr && is_narrow(fill->value.dtype())) {
      SAKER_ASSIGN(fill->value, widened(fill->value));
    }
    nodes.push_back(std::move(node));
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    if (!is_narrow(output_types[i])) continue;
    const ValueId wide = graph.outputs[i];
    const ValueId narrow = graph.add_value(graph.value(wide).name + ".narrow", output_types[i]);
    nodes.push_back(cast_node(graph, wide, narrow));
    graph.outputs[i] = narrow;
  }
  graph.nodes = std::move(nodes);
  return infer_and_fold(graph);
}

}  // namespace saker
