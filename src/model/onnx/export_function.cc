#include "model/onnx/export_function.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <optional>

#include "base/try.h"
#include "graph/ops/convert.h"

namespace saker::onnx {
namespace {

// Appends nodes whose result has the shape of x.
class Writer {
 public:
  Writer(Graph& graph, const Node& node) : graph_(graph), node_(node), x_(node.inputs[0]) {}

  // 0.5 x * (1 + erf(x / sqrt(2))), or with tanh(sqrt(2 / pi) * (x + 0.044715 x^3)) in place of erf.
  Status gelu() {
    const bool by_tanh = node_.as<GeluAttrs>().by_tanh;
    ValueId inner = x_;
    if (by_tanh) {
      const ValueId cube = step(Op::kMul, {step(Op::kMul, {x_, x_}, "square"), x_}, "cube");
      SAKER_ASSIGN(const ValueId part, scaled(cube, 0.044715, "cube_part"));
      inner = step(Op::kAdd, {x_, part}, "inner");
    }
    const double slope = by_tanh ? std::numbers::sqrt2 * std::numbers::inv_sqrtpi : 1 / std::numbers::sqrt2;
    SAKER_ASSIGN(inner, scaled(inner, slope, "scaled"));
    const ValueId bent = step(by_tanh ? Op::kTanh : Op::kErf, {inner}, "bent");
    SAKER_ASSIGN(const ValueId one, number(1, "one"));
    const ValueId gate = step(Op::kAdd, {bent, one}, "gate");
    SAKER_ASSIGN(const ValueId half, scaled(x_, 0.5, "half"));
    graph_.nodes.push_back({Op::kMul, node_.name, {half, gate}, node_.outputs, {}});
    return {};
  }

 private:
  ValueId step(Op op, std::vector<ValueId> inputs, const char* what) {
    const std::string name = fmt::format("{}.{}", node_.name, what);
    const ValueId id = graph_.add_value(name, graph_.value(x_).dtype);
    graph_.value(id).shape = graph_.value(x_).shape;
    graph_.nodes.push_back({op, name, std::move(inputs), {id}, {}});
    return id;
  }
  Result<ValueId> number(double value, const char* what) {
    SAKER_ASSIGN(Tensor wide, Tensor::make(DType::kFloat64, {}));
    *wide.data<double>() = value;
    SAKER_ASSIGN(Tensor tensor, ops::converted(wide, graph_.value(x_).dtype));
    return graph_.add_constant(fmt::format("{}.{}", node_.name, what), std::move(tensor));
  }
  Result<ValueId> scaled(ValueId x, double factor, const char* what) {
    SAKER_ASSIGN(const ValueId constant, number(factor, fmt::format("{}.factor", what).c_str()));
    return step(Op::kMul, {x, constant}, what);
  }

  Graph& graph_;
  const Node& node_;
  ValueId x_;
};

// The list of input `i` for all axes of x, of which `axes` has some; the others keep `rest`. Nothing: it is not
// constant.
template <typename T>
std::optional<std::vector<T>> for_all_axes(const Graph& graph, const Node& node, std::size_t i, std::vector<T> rest) {
  const auto& some = graph.value(node.inputs[i]).constant;
  const std::vector<std::int64_t>& axes = node.as<ResizeAttrs>().axes;
  if (!some || some->elements() != static_cast<std::int64_t>(axes.size())) return std::nullopt;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    const auto rank = static_cast<std::int64_t>(rest.size());
    const std::int64_t axis = axes[k] < 0 ? axes[k] + rank : axes[k];
    if (axis < 0 || axis >= rank) return std::nullopt;
    rest[static_cast<std::size_t>(axis)] = some->data<T>()[k];
  }
  return rest;
}

template <typename T>
Result<ValueId> add_list(Graph& graph, const std::string& name, DType dtype, const std::vector<T>& values) {
  SAKER_ASSIGN(Tensor list, Tensor::make(dtype, {static_cast<std::int64_t>(values.size())}));
  std::ranges::copy(values, list.data<T>());
  return graph.add_constant(name, std::move(list));
}

// Resize of some axes (opset 18) as one of all, where scales or sizes are constant and the shape is known. What is kept
// in proportion, or cut out, stays as it is.
Status resize_all_axes(Graph& graph, Node& node) {
  auto attrs = node.as<ResizeAttrs>();
  const std::optional<Shape> shape = graph.value(node.inputs[0]).shape;
  const bool plain = attrs.aspect == ResizeAspect::kStretch && attrs.coordinates != ResizeCoordinates::kTfCropAndResize;
  if (attrs.axes.empty() || !shape || !plain) return {};
  if (node.has_input(2)) {
    const auto scales = for_all_axes<float>(graph, node, 2, std::vector<float>(shape->size(), 1));
    if (!scales) return {};
    SAKER_ASSIGN(node.inputs[2], add_list(graph, node.name + ".scales", DType::kFloat32, *scales));
  } else {
    const auto sizes = node.has_input(3) ? for_all_axes<std::int64_t>(graph, node, 3, *shape) : std::nullopt;
    if (!sizes) return {};
    SAKER_ASSIGN(node.inputs[3], add_list(graph, node.name + ".sizes", DType::kInt64, *sizes));
  }
  attrs.axes.clear();
  node.attrs = std::move(attrs);
  return {};
}

}  // namespace

Result<Graph> in_basic_operators(const Graph& graph) {
  Graph basic = graph;
  basic.nodes.clear();
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kGelu) {
      SAKER_TRY(Writer(basic, node).gelu());
    } else {
      basic.nodes.push_back(node);
      if (node.op == Op::kResize) SAKER_TRY(resize_all_axes(basic, basic.nodes.back()));
    }
  }
  return basic;
}

}  // namespace saker::onnx
