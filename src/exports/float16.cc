// float32 to float16, everywhere but where ONNX wants float32: the scales of Resize and of quantization.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/half.h"
#include "base/text.h"
#include "base/try.h"
#include "exports/export.h"
#include "graph/op_def.h"

namespace saker {
namespace {

bool stays_float32(const Node& node, std::size_t input) {
  if (node.op == Op::kResize) return input > 0;
  if (node.op == Op::kQuantizeLinear || node.op == Op::kDequantizeLinear || node.op == Op::kDynamicQuantizeLinear)
    return true;
  return node.op == Op::kNonMaxSuppression;
}

Result<Tensor> narrowed(const Value& value) {
  const Tensor& wide = *value.constant;
  SAKER_ASSIGN(Tensor half, Tensor::make(DType::kFloat16, wide.shape()));
  for (std::int64_t i = 0; i < wide.elements(); ++i) {
    const float number = wide.data<float>()[i];
    half.data<std::uint16_t>()[i] = float_to_half(number);
    if (std::isfinite(number) && !std::isfinite(half_to_float(half.data<std::uint16_t>()[i]))) {
      return Error{ErrorCode::kInvalid, fmt::format("{} of '{}' is larger than float16 can say: export it in float32",
                                                    number, printable_name(value.name))};
    }
  }
  return half;
}

// Constants that some node reads as float32 and others do not are two.
Status narrow_constants(Graph& graph) {
  std::vector<ValueId> half(graph.values.size(), kNoValue);
  for (Node& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue || stays_float32(node, i) || !graph.value(id).constant ||
          graph.value(id).dtype != DType::kFloat32)
        continue;
      ValueId& narrow = half[static_cast<std::size_t>(id)];
      if (narrow == kNoValue) {
        SAKER_ASSIGN(Tensor tensor, narrowed(graph.value(id)));
        narrow = graph.add_constant(graph.value(id).name, std::move(tensor));
      }
      node.inputs[i] = narrow;
    }
  }
  return {};
}

Status narrow_attributes(Node& node) {
  if (auto* cast = std::get_if<CastAttrs>(&node.attrs); cast != nullptr && cast->to == DType::kFloat32)
    cast->to = DType::kFloat16;
  if (auto* filled = std::get_if<ConstantOfShapeAttrs>(&node.attrs);
      filled != nullptr && filled->value.dtype() == DType::kFloat32) {
    SAKER_ASSIGN(filled->value, narrowed(Value{node.name, DType::kFloat32, {}, filled->value}));
  }
  return {};
}

// What must stay float32 gets it by a Cast, and hands on float16.
void cast_around(Graph& graph, Node node, std::vector<Node>& nodes) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId id = node.inputs[i];
    if (id == kNoValue || graph.value(id).constant || !stays_float32(node, i) ||
        graph.value(id).dtype != DType::kFloat16)
      continue;
    const ValueId wide = graph.add_value(graph.value(id).name + ".float32", DType::kFloat32);
    nodes.push_back({Op::kCast, node.name + ".widened", {id}, {wide}, CastAttrs{DType::kFloat32}});
    node.inputs[i] = wide;
  }
  if (node.op != Op::kDequantizeLinear) {
    nodes.push_back(std::move(node));
    return;
  }
  const ValueId out = node.outputs[0];
  const ValueId wide = graph.add_value(graph.value(out).name + ".float32", DType::kFloat32);
  node.outputs[0] = wide;
  const std::string name = node.name;
  nodes.push_back(std::move(node));
  nodes.push_back({Op::kCast, name + ".narrowed", {wide}, {out}, CastAttrs{DType::kFloat16}});
}

// The network computes with another value of float16 in place of this input or output, which is float32 again.
ValueId inner_value(Graph& graph, ValueId id) {
  const Value outer = graph.value(id);
  const ValueId inner = graph.add_value(outer.name + ".float16", DType::kFloat16);
  graph.value(inner).shape = outer.shape;
  graph.value(id).dtype = DType::kFloat32;
  return inner;
}

std::vector<ValueId> float32_of(const Graph& graph, std::vector<ValueId> ids) {
  std::erase_if(ids, [&](ValueId id) { return graph.value(id).dtype != DType::kFloat32 || graph.value(id).constant; });
  return ids;
}

void widen_ends(Graph& graph, const std::vector<ValueId>& inputs, const std::vector<ValueId>& outputs) {
  std::vector<Node> first, last;
  for (const ValueId id : outputs) {
    if (std::ranges::find(inputs, id) != inputs.end()) continue;  // as it came
    const ValueId inner = inner_value(graph, id);
    for (Node& node : graph.nodes) {
      std::ranges::replace(node.inputs, id, inner);
      std::ranges::replace(node.outputs, id, inner);
    }
    last.push_back({Op::kCast, graph.value(id).name + ".widened", {inner}, {id}, CastAttrs{DType::kFloat32}});
  }
  for (const ValueId id : inputs) {
    const ValueId inner = inner_value(graph, id);
    for (Node& node : graph.nodes) std::ranges::replace(node.inputs, id, inner);
    first.push_back({Op::kCast, graph.value(id).name + ".narrowed", {id}, {inner}, CastAttrs{DType::kFloat16}});
  }
  graph.nodes.insert(graph.nodes.begin(), first.begin(), first.end());
  graph.nodes.insert(graph.nodes.end(), last.begin(), last.end());
}

}  // namespace

Status to_float16(Graph& graph, bool float32_ends) {
  const std::vector<ValueId> inputs = float32_of(graph, graph.inputs), outputs = float32_of(graph, graph.outputs);
  SAKER_TRY(narrow_constants(graph));
  for (Value& value : graph.values) {
    if (!value.constant && value.dtype == DType::kFloat32) value.dtype = DType::kFloat16;
  }
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    SAKER_TRY(narrow_attributes(node));
    cast_around(graph, std::move(node), nodes);
  }
  graph.nodes = std::move(nodes);
  if (float32_ends) widen_ends(graph, inputs, outputs);
  for (const Node& node : graph.nodes) SAKER_TRY(infer_node(graph, node));
  return {};
}

}  // namespace saker
