// Random graphs by the reference evaluators, with one bound for all elements of a value.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "graph/op_def.h"
#include "graph/ops/convert.h"
#include "support/random_graph.h"

namespace saker {
namespace {

constexpr double kUnit = 0x1p-23;

struct Known {
  Tensor tensor;
  double error = 0;    // INFINITY: nothing is known
  double highest = 0;  // magnitude
};

bool is_floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat64;
}

double magnitude(const Tensor& tensor) {
  if (!is_floating(tensor.dtype())) return 0;
  const Tensor wide = ops::converted(tensor, DType::kFloat64).value();
  double highest = 0;
  for (std::int64_t i = 0; i < wide.elements(); ++i) {
    const double x = std::fabs(wide.data<double>()[i]);
    if (!std::isfinite(x)) return INFINITY;
    highest = std::max(highest, x);
  }
  return highest;
}

// The largest sum of magnitudes over the rows of a matrix.
double row_sum(const Tensor& weights, std::int64_t rows) {
  double highest = 0;
  const std::int64_t length = rows == 0 ? 0 : weights.elements() / rows;
  for (std::int64_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::int64_t i = 0; i < length; ++i)
      sum += std::fabs(static_cast<double>(weights.data<float>()[r * length + i]));
    highest = std::max(highest, sum);
  }
  return highest;
}

double conv_error(const Node& node, const std::vector<const Known*>& in) {
  const Tensor& w = in[1]->tensor;
  const bool transposed = node.op == Op::kConvTranspose;
  const double taps =
      static_cast<double>(w.elements()) / std::max(1.0, transposed ? 1.0 : static_cast<double>(w.shape()[0]));
  const double sum = row_sum(w, transposed ? 1 : w.shape()[0]);
  const double bias = in.size() > 2 && in[2] != nullptr ? in[2]->highest : 0;
  return sum * in[0]->error + in[1]->error * taps * in[0]->highest +
         (in.size() > 2 && in[2] != nullptr ? in[2]->error : 0) + (taps + 8) * kUnit * (sum * in[0]->highest + bias);
}

double matrix_error(const std::vector<const Known*>& in) {
  const double k = static_cast<double>(std::max(in[0]->tensor.shape().back(), in[1]->tensor.shape()[0]));
  const double rest = in.size() > 2 ? in[2]->error + in[2]->highest * kUnit : 0;
  return k * (in[0]->highest * in[1]->error + in[1]->highest * in[0]->error + in[0]->error * in[1]->error) +
         k * (k + 2) * kUnit * in[0]->highest * in[1]->highest + rest;
}

double normalization_error(const Node& node, const std::vector<const Known*>& in) {
  double gain = 0;
  for (std::int64_t c = 0; c < in[1]->tensor.elements(); ++c) {
    const double variance = static_cast<double>(in[4]->tensor.data<float>()[c]) +
                            static_cast<double>(node.as<BatchNormalizationAttrs>().epsilon);
    gain = std::max(gain, std::fabs(static_cast<double>(in[1]->tensor.data<float>()[c])) / std::sqrt(variance));
  }
  return gain * in[0]->error + 8 * kUnit * (gain * (in[0]->highest + in[3]->highest) + in[2]->highest);
}

double smallest(const Tensor& tensor) {
  double least = INFINITY;
  for (std::int64_t i = 0; tensor.dtype() == DType::kFloat32 && i < tensor.elements(); ++i)
    least = std::min(least, std::fabs(static_cast<double>(tensor.data<float>()[i])));
  return std::isfinite(least) ? std::max(least, 1e-3) : 1;
}

double error_of(const Node& node, const std::vector<const Known*>& in, const Known& out) {
  double e = 0;
  double sum = 0;
  if (std::isinf(out.highest)) return INFINITY;  // nothing is promised of NaN
  for (const Known* known : in) {
    if (known == nullptr || !is_floating(known->tensor.dtype())) continue;
    if (std::isinf(known->error + known->highest)) return INFINITY;
    e = std::max(e, known->error);
    sum += known->error;
  }
  const double outputs = std::max(1.0, static_cast<double>(out.tensor.elements()));
  const double n = std::max(1.0, static_cast<double>(in[0] == nullptr ? 1 : in[0]->tensor.elements()) / outputs);
  switch (node.op) {
    case Op::kConv:
    case Op::kConvTranspose:
      return conv_error(node, in);
    case Op::kMatMul:
    case Op::kGemm:
      return matrix_error(in);
    case Op::kBatchNormalization:
      return normalization_error(node, in);
    case Op::kAdd:
    case Op::kSub:
      return sum + kUnit * out.highest;
    case Op::kMul:
    case Op::kPRelu:
      return in[0]->highest * in[1]->error + in[1]->highest * in[0]->error + in[0]->error * in[1]->error +
             kUnit * out.highest;
    case Op::kDiv:
      return (e + out.highest * in[1]->error) / smallest(in[1]->tensor) + kUnit * out.highest;
    case Op::kPow:
      return 2 * in[0]->highest * e + e * e + kUnit * out.highest;
    case Op::kReduceSum:
      return n * e + n * n * kUnit * in[0]->highest;
    case Op::kReduceMean:
    case Op::kAveragePool:
    case Op::kGlobalAveragePool:
      return e + (n + 30) * kUnit * in[0]->highest;
    case Op::kResize:
      return node.as<ResizeAttrs>().mode == ResizeMode::kNearest ? e : 3 * e + 16 * kUnit * in[0]->highest;
    case Op::kExp:
      return out.highest * (2 * e + 4 * kUnit);
    case Op::kSoftmax:
      return 2 * e + 1e-5;
    case Op::kSqrt:
      return e + kUnit * out.highest;
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kHardSwish:
    case Op::kHardSigmoid:
    case Op::kTanh:
    case Op::kErf:
    case Op::kLeakyRelu:
      return 1.6 * e + 4e-6 * (1 + in[0]->highest);
    default:  // moves or picks
      return e;
  }
}

}  // namespace

Result<ReferenceRun> run_reference(const Graph& graph, std::span<const Tensor> inputs) {
  std::vector<Known> values(graph.values.size());
  const auto know = [&](ValueId id, Tensor tensor) -> Known& {
    Known& known = values[static_cast<std::size_t>(id)];
    known = {std::move(tensor), 0, 0};
    known.highest = magnitude(known.tensor);
    return known;
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (graph.values[i].constant) know(static_cast<ValueId>(i), *graph.values[i].constant);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) know(graph.inputs[i], inputs[i]);
  for (const Node& node : graph.nodes) {
    std::vector<const Known*> in;
    std::vector<const Tensor*> tensors;
    for (const ValueId id : node.inputs) {
      in.push_back(id == kNoValue ? nullptr : &values[static_cast<std::size_t>(id)]);
      tensors.push_back(id == kNoValue ? nullptr : &in.back()->tensor);
    }
    SAKER_ASSIGN(std::vector<Tensor> results, evaluate(node, tensors, std::size_t{1} << 30));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == kNoValue) continue;
      Known& out = know(node.outputs[i], std::move(results[i]));
      if (!is_floating(out.tensor.dtype())) continue;
      out.error = error_of(node, in, out);
      // Plans keep float32 where the evaluators round to 16 bits.
      if (out.tensor.dtype() == DType::kFloat16) out.error += 1e-3 * out.highest;
      if (out.tensor.dtype() == DType::kBFloat16) out.error += 8e-3 * out.highest;
    }
  }
  ReferenceRun run;
  for (const ValueId id : graph.outputs) {
    const Known& known = values[static_cast<std::size_t>(id)];
    run.outputs.push_back(known.tensor);
    run.bounds.push_back(is_floating(known.tensor.dtype()) ? 4 * known.error + 1e-6 * known.highest + 1e-7 : 0);
  }
  return run;
}

std::string compare_with_reference(const std::vector<Tensor>& got, const ReferenceRun& expected) {
  if (got.size() != expected.outputs.size()) return "another number of outputs";
  for (std::size_t k = 0; k < got.size(); ++k) {
    const Tensor& want = expected.outputs[k];
    if (got[k].dtype() != want.dtype())
      return fmt::format("output {} is {}, not {}", k, dtype_name(got[k].dtype()), dtype_name(want.dtype()));
    if (got[k].shape() != want.shape())
      return fmt::format("output {} is {}, not {}", k, to_string(got[k].shape()), to_string(want.shape()));
    const Tensor a = ops::converted(got[k], DType::kFloat64).value();
    const Tensor b = ops::converted(want, DType::kFloat64).value();
    for (std::int64_t i = 0; i < a.elements() && std::isfinite(expected.bounds[k]); ++i) {
      const double x = a.data<double>()[i];
      const double y = b.data<double>()[i];
      if (x == y || std::fabs(x - y) <= expected.bounds[k]) continue;
      return fmt::format("output {} {} [{}] is {} instead of {} +- {}", k, to_string(want.shape()), i, x, y,
                         expected.bounds[k]);
    }
  }
  return "";
}

}  // namespace saker
