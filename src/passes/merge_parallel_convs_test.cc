// Convolutions side by side whose results are added become one.
#include <gtest/gtest.h>

#include "graph/printer.h"
#include "graph/verifier.h"
#include "passes/passes.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

using ConvOptions = GraphBuilder::ConvOptions;

// Nodes after the pass, which must compute what the graph did but for rounding.
std::size_t nodes_after(GraphBuilder& b, ValueId out) {
  b.output(out);
  const auto inputs = random_inputs(b.graph(), 1);
  const auto before = evaluate_graph(b.graph(), inputs);
  EXPECT_TRUE(merge_parallel_convs(b.graph()).ok());
  EXPECT_TRUE(verify(b.graph()).ok()) << print(b.graph());
  EXPECT_LT(distance(evaluate_graph(b.graph(), inputs), before).worst, 1e-5);
  return b.graph().nodes.size();
}

TEST(MergeParallelConvs, BranchesOfRepVgg) {
  for (const ConvOptions& small : {ConvOptions{}, ConvOptions{.kernel = 3, .bias = false}, ConvOptions{.kernel = 7}}) {
    GraphBuilder b;
    const ValueId x = b.input({1, 4, 9, 9});
    const ValueId left = b.conv(x, 6, {.kernel = 3}), right = b.conv(x, 6, small);
    EXPECT_EQ(nodes_after(b, b.add(Op::kAdd, {right, left})), 1U);
  }
}

TEST(MergeParallelConvs, StridesAndGroups) {
  GraphBuilder b;
  const ValueId x = b.input({2, 6, 8, 8});
  const ValueId left = b.conv(x, 6, {.kernel = 7, .stride = 2, .group = 6});
  const ValueId right = b.conv(x, 6, {.kernel = 3, .stride = 2, .group = 6});
  EXPECT_EQ(nodes_after(b, b.add(Op::kAdd, {left, right})), 1U);
}

TEST(MergeParallelConvs, ThreeOfThem) {
  GraphBuilder b;
  const ValueId x = b.input({1, 4, 5, 5});
  const ValueId two = b.add(Op::kAdd, {b.conv(x, 4, {.kernel = 3}), b.conv(x, 4)});
  EXPECT_EQ(nodes_after(b, b.add(Op::kAdd, {b.conv(x, 4), two})), 1U);
}

TEST(MergeParallelConvs, LeavesWhatItMust) {
  const auto stays = [](const ConvOptions& left, const ConvOptions& right, bool other_input, bool read_twice) {
    GraphBuilder b;
    const ValueId x = b.input({1, 4, 8, 8}), y = other_input ? b.input({1, 4, 8, 8}) : x;
    const ValueId one = b.conv(x, 4, left), sum = b.add(Op::kAdd, {one, b.conv(y, 4, right)});
    if (read_twice) b.output(one);
    return nodes_after(b, sum) == 3;
  };
  EXPECT_FALSE(stays({.kernel = 3}, {}, false, false));
  EXPECT_TRUE(stays({.kernel = 3}, {}, true, false));                                  // of two pictures
  EXPECT_TRUE(stays({.kernel = 3}, {}, false, true));                                  // one is wanted itself
  EXPECT_TRUE(stays({.kernel = 3}, {.group = 2}, false, false));                       // other groups
  EXPECT_TRUE(stays({.kernel = 3, .pad = 0}, {.kernel = 3, .pad = 0}, false, false));  // pictures that shrink
}

}  // namespace
}  // namespace saker
