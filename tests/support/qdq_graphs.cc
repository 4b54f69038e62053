#include "support/qdq_graphs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "graph/ops/convert.h"
#include "passes/int8/quantization.h"
#include "passes/pipeline.h"
#include "support/compiled.h"

namespace saker {
namespace {

constexpr double kPartOfAStep = 0.005;  // of numbers about as large as 1

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

// Whether nothing in it computes with floats but the quantizations at its ends.
bool is_all_bytes(const Graph& graph) {
  return std::ranges::all_of(graph.nodes, [&](const Node& node) {
    switch (node.op) {
      case Op::kConvInt8:
      case Op::kDequantizeLinear:
      case Op::kLookup:
      case Op::kQuantizeLinear:
      case Op::kSumInt8:
        return true;
      default:
        return moves_elements(graph, node);
    }
  });
}

std::vector<Tensor> run_lowered(const Graph& graph, Isa isa, int threads, const std::vector<Tensor>& inputs) {
  PlanOptions options;
  options.isa = isa;
  options.threads = threads;
  const auto plan = plan_of(graph, options);
  auto executor = Executor::create(plan);
  EXPECT_TRUE(executor.ok());
  return executor.ok() ? run_plan(**executor, inputs) : std::vector<Tensor>();
}

}  // namespace

ValueId QdqBuilder::bytes(Shape shape, const std::vector<int>& values, DType dtype) {
  Tensor tensor = Tensor::make(dtype, std::move(shape)).value();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (dtype == DType::kInt32) {
      tensor.data<std::int32_t>()[i] = values[i];
    } else {  // int8 or uint8: the same bits
      tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(values[i]);
    }
  }
  return constant(std::move(tensor));
}

std::vector<ValueId> QdqBuilder::with(ValueId x, const Grid& grid) {
  const auto count = static_cast<std::int64_t>(grid.scale.size());
  const Shape shape = count > 1 ? Shape{count} : Shape{};
  std::vector<ValueId> inputs = {x, floats(shape, grid.scale)};
  if (!grid.zero.empty()) inputs.push_back(bytes(shape, grid.zero, grid.dtype));
  return inputs;
}

ValueId QdqBuilder::conv8(ValueId x, std::int64_t channels, const ConvOptions& o, const ByteWeights& w) {
  const std::int64_t in = shape(x)[1] / o.group, pad = o.pad < 0 ? o.kernel / 2 : o.pad;
  const Shape extents = {channels, in, o.kernel, o.kernel};
  const auto elements = static_cast<std::size_t>(channels * in * o.kernel * o.kernel);
  std::mt19937 engine(weight_seed_++);
  std::vector<int> values(elements);
  for (int& value : values) value = std::uniform_int_distribution(w.low, w.high)(engine);
  const auto taps = static_cast<float>(std::max<std::int64_t>(in * o.kernel * o.kernel, 1));
  const float range = 1.7F / std::sqrt(taps) / 127;
  std::vector<float> scales;
  for (std::int64_t i = 0; i < (w.per_output ? channels : 1); ++i)
    scales.push_back(range * (0.5F + 0.25F * static_cast<float>(i % 4)));
  std::vector<ValueId> inputs = {bytes(extents, values, w.dtype),
                                 floats(w.per_output ? Shape{channels} : Shape{}, scales)};
  if (w.zero != 0 || w.dtype == DType::kUint8) {
    const std::vector<int> zeros(scales.size(), w.zero);
    inputs.push_back(bytes(w.per_output ? Shape{channels} : Shape{}, zeros, w.dtype));
  }
  ValueId weights = add(Op::kDequantizeLinear, inputs, AxisAttrs{0});
  if (!w.input_scales.empty()) {  // of the whole input: of each output channel those of its group
    std::vector<float> factors;
    for (std::int64_t m = 0; m < channels; ++m) {
      for (std::int64_t c = 0; c < in; ++c) {
        const auto source = static_cast<std::size_t>(m / (channels / o.group) * in + c);
        factors.push_back(w.input_scales[0] / w.input_scales[source]);
      }
    }
    weights = add(Op::kMul, {weights, floats({channels, in, 1, 1}, factors)});
  }
  ConvAttrs attrs;
  attrs.window.strides = {o.stride, o.stride};
  attrs.window.pads = {pad, pad, pad, pad};
  attrs.group = o.group;
  inputs = {x, weights};
  if (o.bias) inputs.push_back(random({channels}, -0.5F, 0.5F));
  return add(Op::kConv, inputs, attrs);
}

Grid grid_of(float reach, std::int64_t channels) {
  if (channels == 0) return {{reach / 128}, {128}};
  Grid grid;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto part = static_cast<float>(c % 5);
    grid.scale.push_back(reach / 128 * (1 + part / 4));
    grid.zero.push_back(static_cast<int>(128 - 8 * (c % 3)));
  }
  return grid;
}

Graph lowered(const Graph& graph) {
  Graph result = graph;
  const Status status = run_passes(result, all_passes());
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  return result;
}

int count_ops(const Graph& graph, Op op) {
  return static_cast<int>(std::ranges::count_if(graph.nodes, [&](const Node& node) { return node.op == op; }));
}

std::string first_note(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!node.note.empty()) return node.note;
  }
  return "";
}

Distance distance(const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
  Distance result;
  double elements = 0;
  if (got.size() != expected.size()) return {INFINITY, INFINITY};
  for (std::size_t k = 0; k < got.size(); ++k) {
    if (got[k].shape() != expected[k].shape() || got[k].dtype() != expected[k].dtype()) return {INFINITY, INFINITY};
    const Tensor a = ops::converted(got[k], DType::kFloat64).value();
    const Tensor b = ops::converted(expected[k], DType::kFloat64).value();
    for (std::int64_t i = 0; i < a.elements(); ++i) {
      const double off = std::fabs(a.data<double>()[i] - b.data<double>()[i]);
      if (!(off <= result.worst)) result.worst = off;  // also NaN
      result.mean += off;
      ++elements;
    }
  }
  result.mean /= std::max(1.0, elements);
  return result;
}

// Calls check(outputs, expected) for two inputs, each ISA level and 1 to 2 threads.
template <typename Check>
static void run_everywhere(const Graph& graph, Check&& check) {
  const Graph simplified = lowered(graph);
  const bool exact = is_all_bytes(simplified);
  for (const std::uint32_t seed : {5U, 99U}) {
    const auto inputs = random_inputs(graph, seed);
    const auto expected = evaluate_graph(graph, inputs);
    std::vector<Tensor> first;
    for (const Isa isa : usable_isas()) {
      for (const int threads : {1, 2}) {
        SCOPED_TRACE(std::string(isa_name(isa)) + ", threads " + std::to_string(threads));
        const auto outputs = run_lowered(graph, isa, threads, inputs);
        ASSERT_NO_FATAL_FAILURE(check(outputs, expected));
        if (first.empty()) first = outputs;
        for (std::size_t i = 0; exact && i < outputs.size(); ++i) {
          ASSERT_TRUE(same_bits(outputs[i], first[i])) << "output " << i << " depends on the level\n"
                                                       << print(graph) << "\n"
                                                       << print(simplified);
        }
      }
    }
  }
}

void expect_lowered_is_right(const Graph& graph, double bound) {
  run_everywhere(graph, [&](const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
    ASSERT_LE(distance(got, expected).worst, bound) << print(graph) << "\n" << print(lowered(graph));
  });
}

void expect_lowered_is_close(const Graph& graph) {
  run_everywhere(graph, [&](const std::vector<Tensor>& got, const std::vector<Tensor>& expected) {
    const Distance off = distance(got, expected);
    ASSERT_LE(off.mean, kPartOfAStep) << print(graph) << "\n" << print(lowered(graph));
  });
}

}  // namespace saker
