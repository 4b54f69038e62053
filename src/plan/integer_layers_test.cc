// Steps of integers: ConvInteger and MatMulInteger as files have them, float layers whose sums are whole numbers; and
// quantization of what is far too large.
#include <gtest/gtest.h>

#include <limits>

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

// Numbers beyond every byte, in pictures of few and of many channels and in plain lists.
TEST(QuantizeStep, HugeNumbersSaturateOnEveryLevel) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> numbers = {inf, -inf, 3e38F, -3e38F, 1e10F, -1e10F, 0.5F, -0.5F};
  for (const Shape& shape : {Shape{1, 3, 5, 7}, Shape{1, 37, 3, 5}, Shape{211}}) {
    for (const bool per_channel : {false, true}) {
      if (per_channel && shape.size() != 4) continue;
      QdqBuilder b;
      b.output(b.snap(b.input(shape), grid_of(1, per_channel ? shape[1] : 0)));
      Tensor x = Tensor::make(DType::kFloat32, shape).value();
      for (std::int64_t i = 0; i < x.elements(); ++i)
        x.data<float>()[i] = numbers[static_cast<std::size_t>(i) % numbers.size()];
      const auto expected = evaluate_graph(b.graph(), {x});
      for (const Isa isa : usable_isas()) {
        PlanOptions options;
        options.isa = isa;
        auto executor = Executor::create(plan_of(b.graph(), options), 1);
        ASSERT_TRUE(executor.ok());
        EXPECT_LE(distance(run_plan(**executor, {x}), expected).worst, 1e-6) << isa_name(isa) << to_string(shape);
      }
    }
  }
}

}  // namespace
}  // namespace saker
