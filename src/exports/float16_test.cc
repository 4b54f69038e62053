// float32 graphs in float16, and what stays float32 in them.
#include <gtest/gtest.h>

#include "exports/export.h"
#include "graph/verifier.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

TEST(Float16, ScalesOfResizeStay) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, 3, 3});
  b.output(b.upsample(b.add(Op::kRelu, {x})));
  Graph graph = b.finish().value();
  ASSERT_TRUE(to_float16(graph).ok());
  ASSERT_TRUE(verify(graph).ok());
  EXPECT_EQ(graph.value(graph.outputs[0]).dtype, DType::kFloat16);
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kResize) {
      EXPECT_EQ(graph.value(node.inputs[2]).dtype, DType::kFloat32);
    }
  }
}

// One input is an output too, and one output is read further.
TEST(Float16, InputAndOutputsMayStayFloat32) {
  GraphBuilder b;
  const ValueId x = b.named("x").input({3});
  const ValueId bent = b.named("bent").add(Op::kRelu, {x});
  const ValueId twice = b.named("twice").add(Op::kAdd, {bent, bent});
  b.output(bent).output(twice).output(x);
  const Graph wide = b.finish().value();
  Graph graph = wide;
  ASSERT_TRUE(to_float16(graph, true).ok());
  ASSERT_TRUE(verify(graph).ok());
  const Tensor input = make_tensor({3}, {-1, 2, 0.5F});
  const auto expected = evaluate_graph(wide, {input}), got = evaluate_graph(graph, {input});
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(graph.value(graph.outputs[i]).name, wide.value(wide.outputs[i]).name);
    ASSERT_EQ(got[i].dtype(), DType::kFloat32);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(got[i].data<float>()[k], expected[i].data<float>()[k]);
  }
  EXPECT_EQ(graph.value(graph.nodes[1].inputs[0]).dtype, DType::kFloat16);
}

TEST(Float16, WeightsThatAreTooLarge) {
  GraphBuilder b;
  const ValueId x = b.input({2});
  const ValueId large = b.floats({2}, {1, 70000});
  b.output(b.add(Op::kMul, {x, large}));
  Graph graph = b.finish().value();
  const Status status = to_float16(graph);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().message.find("70000"), std::string::npos) << status.error().message;
}

}  // namespace
}  // namespace saker
