// A convolution for each anchor before decoding.
#include <gtest/gtest.h>

#include "graph/printer.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr std::int64_t kValues = 64, kSide = 5, kAnchors = 3;

struct Level {
  std::int64_t batch = 1, values = kValues;
  bool sigmoid = true, read_twice = false, in_float = false, dynamic = false;
};

// (2 x - 0.5 + grid) * 8 and (2 x)^2 * anchor of the heads of one level.
Graph head(const Level& level) {
  QdqBuilder b;
  const ValueId in = b.input({level.batch, 8, kSide, kSide});
  ValueId x = level.in_float || level.dynamic ? in : b.snap(in, grid_of(1));
  if (level.dynamic) {
    const auto q = b.add(Op::kDynamicQuantizeLinear, {in}, {}, 3);
    x = b.add(Op::kDequantizeLinear, {q[0], q[1], q[2]}, AxisAttrs{1});
  }
  ValueId y = level.in_float ? b.conv(x, kAnchors * level.values) : b.conv8(x, kAnchors * level.values);
  y = b.reshape(y, {level.batch, kAnchors, level.values, kSide, kSide});
  y = b.transpose(y, {0, 1, 3, 4, 2});
  if (level.sigmoid) y = b.add(Op::kSigmoid, {y});
  if (level.read_twice) b.output(y);
  const auto parts = b.split(y, {2, 2, level.values - 4}, 4);
  const ValueId placed = b.add(Op::kAdd, {b.add(Op::kSub, {b.add(Op::kMul, {parts[0], b.scalar(2)}), b.scalar(0.5F)}),
                                          b.random({1, 1, kSide, kSide, 2}, 0, 8)});
  const ValueId doubled = b.add(Op::kMul, {parts[1], b.scalar(2)});
  const ValueId boxes = b.concat(
      {b.add(Op::kMul, {placed, b.scalar(8)}),
       b.add(Op::kMul, {b.add(Op::kMul, {doubled, doubled}), b.random({1, kAnchors, 1, 1, 2}, 1, 9)}), parts[2]},
      -1);
  const std::int64_t cells = kAnchors * kSide * kSide;
  b.output(b.concat({b.reshape(boxes, {level.batch, cells, level.values}),
                     b.add(Op::kRelu, {b.input({level.batch, 2, level.values})})}));
  return b.graph();
}

constexpr double kBound = 1e-3;  // boxes are up to 100

TEST(SplitAnchors, OneConvolutionForEach) {
  for (const std::int64_t batch : {1, 2}) {
    for (const bool sigmoid : {true, false}) {
      const Graph graph = head({.batch = batch, .values = 70, .sigmoid = sigmoid});
      const Graph result = lowered(graph);
      EXPECT_EQ(count_ops(result, Op::kConvInt8), kAnchors) << print(result);
      EXPECT_EQ(count_ops(result, Op::kSigmoid), sigmoid ? kAnchors : 0) << print(result);
      expect_lowered_is_right(graph, kBound);
    }
  }
}

// The outputs of the graph on each ISA level, with the pass or without it.
std::vector<std::vector<Tensor>> outputs_of(Graph graph, bool split) {
  for (const Pass& pass : all_passes()) {
    if (!split && pass.run == split_anchors) continue;
    EXPECT_TRUE(pass.run(graph).ok());
  }
  EXPECT_EQ(count_ops(graph, Op::kConv) + count_ops(graph, Op::kConvInt8), split ? kAnchors : 1) << print(graph);
  std::vector<std::vector<Tensor>> outputs;
  for (const Isa isa : usable_isas()) {
    PlanOptions options;
    options.isa = isa;
    auto plan = make_plan(graph, {"out"}, options);
    EXPECT_TRUE(plan.ok());
    auto executor = Executor::create(std::make_shared<const Plan>(std::move(*plan)));
    EXPECT_TRUE(executor.ok());
    outputs.push_back(run_plan(**executor, random_inputs(graph, 3)));
  }
  return outputs;
}

TEST(SplitAnchors, ChangesNoBit) {
  for (const bool in_float : {false, true}) {
    const Graph graph = head({.values = 85, .in_float = in_float});
    const auto split = outputs_of(graph, true), whole = outputs_of(graph, false);
    for (std::size_t i = 0; i < split.size(); ++i) EXPECT_EQ(distance(split[i], whole[i]).worst, 0) << "level " << i;
  }
}

TEST(SplitAnchors, ConvolutionsThatStayFloat) {
  for (const bool sigmoid : {true, false}) {
    const Graph graph = head({.batch = 2, .sigmoid = sigmoid, .in_float = true});
    EXPECT_EQ(count_ops(lowered(graph), Op::kConv), kAnchors);
    expect_plan_is_right(graph);
  }
}

// The convolutions, their activations and the decoding work in the result.
TEST(SplitAnchors, NeedsNoMemoryBesideTheResult) {
  const auto plan = plan_of(head({}));
  std::size_t floats = 0;
  for (const Buffer& buffer : plan->buffers)
    floats += buffer.kind == BufferKind::kArena && buffer.bytes >= kAnchors * kValues * kSide * kSide * sizeof(float);
  EXPECT_EQ(floats, 1U) << print(*plan, false);
}

TEST(SplitAnchors, LeavesWhatItMust) {
  EXPECT_EQ(count_ops(lowered(head({.read_twice = true})), Op::kConvInt8), 1);
  EXPECT_EQ(count_ops(lowered(head({.values = 63})), Op::kConvInt8), 1);     // a box fills no vectors
  EXPECT_EQ(count_ops(lowered(head({.dynamic = true})), Op::kConvInt8), 1);  // its scale is known at run time only
  expect_lowered_is_right(head({.read_twice = true}), kBound);
  expect_lowered_is_right(head({.dynamic = true}), 0.1);
}

}  // namespace
}  // namespace saker
