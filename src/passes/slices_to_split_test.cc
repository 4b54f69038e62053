// Neighbouring slices along the last axis become one Split.
#include <gtest/gtest.h>

#include "graph/printer.h"
#include "graph/verifier.h"
#include "passes/passes.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

using Cut = std::pair<std::int64_t, std::int64_t>;  // begin and end

struct Sliced {
  GraphBuilder b;
  explicit Sliced(const std::vector<Cut>& cuts, std::int64_t axis = -1, std::int64_t step = 1) {
    const ValueId x = b.input({2, 3, 7});
    for (const auto& [begin, end] : cuts) b.output(b.slice(x, axis, begin, end, step));
  }
  // The graph after the pass, which must compute what it did.
  const Graph& rewritten() {
    const auto inputs = random_inputs(b.graph(), 1);
    const auto before = evaluate_graph(b.graph(), inputs);
    EXPECT_TRUE(slices_to_split(b.graph()).ok());
    EXPECT_TRUE(verify(b.graph()).ok());
    EXPECT_EQ(distance(evaluate_graph(b.graph(), inputs), before).worst, 0);
    return b.graph();
  }
};

TEST(SlicesToSplit, PartsInAnyOrder) {
  for (const auto& cuts : {std::vector<Cut>{{0, 2}, {2, 4}, {4, 7}}, std::vector<Cut>{{4, INT64_MAX}, {0, 2}, {2, -3}},
                           std::vector<Cut>{{-3, 7}, {0, 4}}}) {
    Sliced test(cuts);
    const Graph& graph = test.rewritten();
    EXPECT_EQ(count_ops(graph, Op::kSplit), 1) << print(graph);
    EXPECT_EQ(graph.nodes.size(), 1U) << print(graph);
  }
}

TEST(SlicesToSplit, LeavesWhatItMust) {
  const auto stays = [](const std::vector<Cut>& cuts, std::int64_t axis, std::int64_t step) {
    Sliced test(cuts, axis, step);
    return count_ops(test.rewritten(), Op::kSlice) == static_cast<int>(cuts.size());
  };
  EXPECT_TRUE(stays({{0, 2}, {3, 7}}, -1, 1));          // a gap
  EXPECT_TRUE(stays({{0, 3}, {2, 7}}, -1, 1));          // an overlap
  EXPECT_TRUE(stays({{0, 2}, {2, 4}}, -1, 1));          // not up to the end
  EXPECT_TRUE(stays({{0, 4}, {0, 4}, {4, 7}}, -1, 1));  // one twice
  EXPECT_TRUE(stays({{0, 0}, {0, 7}}, -1, 1));          // nothing
  EXPECT_TRUE(stays({{0, 7}}, -1, 1));                  // all of it
  EXPECT_TRUE(stays({{0, 1}, {1, 3}}, 1, 1));           // another axis
  EXPECT_TRUE(stays({{0, 4}, {4, 7}}, -1, 2));          // every other element
}

// The first of the slices stands before what reads the others.
TEST(SlicesToSplit, OthersMayStandBetweenThem) {
  GraphBuilder b;
  const ValueId x = b.input({2, 8});
  const ValueId left = b.add(Op::kRelu, {b.slice(x, 1, 0, 4)});
  b.output(b.add(Op::kMul, {left, b.slice(x, 1, 4, 8)}));
  const auto inputs = random_inputs(b.graph(), 1);
  const auto before = evaluate_graph(b.graph(), inputs);
  ASSERT_TRUE(slices_to_split(b.graph()).ok());
  ASSERT_TRUE(verify(b.graph()).ok());
  EXPECT_EQ(count_ops(b.graph(), Op::kSplit), 1);
  EXPECT_EQ(distance(evaluate_graph(b.graph(), inputs), before).worst, 0);
}

}  // namespace
}  // namespace saker
