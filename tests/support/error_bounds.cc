// Graphs run by the reference evaluators, and error bounds carried through them.
#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "graph/op_def.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

constexpr double kUnit = 0x1p-24;  // one rounding, relative

using Tensors = std::vector<Tensor>;

std::vector<const Tensor*> pointers(const Node& node, const Tensors& values) {
  std::vector<const Tensor*> result;
  for (const ValueId id : node.inputs)
    result.push_back(id == kNoValue ? nullptr : &values[static_cast<std::size_t>(id)]);
  return result;
}

Tensors run(const Node& node, const std::vector<const Tensor*>& inputs) {
  auto outputs = evaluate(node, inputs);
  SAKER_CHECK(outputs.ok());
  return std::move(*outputs);
}

// All values of the graph; `visit` sees each node with its results.
template <typename Visit>
Tensors run_all(const Graph& graph, const Tensors& inputs, Visit&& visit) {
  Tensors values(graph.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (graph.values[i].constant) values[i] = *graph.values[i].constant;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) values[static_cast<std::size_t>(graph.inputs[i])] = inputs[i];
  for (const Node& node : graph.nodes) {
    Tensors outputs = run(node, pointers(node, values));
    visit(node, values, outputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue) values[static_cast<std::size_t>(node.outputs[i])] = outputs[i];
    }
  }
  return values;
}

template <typename F>
Tensor mapped(const Tensor& x, F&& f) {
  Tensor y = Tensor::make(DType::kFloat32, x.shape()).value();
  for (std::int64_t i = 0; i < x.elements(); ++i)
    y.data<float>()[i] = static_cast<float>(f(static_cast<double>(x.data<float>()[i])));
  return y;
}

template <typename F>
Tensor zipped(const Tensor& a, const Tensor& b, F&& f) {
  SAKER_CHECK(a.elements() == b.elements());
  Tensor y = Tensor::make(DType::kFloat32, a.shape()).value();
  for (std::int64_t i = 0; i < a.elements(); ++i)
    y.data<float>()[i] =
        static_cast<float>(f(static_cast<double>(a.data<float>()[i]), static_cast<double>(b.data<float>()[i])));
  return y;
}

Tensor absolute(const Tensor& x) {
  return x.dtype() == DType::kFloat32 ? mapped(x, [](double v) { return std::fabs(v); }) : x;
}

Tensor sum(const Tensor& a, const Tensor& b) {
  return zipped(a, b, [](double x, double y) { return x + y; });
}

Tensor binary(Op op, const Tensor& a, const Tensor& b) {
  return run(Node{op, "bound", {0, 1}, {2}, {}}, {&a, &b})[0];
}

Tensor squared(const Tensor& x) {
  return x.dtype() == DType::kFloat32 ? mapped(x, [](double v) { return v * v; }) : x;
}

bool is_zero(const Tensor& x) {
  return std::all_of(x.data<float>(), x.data<float>() + x.elements(), [](float e) { return e == 0; });
}

// Products and sums of products: depth * 2^-24 * sum of magnitudes of their own. The errors of the
// inputs are independent, so of those the squares add up: worst cases would grow by the sum of
// |weights| in every layer and allow everything after ten.
Tensor product_bound(Node node, std::vector<const Tensor*> inputs, const Tensors& errors, double depth) {
  Tensors positive;
  for (const Tensor* input : inputs) positive.push_back(absolute(*input));
  std::vector<const Tensor*> magnitude;
  for (const Tensor& x : positive) magnitude.push_back(&x);
  Tensor bound = mapped(run(node, magnitude)[0], [&](double m) { return depth * kUnit * m; });
  for (std::size_t i = 0; i < 2; ++i) {
    if (is_zero(errors[i])) continue;
    Tensors squares = {squared(i == 0 ? errors[0] : *inputs[0]), squared(i == 1 ? errors[1] : *inputs[1])};
    const Tensor carried = run(node, {&squares[0], &squares[1]})[0];  // a bias is exact
    bound = zipped(bound, carried, [](double own, double e) { return own + std::sqrt(e); });
  }
  return bound;
}

// Averages and blends.
Tensor linear_bound(const Node& node, std::vector<const Tensor*> inputs, const Tensors& errors, double depth) {
  const Tensor positive = absolute(*inputs[0]);
  inputs[0] = &positive;
  const Tensor own = mapped(run(node, inputs)[0], [&](double m) { return depth * kUnit * m; });
  inputs[0] = &errors[0];
  return sum(own, run(node, inputs)[0]);
}

double reduced_extent(const Tensor& in, const Tensor& out) {
  return static_cast<double>(in.elements()) / std::max(1.0, static_cast<double>(out.elements()));
}

// Errors of exp and the reciprocal (kernels/simd/math.inl): 1e-6 relative, 2^-23 |x| for the rounded exponent.
Tensor activation_bound(const Node& node, const Tensor& x, const Tensor& error, const Tensor& y) {
  const double slope = node.op == Op::kHardSwish ? 1.5
                       : node.op == Op::kSilu    ? 1.1
                       : node.op == Op::kSigmoid ? 0.25
                                                 : 1;
  Tensor own = zipped(x, y, [&](double in, double out) {
    return (2e-6 + 4 * kUnit * std::fabs(in)) * std::fabs(out) +
           4 * kUnit * (node.op == Op::kHardSigmoid || node.op == Op::kHardSwish ? std::fabs(in) + 1 : 0) + 0x1p-120;
  });
  return zipped(own, error, [&](double a, double e) { return a + slope * e; });
}

Tensor softmax_bound(const Node& node, const Tensor& x, const Tensor& error, const Tensor& y) {
  double widest = 0;
  double highest = 0;
  for (std::int64_t i = 0; i < x.elements(); ++i)
    widest = std::max(widest, std::fabs(static_cast<double>(x.data<float>()[i])));
  for (std::int64_t i = 0; i < error.elements(); ++i)
    highest = std::max(highest, static_cast<double>(error.data<float>()[i]));
  const std::int64_t axis = node.as<SoftmaxAttrs>().axis;
  const auto rank = static_cast<std::int64_t>(x.shape().size());
  const double n = static_cast<double>(x.shape()[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)]);
  // d y / y <= 2 max |d x|; two exps and n additions of its own.
  return mapped(y,
                [&](double p) { return p * (2 * highest + 2e-6 + 8 * kUnit * widest + (n + 4) * kUnit) + 0x1p-120; });
}

Tensor bound_of(const Node& node, const std::vector<const Tensor*>& in, const Tensors& e, const Tensor& y) {
  switch (node.op) {
    case Op::kConv: {
      const auto* w = in[1];
      const double taps = static_cast<double>(w->elements()) / static_cast<double>(w->shape()[0]);
      return product_bound(node, in, e, taps + 6);  // 6: what folding a batch normalization rounds
    }
    case Op::kMatMul:
      return product_bound(node, in, e, static_cast<double>(in[0]->shape().back()) + 2);
    case Op::kAveragePool:
    case Op::kGlobalAveragePool:
    case Op::kReduceMean:
    case Op::kReduceSum:
      return linear_bound(node, in, e, reduced_extent(*in[0], y) + 4);
    case Op::kResize:
      return linear_bound(node, in, e, node.as<ResizeAttrs>().mode == ResizeMode::kNearest ? 0 : 12);
    case Op::kBatchNormalization: {
      // |a| e + roundings of a x, a mean and the shift; a by running the operator on 1 and 0.
      const Tensor mean = mapped(*in[3], [](double v) { return -std::fabs(v); });
      const Tensor zero = mapped(*in[3], [](double) { return 0.0; });
      const Tensor scale = absolute(*in[1]);
      const Tensor shift = absolute(*in[2]);
      const Tensor x = absolute(*in[0]);
      const Tensor magnitude = run(node, {&x, &scale, &shift, &mean, in[4]})[0];
      const Tensor carried = run(node, {&e[0], &scale, &zero, &zero, in[4]})[0];
      return zipped(magnitude, carried, [](double m, double c) { return 8 * kUnit * m + c; });
    }
    case Op::kAdd:
    case Op::kSub:
      return sum(binary(Op::kAdd, e[0], e[1]), mapped(y, [](double v) { return kUnit * std::fabs(v); }));
    case Op::kMul: {
      const Tensor a = absolute(*in[0]);
      const Tensor b = absolute(*in[1]);
      const Tensor crossed = sum(binary(Op::kMul, a, e[1]), binary(Op::kMul, e[0], sum(b, e[1])));
      return sum(crossed, mapped(y, [](double v) { return 2 * kUnit * std::fabs(v); }));
    }
    case Op::kDiv:  // by constants
      return sum(binary(Op::kDiv, e[0], absolute(*in[1])),
                 mapped(y, [](double v) { return 2 * kUnit * std::fabs(v); }));
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kHardSigmoid:
    case Op::kHardSwish:
      return activation_bound(node, *in[0], e[0], y);
    case Op::kRelu:
    case Op::kLeakyRelu:
    case Op::kClip:
      return zipped(y, e[0], [](double v, double d) { return d + kUnit * std::fabs(v); });
    case Op::kMin:
    case Op::kMax: {  // picks one of its inputs
      Tensor bound = e[0];
      for (std::size_t i = 1; i < e.size(); ++i) bound = binary(Op::kMax, bound, e[i]);
      return bound;
    }
    case Op::kSoftmax:
      return softmax_bound(node, *in[0], e[0], y);
    default: {  // moves numbers or picks one of them: so do the errors
      std::vector<const Tensor*> moved = in;
      bool any = false;
      for (std::size_t i = 0; i < in.size(); ++i) {
        if (in[i] == nullptr || in[i]->dtype() != DType::kFloat32) continue;
        moved[i] = &e[i];
        any = true;
      }
      return any ? run(node, moved)[0] : mapped(y, [](double) { return 0.0; });
    }
  }
}

}  // namespace

std::vector<Tensor> evaluate_graph(const Graph& graph, const std::vector<Tensor>& inputs) {
  const Tensors values = run_all(graph, inputs, [](const Node&, const Tensors&, const Tensors&) {});
  Tensors outputs;
  for (const ValueId id : graph.outputs) outputs.push_back(values[static_cast<std::size_t>(id)]);
  return outputs;
}

std::vector<Tensor> error_bounds(const Graph& graph, const std::vector<Tensor>& inputs) {
  Tensors errors(graph.values.size());
  const auto zero = [](const Tensor& x) {
    return x.dtype() == DType::kFloat32 ? mapped(x, [](double) { return 0.0; }) : Tensor();
  };
  run_all(graph, inputs, [&](const Node& node, const Tensors& values, const Tensors& outputs) {
    Tensors e;
    for (const ValueId id : node.inputs) {
      const auto i = static_cast<std::size_t>(id);
      if (id != kNoValue && errors[i].raw() == nullptr) errors[i] = zero(values[i]);
      e.push_back(id == kNoValue ? Tensor() : errors[i]);
    }
    if (node.op == Op::kSplit) {
      std::vector<const Tensor*> moved = pointers(node, values);
      moved[0] = &e[0];
      const Tensors parts = run(node, moved);
      for (std::size_t i = 0; i < parts.size(); ++i) errors[static_cast<std::size_t>(node.outputs[i])] = parts[i];
      return;
    }
    if (outputs[0].dtype() != DType::kFloat32) return;
    errors[static_cast<std::size_t>(node.outputs[0])] = bound_of(node, pointers(node, values), e, outputs[0]);
  });
  Tensors bounds;
  for (const ValueId id : graph.outputs) bounds.push_back(errors[static_cast<std::size_t>(id)]);
  return bounds;
}

std::string compare_outputs(const std::vector<Tensor>& got, const std::vector<Tensor>& expected,
                            const std::vector<Tensor>& bounds) {
  if (got.size() != expected.size()) return "another number of outputs";
  for (std::size_t k = 0; k < got.size(); ++k) {
    const std::string where = "output " + std::to_string(k);
    if (got[k].dtype() != expected[k].dtype()) return where + " has another type";
    if (got[k].shape() != expected[k].shape())
      return where + " is " + to_string(got[k].shape()) + ", not " + to_string(expected[k].shape());
    for (std::int64_t i = 0; i < got[k].elements() && got[k].dtype() == DType::kFloat32; ++i) {
      const double a = static_cast<double>(got[k].data<float>()[i]);
      const double b = static_cast<double>(expected[k].data<float>()[i]);
      const double bound = bounds[k].raw() == nullptr ? 0 : 2 * static_cast<double>(bounds[k].data<float>()[i]);
      if (std::fabs(a - b) <= bound) continue;
      return where + "[" + std::to_string(i) + "] is " + std::to_string(a) + " instead of " + std::to_string(b) +
             " +- " + std::to_string(bound);
    }
  }
  return "";
}

}  // namespace saker
