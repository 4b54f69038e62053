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
