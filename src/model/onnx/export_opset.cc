#include "model/onnx/export_opset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/try.h"
#include "graph/ops/common.h"
#include "model/onnx/export_attributes.h"
#include "model/onnx/export_function.h"
#include "model/onnx/exporter.h"

namespace saker::onnx {
namespace {

// Operators younger than opset 11 (https://onnx.ai/onnx/operators/), but for those that are written as others.
constexpr auto kSince = std::to_array<std::pair<Op, std::int64_t>>({
    {Op::kBitwiseAnd, 18},
    {Op::kBitwiseNot, 18},
    {Op::kBitwiseOr, 18},
    {Op::kBitwiseXor, 18},
    {Op::kTrilu, 14},
});

class Rewriter {
 public:
  Rewriter(Graph& graph, std::int64_t opset) : graph_(graph), opset_(opset) {}

  Status run(std::vector<Node> nodes) {
    for (Node& node : nodes) {
      if (node.op == Op::kHardSwish && opset_ < 14) {
        hard_swish(node);
      } else if (node.op == Op::kShape && opset_ < 15 && is_part(node.as<ShapeAttrs>())) {
        SAKER_TRY(part_of_shape(node));
      } else {
        if (node.op == Op::kResize && opset_ < 13) SAKER_TRY(complete_resize(node));
        graph_.nodes.push_back(std::move(node));
      }
    }
    return {};
  }

 private:
  static bool is_part(const ShapeAttrs& attrs) { return attrs.start != 0 || attrs.end != INT64_MAX; }

  // x * HardSigmoid(x), with a slope of 1/6.
  void hard_swish(const Node& node) {
    const Value& x = graph_.value(node.inputs[0]);
    const DType dtype = x.dtype;
    const ValueId gate = graph_.add_value(node.name + ".gate", dtype);
    graph_.value(gate).shape = graph_.value(node.inputs[0]).shape;
    graph_.nodes.push_back(
        {Op::kHardSigmoid, node.name + ".gate", {node.inputs[0]}, {gate}, HardSigmoidAttrs{1.0F / 6, 0.5F}});
    graph_.nodes.push_back({Op::kMul, node.name, {node.inputs[0], gate}, node.outputs, {}});
  }

  Result<ValueId> number(const std::string& name, std::int64_t value) {
    SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kInt64, {1}));
    *tensor.data<std::int64_t>() = value;
    return graph_.add_constant(name, std::move(tensor));
  }

  Status part_of_shape(const Node& node) {
    const auto& attrs = node.as<ShapeAttrs>();
    const ValueId all = graph_.add_value(node.name + ".all", DType::kInt64);
    graph_.nodes.push_back({Op::kShape, node.name + ".all", {node.inputs[0]}, {all}, ShapeAttrs{}});
    SAKER_ASSIGN(const ValueId start, number(node.name + ".start", attrs.start));
    SAKER_ASSIGN(const ValueId end, number(node.name + ".end", attrs.end));
    graph_.nodes.push_back({Op::kSlice, node.name, {all, start, end}, node.outputs, {}});
    return {};
  }

  // The region and the scales are not optional yet; without elements they say nothing.
  Status complete_resize(Node& node) {
    node.inputs.resize(std::max<std::size_t>(node.inputs.size(), 3), kNoValue);
    for (std::size_t i = 1; i < 3; ++i) {
      if (node.has_input(i)) continue;
      SAKER_ASSIGN(Tensor none, Tensor::make(DType::kFloat32, {0}));
      node.inputs[i] = graph_.add_constant(fmt::format("{}.none{}", node.name, i), std::move(none));
    }
    return {};
  }

  Graph& graph_;
  std::int64_t opset_;
};

}  // namespace

Result<Graph> for_opset(const Graph& graph, std::int64_t opset) {
  SAKER_ASSIGN(Graph basic, in_basic_operators(graph));
  std::vector<Node> nodes = std::exchange(basic.nodes, {});
  SAKER_TRY(Rewriter(basic, opset).run(std::move(nodes)));
  return basic;
}

Status check_since(const Graph& graph, const Node& node, std::int64_t opset) {
  const auto found = std::ranges::find(kSince, node.op, &std::pair<Op, std::int64_t>::first);
  std::int64_t since = found != kSince.end() ? found->second : is_layer(node) ? kExportOpset : 11;
  const bool of_floats = node.op == Op::kMax || node.op == Op::kMin || node.op == Op::kClip;
  if (of_floats && node.has_input(0) && !ops::contains(ops::kFloatTypes, graph.value(node.inputs[0]).dtype)) since = 12;
  if (opset >= since) return {};
  return Error{ErrorCode::kUnsupported, fmt::format("opset {} has no such operator, opset {} has", opset, since)};
}

}  // namespace saker::onnx
