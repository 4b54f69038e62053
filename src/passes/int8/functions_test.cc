// Float arithmetic between quantizations: functions of one tensor become tables, sums SumInt8.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "graph/printer.h"
#include "passes/passes.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr double kStep = 3.0 / 128;  // of grid_of(3)

using Function = std::function<ValueId(QdqBuilder&, ValueId)>;

Graph function_of(const Function& function, const Shape& shape = {1, 5, 4, 6}) {
  QdqBuilder b;
  b.output(b.snap(function(b, b.snap(b.input(shape), grid_of(1))), grid_of(3)));
  return b.graph();
}

// Tables are made by the evaluators: there is nothing to round.
void expect_table(const Function& function, const Shape& shape = {1, 5, 4, 6}) {
  const Graph graph = function_of(function, shape);
  const Graph result = lowered(graph);
  EXPECT_EQ(count_ops(result, Op::kLookup), 1) << print(result);
  EXPECT_EQ(result.nodes.size(), 3U) << print(result);
  expect_lowered_is_right(graph, 1e-6);
}

TEST(ByteFunctions, Activations) {
  const std::vector<std::pair<Op, Attributes>> list = {{Op::kRelu, {}},      {Op::kSigmoid, {}},
                                                       {Op::kTanh, {}},      {Op::kExp, {}},
                                                       {Op::kSilu, {}},      {Op::kHardSigmoid, HardSigmoidAttrs{}},
                                                       {Op::kHardSwish, {}}, {Op::kLeakyRelu, LeakyReluAttrs{0.1F}}};
  for (const auto& [op, attrs] : list) {
    SCOPED_TRACE(static_cast<int>(op));
    expect_table([&](QdqBuilder& b, ValueId x) { return b.add(op, {x}, attrs); });
  }
}

TEST(ByteFunctions, AnotherGrid) {
  expect_table([](QdqBuilder&, ValueId x) { return x; });
}

TEST(ByteFunctions, HardSwishWrittenOut) {
  expect_table([](QdqBuilder& b, ValueId x) {
    const ValueId gate = b.add(Op::kClip, {b.add(Op::kAdd, {x, b.scalar(3)}), b.scalar(0), b.scalar(6)});
    return b.add(Op::kDiv, {b.add(Op::kMul, {x, gate}), b.scalar(6)});
  });
}

// As tools write it that quantize every node's inputs and outputs.
TEST(ByteFunctions, ThroughQuantizationsOnTheWay) {
  expect_table([](QdqBuilder& b, ValueId x) {
    const ValueId gate = b.snap(b.add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{1.0F / 6, 0.5F}), grid_of(1));
    return b.snap(b.add(Op::kMul, {x, gate}), grid_of(2));
  });
}

TEST(ByteFunctions, OfAnyRank) {
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{2, 3}, Shape{2, 3, 5}, Shape{1, 2, 3, 4, 5}, Shape{2, 3, 0, 4}}) {
    SCOPED_TRACE(to_string(shape));
    expect_table([](QdqBuilder& b, ValueId x) { return b.add(Op::kRelu, {x}); }, shape);
  }
}

void expect_no_table(const Function& function) {
  const Graph graph = function_of(function);
  EXPECT_EQ(count_ops(lowered(graph), Op::kLookup), 0);
  expect_lowered_is_right(graph, 1.001 * kStep);
}

TEST(ByteFunctions, NotOfTwoTensorsOrOfPlaces) {
  expect_no_table([](QdqBuilder& b, ValueId x) {
    return b.add(Op::kMul, {x, b.snap(b.input({1, 5, 4, 6}), grid_of(1))});
  });
  expect_no_table([](QdqBuilder& b, ValueId x) { return b.add(Op::kMul, {x, b.random({1, 5, 1, 1})}); });
  expect_no_table([](QdqBuilder& b, ValueId x) { return b.add(Op::kAdd, {x, b.input({1, 5, 4, 6})}); });
  expect_no_table([](QdqBuilder& b, ValueId x) {
    return b.add(Op::kMul, {b.slice(x, 1, 0, 1), b.random({1, 5, 4, 6})});
  });
}

// The end of a chain that is far too long: neither deep recursion nor time that grows by its square.
// NNCF's SiLU of ONNX files: the Sigmoid is of what is not quantized.
TEST(ByteFunctions, SaysWhatStaysFloat) {
  QdqBuilder b;
  const ValueId x = b.conv(b.input({1, 3, 4, 5}), 6);
  const ValueId gate = b.snap(b.add(Op::kSigmoid, {x}), grid_of(1));
  b.output(b.snap(b.add(Op::kMul, {b.snap(x, grid_of(2)), gate}), grid_of(2)));
  int of_floats = 0, of_two = 0;
  for (const Node& node : lowered(b.graph()).nodes) {
    of_floats += node.note.starts_with("it is a function of numbers that are not 8-bit") ? 1 : 0;
    of_two += node.note.starts_with("it is a function of two 8-bit tensors") ? 1 : 0;
  }
  EXPECT_EQ(of_floats, 1);
  EXPECT_EQ(of_two, 1);
  expect_lowered_is_right(b.graph(), 1.001 * static_cast<double>(grid_of(2).widest()));
}

TEST(ByteFunctions, AHostileChain) {
  QdqBuilder b;
  ValueId x = b.snap(b.input({1, 2}), grid_of(1));
  for (int i = 0; i < 20'000; ++i) {
    x = b.add(Op::kRelu, {x});
    b.output(b.snap(x, grid_of(1)));
  }
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(lower_qdq(b.graph()).ok());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 5.0);
  EXPECT_GT(count_ops(b.graph(), Op::kLookup), 0);
}

// ---- sums ----

void expect_sum(const std::function<ValueId(QdqBuilder&, ValueId, ValueId)>& sum, const Grid& left, const Grid& right,
                const Grid& out, const Shape& shape = {2, 6, 4, 5}) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input(shape), left), y = b.snap(b.input(shape), right);
  b.output(b.snap(sum(b, x, y), out));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(count_ops(result, Op::kSumInt8), 1) << print(result);
  EXPECT_EQ(count_ops(result, Op::kAdd), 0) << print(result);
  expect_lowered_is_right(b.graph(), 1.001 * static_cast<double>(out.widest()));
}

ValueId plain_sum(QdqBuilder& b, ValueId x, ValueId y) {
  return b.add(Op::kAdd, {x, y});
}

TEST(ByteSums, OfTwoTensors) {
  for (const Shape& shape : {Shape{7}, Shape{2, 3}, Shape{2, 6, 4, 5}, Shape{1, 3, 1, 1}, Shape{1, 1, 5, 3}})
    expect_sum(plain_sum, grid_of(1), grid_of(2), grid_of(3), shape);
}

TEST(ByteSums, GridsPerChannel) {
  expect_sum(plain_sum, grid_of(1, 6), grid_of(2), grid_of(3));
  expect_sum(plain_sum, grid_of(1), grid_of(2, 6), grid_of(3, 6));
  expect_sum(plain_sum, grid_of(1, 6), grid_of(2, 6), grid_of(3, 6));
}

TEST(ByteSums, OfActivations) {
  expect_sum(
      [](QdqBuilder& b, ValueId x, ValueId y) {
        return b.add(Op::kAdd, {b.add(Op::kSilu, {x}), y});
      },
      grid_of(1), grid_of(2), grid_of(3));
  expect_sum(
      [](QdqBuilder& b, ValueId x, ValueId y) {
        return b.add(Op::kAdd, {b.add(Op::kRelu, {x}), b.add(Op::kLeakyRelu, {y}, LeakyReluAttrs{0.2F})});
      },
      grid_of(1, 6), grid_of(2), grid_of(3));
  expect_sum(
      [](QdqBuilder& b, ValueId x, ValueId y) {
        return b.add(Op::kAdd, {b.add(Op::kSigmoid, {x}), y});
      },
      grid_of(1), grid_of(2), grid_of(3));
}

TEST(ByteSums, OfFour) {
  expect_sum(
      [](QdqBuilder& b, ValueId x, ValueId y) {
        return b.add(Op::kAdd, {b.add(Op::kAdd, {x, y}), b.add(Op::kAdd, {b.add(Op::kRelu, {x}), y})});
      },
      grid_of(0.5F), grid_of(1), grid_of(3));
}

TEST(ByteSums, AnotherGridForEachChannel) {
  QdqBuilder b;
  b.output(b.snap(b.snap(b.input({1, 6, 4, 5}), grid_of(1, 6)), grid_of(2, 6)));
  EXPECT_EQ(count_ops(lowered(b.graph()), Op::kSumInt8), 1);
  expect_lowered_is_right(b.graph(), 1.001 * static_cast<double>(grid_of(2, 6).widest()));
}

// As in YOLOv8's blocks: x is a half of what was quantized before it was split.
TEST(ByteSums, OfWhatWasMoved) {
  for (const std::int64_t channels : {0, 12}) {
    QdqBuilder b;
    const ValueId x = b.split(b.snap(b.input({2, 12, 4, 5}), grid_of(1, channels)), {6, 6})[1];
    const ValueId y = b.slice(b.snap(b.input({2, 12, 4, 5}), grid_of(2)), 1, 3, 9);
    b.output(b.snap(b.add(Op::kAdd, {b.add(Op::kRelu, {x}), y}), grid_of(3)));
    const Graph result = lowered(b.graph());
    EXPECT_EQ(count_ops(result, Op::kSumInt8), 1) << print(result);
    EXPECT_EQ(count_ops(result, Op::kAdd) + count_ops(result, Op::kRelu), 0) << print(result);
    expect_lowered_is_right(b.graph(), 1.001 * static_cast<double>(grid_of(3).widest()));
  }
}

TEST(ByteSums, NotOfWhatIsStretchedOrFloat) {
  const auto sums = [](const Shape& shape, bool quantized) {
    QdqBuilder b;
    const ValueId y = b.input(shape);
    const ValueId x = b.snap(b.input({1, 6, 4, 5}), grid_of(1));
    b.output(b.snap(b.add(Op::kAdd, {x, quantized ? b.snap(y, grid_of(1)) : y}), grid_of(3)));
    expect_lowered_is_right(b.graph(), 1.001 * kStep);
    return count_ops(lowered(b.graph()), Op::kSumInt8);
  };
  EXPECT_EQ(sums({1, 6, 4, 5}, true), 1);
  EXPECT_EQ(sums({1, 6, 1, 1}, true), 0);
  EXPECT_EQ(sums({1, 6, 4, 5}, false), 0);
}

}  // namespace
}  // namespace saker
