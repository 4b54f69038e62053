#include "model/onnx/export_function.h"

#include <fmt/format.h>

#include <numbers>

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

}  // namespace

Result<Graph> in_basic_operators(const Graph& graph) {
  Graph basic = graph;
  basic.nodes.clear();
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kGelu) {
      SAKER_TRY(Writer(basic, node).gelu());
    } else {
      basic.nodes.push_back(node);
    }
  }
  return basic;
}

}  // namespace saker::onnx
