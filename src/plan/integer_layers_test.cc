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
    auto executor = Executor::create(plan_of(graph, options));
    ASSERT_TRUE(executor.ok());
    EXPECT_EQ(distance(run_plan(**executor, inputs), expected).worst, 0) << isa_name(isa);
  }
}

struct Layer {
  Shape shape = {1, 64, 20, 20};
  std::int64_t channels = 64, kernel = 3, stride = 1, group = 1;
};

// As import_quantized.cc writes ConvInteger; the value has the sums as int32.
ValueId sums(QdqBuilder& b, const Layer& layer, ValueId q, ValueId zero) {
  const ValueId floats = b.add(Op::kDequantizeLinear, {q, b.scalar(1), zero}, AxisAttrs{1});
  const Shape shape = {layer.channels, layer.shape[1] / layer.group, layer.kernel, layer.kernel};
  std::vector<int> weights;
  for (int i = 0; i < element_count(shape).value(); ++i) weights.push_back(i * 37 % 255 - 127);
  const ValueId w = b.add(Op::kDequantizeLinear, {b.bytes(shape, weights, DType::kInt8), b.scalar(1)}, AxisAttrs{0});
  ConvAttrs attrs;
  attrs.window.pads.assign(4, layer.kernel / 2);
  attrs.window.strides.assign(2, layer.stride);
  attrs.group = layer.group;
  return b.add(Op::kCast, {b.add(Op::kConv, {floats, w}, attrs)}, CastAttrs{DType::kInt32});
}

Graph conv_integer(const Layer& layer) {
  QdqBuilder b;
  const auto q = b.add(Op::kDynamicQuantizeLinear, {b.input(layer.shape)}, {}, 3);
  b.output(sums(b, layer, q[0], q[2]));
  return b.graph();
}

TEST(IntegerLayers, DynamicallyQuantizedConvolutions) {
  for (const Layer& layer : {Layer{.kernel = 1}, Layer{}, Layer{.stride = 2}, Layer{.shape = {2, 3, 17, 13}},
                             Layer{.shape = {1, 5, 9, 9}, .channels = 7}, Layer{.group = 4}, Layer{.group = 64},
                             Layer{.shape = {1, 16, 11, 7}, .channels = 20, .kernel = 5, .stride = 2}}) {
    SCOPED_TRACE(to_string(layer.shape));
    const Graph graph = conv_integer(layer);
    EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 1) << first_note(lowered(graph));
    expect_the_same_integers(graph);
  }
}

// What ONNX Runtime's quantizer writes behind the sums: * (scale of x * scales of w) + bias -> SiLU.
struct Tail {
  bool scale_for_each_channel = false, bias = true, second_reader = false;
};

Graph quantized_layer(const Tail& tail) {
  QdqBuilder b;
  const Layer layer{.shape = {1, 16, 12, 12}, .channels = 24};
  const auto q = b.add(Op::kDynamicQuantizeLinear, {b.input(layer.shape)}, {}, 3);
  const ValueId integers = sums(b, layer, q[0], q[2]);
  const ValueId floats = b.add(Op::kCast, {integers}, CastAttrs{DType::kFloat32});
  const ValueId scales = tail.scale_for_each_channel ? b.random({1, 24, 1, 1}, 1e-4F, 1e-3F) : b.scalar(1e-3F);
  ValueId y = b.add(Op::kMul, {floats, b.add(Op::kMul, {q[1], scales})});
  if (tail.bias) y = b.add(Op::kAdd, {y, b.random({1, 24, 1, 1}, -1, 1)});
  b.output(b.add(Op::kMul, {y, b.add(Op::kSigmoid, {y})}));
  if (tail.second_reader) b.output(integers);
  return b.graph();
}

TEST(IntegerLayers, ScalesAndBiasJoinTheConvolution) {
  for (const Tail& tail : {Tail{}, Tail{.scale_for_each_channel = true}, Tail{.bias = false}}) {
    const Graph result = lowered(quantized_layer(tail));
    EXPECT_EQ(count_ops(result, Op::kConvInt8), 1) << first_note(result);
    EXPECT_EQ(count_ops(result, Op::kCast) + count_ops(result, Op::kAdd) + count_ops(result, Op::kSilu), 0);
    expect_lowered_is_right(quantized_layer(tail), 2e-3);
  }
}

TEST(IntegerLayers, SumsThatAreReadStayIntegers) {
  const Graph graph = quantized_layer({.second_reader = true});
  EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 1);
  EXPECT_EQ(count_ops(lowered(graph), Op::kCast), 2);
  expect_lowered_is_right(graph, 2e-3);
}

// Bytes, scale and zero point are those of the definition.
TEST(IntegerLayers, DynamicQuantization) {
  for (const Shape& shape :
       {Shape{1, 3, 33, 31}, Shape{2, 2, 5, 7}, Shape{1, 37, 9, 5}, Shape{2, 16, 40, 40}, Shape{77}, Shape{3, 4, 5}}) {
    SCOPED_TRACE(to_string(shape));
    GraphBuilder b;
    for (const ValueId id : b.add(Op::kDynamicQuantizeLinear, {b.input(shape)}, {}, 3)) b.output(id);
    expect_the_same_integers(b.graph());
  }
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
        auto executor = Executor::create(plan_of(b.graph(), options));
        ASSERT_TRUE(executor.ok());
        EXPECT_LE(distance(run_plan(**executor, {x}), expected).worst, 1e-6) << isa_name(isa) << to_string(shape);
      }
    }
  }
}

}  // namespace
}  // namespace saker
