// FakeQuantize and compressed weights.
#include <cmath>
#include <limits>

#include "support/ir_testing.h"

namespace saker::openvino_ir {
namespace {

using Floats = std::vector<float>;

// What OpenVINO computes (operation-sets/operations-specifications/quantization/fake-quantize-1).
float fake(float x, float in_low, float in_high, float out_low, float out_high, int levels) {
  if (x <= in_low) return out_low;
  if (x > in_high) return out_high;
  const float last = static_cast<float>(levels - 1);
  return std::nearbyint((x - in_low) / (in_high - in_low) * last) / last * (out_high - out_low) + out_low;
}

struct Ranges {
  Floats in_low, in_high, out_low, out_high;
  Shape shape;
};

IrWriter quantizer(const Shape& x, const Ranges& r, int levels, const std::string& type = "f32",
                   const std::string& precision = "FP32") {
  IrWriter ir;
  const Ref input = ir.parameter(x, type, precision);
  ir.result(ir.layer("FakeQuantize",
                     {input, ir.constant(r.shape, r.in_low), ir.constant(r.shape, r.in_high),
                      ir.constant(r.shape, r.out_low), ir.constant(r.shape, r.out_high)},
                     {x}, fmt::format("levels=\"{}\"", levels), precision));
  return ir;
}

Ranges same(const Floats& low, const Floats& high, const Shape& shape = {}) {
  return {low, high, low, high, shape};
}

void expect_fake(const Ranges& r, int levels, Op used) {
  const auto channels = static_cast<std::int64_t>(r.in_low.size());
  const Shape shape = {1, channels, 40, 5};
  Floats x;
  for (std::int64_t i = 0; i < channels * 200; ++i) x.push_back(-6.0131F + 0.06137F * static_cast<float>(i % 200));
  const Graph graph = must_import(quantizer(shape, r, levels));
  EXPECT_NE(find(graph, used), nullptr);
  const Floats y = run(graph, {x});
  ASSERT_EQ(y.size(), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i / 200;
    EXPECT_NEAR(y[i], fake(x[i], r.in_low[c], r.in_high[c], r.out_low[c], r.out_high[c], levels), 2e-5F) << x[i];
  }
}

TEST(IrFakeQuantize, BytesPerTensor) {
  expect_fake(same({0}, {5.1F}), 256, Op::kQuantizeLinear);
  expect_fake(same({-1.28F}, {1.27F}), 256, Op::kQuantizeLinear);
  const Graph graph = must_import(quantizer({1, 1, 2, 2}, same({-1.28F}, {1.27F}), 256));
  const Node* node = find(graph, Op::kQuantizeLinear);
  ASSERT_NE(node, nullptr);
  EXPECT_FLOAT_EQ(*graph.value(node->inputs[1]).constant->data<float>(), 0.01F);
  EXPECT_EQ(*graph.value(node->inputs[2]).constant->data<std::uint8_t>(), 128);
  EXPECT_EQ(graph.nodes.size(), 2U);
}

TEST(IrFakeQuantize, BytesPerChannel) {
  const Ranges r = same({0, -1.28F, -2.55F}, {2.55F, 1.27F, 0}, {1, 3, 1, 1});
  expect_fake(r, 256, Op::kQuantizeLinear);
  const Graph graph = must_import(quantizer({1, 3, 2, 2}, r, 256));
  EXPECT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(find(graph, Op::kQuantizeLinear)->as<AxisAttrs>().axis, -3);
}

TEST(IrFakeQuantize, OtherLevels) {
  expect_fake(same({-1.27F}, {1.27F}), 255, Op::kQuantizeLinear);
  expect_fake(same({-1.27F, -0.5F}, {1.27F, 0.5F}, {1, 2, 1, 1}), 255, Op::kQuantizeLinear);
  expect_fake(same({0}, {1.5F}), 16, Op::kQuantizeLinear);
  expect_fake(same({-1}, {1}), 2, Op::kQuantizeLinear);
  expect_fake(same({-4}, {4}), 65536, Op::kFloor);
}

TEST(IrFakeQuantize, ZeroBetweenSteps) {
  expect_fake(same({-1.2345F}, {2}), 256, Op::kQuantizeLinear);
  expect_fake(same({1}, {2}), 256, Op::kQuantizeLinear);
  expect_fake(same({-1.2345F, -3}, {2, 0.1F}, {1, 2, 1, 1}), 200, Op::kQuantizeLinear);
}

TEST(IrFakeQuantize, AnotherOutputRange) {
  expect_fake({{-1.28F}, {1.27F}, {-128}, {127}, {}}, 256, Op::kQuantizeLinear);
  expect_fake({{0}, {2.55F}, {-1}, {3}, {}}, 256, Op::kQuantizeLinear);
}

TEST(IrFakeQuantize, RangesAlongTwoAxes) {
  const Shape shape = {1, 2, 1, 2};
  const Graph graph = must_import(quantizer(shape, same({-1, -2, -3, 0}, {1, 2, 3, 4}, shape), 256));
  EXPECT_EQ(count(graph, Op::kQuantizeLinear), 0U);
  const Floats x = {0.3F, -5, 2.9F, 3.3F}, y = run(graph, {x}), low = {-1, -2, -3, 0}, high = {1, 2, 3, 4};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(y[i], fake(x[i], low[i], high[i], low[i], high[i], 256), 1e-5F);
}

TEST(IrFakeQuantize, Float16) {
  const Graph graph = must_import(quantizer({1, 1, 1, 2}, same({0}, {2.55F}), 256, "f16", "FP16"));
  EXPECT_EQ(count(graph, Op::kCast), 2U);
  EXPECT_NEAR(run(graph, {{1.004F, 9}})[1], 2.55F, 2e-3F);
}

TEST(IrFakeQuantize, Refused) {
  constexpr float kInf = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [low, high] : {std::pair(0.0F, 0.0F), std::pair(1.0F, -1.0F), std::pair(-kInf, kInf),
                                  std::pair(0.0F, kNan), std::pair(0.0F, 1e-40F), std::pair(0.0F, 1e-36F)}) {
    const std::string error = error_of(quantizer({1, 1, 1, 1}, same({low}, {high}), 256));
    EXPECT_TRUE(mentions(error, "layer 'FakeQuantize_5' (FakeQuantize): range")) << error;
    EXPECT_TRUE(mentions(error, "its scale is")) << error;
  }
  for (const int levels : {-1, 0, 1, 65537})
    EXPECT_TRUE(mentions(error_of(quantizer({1}, same({0}, {1}), levels)), "levels is")) << levels;
  IrWriter ir;
  const Ref x = ir.parameter({1});
  ir.result(ir.layer("FakeQuantize", {x, x, x, x, x}, {{1}}, "levels=\"256\""));
  EXPECT_TRUE(mentions(error_of(ir), "its input_low is not a constant"));
}

// Weights that are float in the file, as older tools leave them.
TEST(IrFakeQuantize, OfConstants) {
  IrWriter ir;
  const Ref x = ir.parameter({1, 2, 1, 1});
  const Ref low = ir.constant<float>({2, 1, 1, 1}, {-1.27F, -12.7F}),
            high = ir.constant<float>({2, 1, 1, 1}, {1.27F, 12.7F});
  const Ref w =
      ir.layer("FakeQuantize", {ir.constant<float>({2, 2, 1, 1}, {0.5F, -9, 3.04F, 0.01F}), low, high, low, high},
               {{2, 2, 1, 1}}, "levels=\"255\"");
  ir.result(ir.layer("Convolution", {x, w}, {{1, 2, 1, 1}}, "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\""));
  const Graph graph = must_import(ir);
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].op, Op::kDequantizeLinear);
  EXPECT_EQ(graph.nodes[0].as<AxisAttrs>().axis, 0);
  const Floats y = run(graph, {{1, 10}});
  EXPECT_NEAR(y[0], 0.5F - 12.7F, 1e-5F);
  EXPECT_NEAR(y[1], 3, 1e-5F);
}

struct Compressed {
  Shape weights = {2, 2, 1, 1};
  std::vector<std::int8_t> bytes = {1, -2, 100, -128};
  Shape scale_shape = {2, 1, 1, 1};
  Floats scale = {0.5F, 0.25F};
  Floats zero{};
  Shape zero_shape = {2, 1, 1, 1};
};

IrWriter compressed(const Compressed& c, const std::string& destination = "f32") {
  IrWriter ir;
  Ref at = ir.layer("Convert", {ir.constant(c.weights, c.bytes)}, {c.weights},
                    fmt::format("destination_type=\"{}\"", destination));
  if (!c.zero.empty()) at = ir.layer("Subtract", {at, ir.constant(c.zero_shape, c.zero)}, {c.weights});
  at = ir.layer("Multiply", {at, ir.constant(c.scale_shape, c.scale)}, {c.weights});
  const Ref x = ir.parameter({1, 2, 1, 1});
  ir.result(ir.layer("Convolution", {x, at}, {{1, 2, 1, 1}}, "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\""));
  return ir;
}

TEST(IrCompressedWeights, ScalesOfChannels) {
  const Graph graph = must_import(compressed({}));
  ASSERT_EQ(graph.nodes.size(), 2U);
  const Node& node = graph.nodes[0];
  EXPECT_EQ(node.op, Op::kDequantizeLinear);
  EXPECT_EQ(node.as<AxisAttrs>().axis, 0);
  EXPECT_EQ(node.inputs.size(), 2U);
  EXPECT_EQ(graph.value(node.inputs[0]).dtype, DType::kInt8);
  EXPECT_EQ(*graph.value(node.inputs[1]).shape, (Shape{2}));
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-0.5F, -7}));
}

TEST(IrCompressedWeights, ZeroPoints) {
  Compressed c;
  c.zero = {1, -3};
  Graph graph = must_import(compressed(c));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.value(graph.nodes[0].inputs[2]).dtype, DType::kInt8);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-1.5F, -5.5F}));
  c.zero = {2};  // one for all
  c.zero_shape = {};
  graph = must_import(compressed(c));
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-2.5F, -8}));
  c.zero = {0.5F};
  graph = must_import(compressed(c));
  EXPECT_EQ(count(graph, Op::kDequantizeLinear), 0U);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-1, -7.25F}));
  c.zero = {128};
  EXPECT_TRUE(
      mentions(error_of(compressed(c)), "layer 'Subtract_3' (Subtract): its zero point 128 is out of the range"));
}

TEST(IrCompressedWeights, ZeroPointsBehindAConvert) {
  IrWriter ir;
  const Shape shape = {2, 2};
  const std::string to = "destination_type=\"f32\"";
  const Ref w = ir.layer("Convert", {ir.constant<std::uint8_t>(shape, {0, 10, 250, 255})}, {shape}, to);
  const Ref zero = ir.layer("Convert", {ir.constant<std::uint8_t>({2, 1}, {10, 250})}, {{2, 1}}, to);
  const Ref shifted = ir.layer("Subtract", {w, zero}, {shape});
  const Ref scaled = ir.layer("Multiply", {shifted, ir.constant<float>({2, 1}, {2, 4})}, {shape});
  ir.result(ir.layer("MatMul", {ir.parameter({1, 2}), scaled}, {{1, 2}}, "transpose_a=\"false\" transpose_b=\"true\""));
  const Graph graph = must_import(ir);
  const Node* node = find(graph, Op::kDequantizeLinear);
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(graph.value(node->inputs[2]).dtype, DType::kUint8);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-20, 20}));
}

TEST(IrCompressedWeights, OtherScales) {
  Compressed c;
  c.scale_shape = {1, 2, 1, 1};  // of the input channels
  Graph graph = must_import(compressed(c));
  EXPECT_EQ(find(graph, Op::kDequantizeLinear)->as<AxisAttrs>().axis, 1);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{0, 18}));
  c.scale_shape = {2, 2, 1, 1};
  c.scale = {1, 2, 3, 4};
  graph = must_import(compressed(c));
  EXPECT_EQ(count(graph, Op::kDequantizeLinear), 0U);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{-3, -212}));
  c.scale_shape = {};
  for (const float scale : {0.0F, -1.0F, 1e-42F, std::numeric_limits<float>::infinity(), std::nanf("")}) {
    c.scale = {scale};
    EXPECT_TRUE(mentions(error_of(compressed(c)), "layer 'Multiply_3' (Multiply): its scale is")) << scale;
  }
}

// [G, M / G, C / G, kernel], with a scale for each output channel.
TEST(IrCompressedWeights, OfGroups) {
  IrWriter ir;
  const Shape shape = {2, 2, 1, 1, 1};
  const Ref w =
      ir.layer("Convert", {ir.constant<std::int8_t>(shape, {1, 2, 3, 4})}, {shape}, "destination_type=\"f32\"");
  const Ref scaled = ir.layer("Multiply", {w, ir.constant<float>(shape, {1, 10, 100, 1000})}, {shape});
  ir.result(ir.layer("GroupConvolution", {ir.parameter({1, 2, 1, 1}), scaled}, {{1, 4, 1, 1}},
                     "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\" dilations=\"1,1\""));
  const Graph graph = must_import(ir);
  ASSERT_EQ(graph.nodes.size(), 2U);
  EXPECT_EQ(graph.nodes[0].op, Op::kDequantizeLinear);
  EXPECT_EQ(*graph.value(graph.nodes[0].inputs[0]).shape, (Shape{4, 1, 1, 1}));
  EXPECT_EQ(run(graph, {{1, 2}}), (Floats{1, 20, 600, 8000}));
}

// In float16, with a Convert behind.
TEST(IrCompressedWeights, Float16Scales) {
  IrWriter ir;
  const Shape shape = {2, 2};
  Ref at =
      ir.layer("Convert", {ir.constant<std::int8_t>(shape, {1, 2, 3, 4})}, {shape}, "destination_type=\"f16\"", "FP16");
  at = ir.layer("Multiply", {at, ir.constant<std::uint16_t>({2, 1}, {0x3C00, 0x4000})}, {shape}, "", "FP16");
  at = ir.layer("Convert", {at}, {shape}, "destination_type=\"f32\"");
  ir.result(ir.layer("MatMul", {ir.parameter({1, 2}), at}, {{1, 2}}));
  const Graph graph = must_import(ir);
  EXPECT_EQ(count(graph, Op::kDequantizeLinear), 1U);
  EXPECT_EQ(count(graph, Op::kMul), 0U);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{7, 10}));
}

TEST(IrCompressedWeights, Float16Constants) {
  IrWriter ir;
  const Ref c =
      ir.layer("Convert", {ir.constant<std::uint16_t>({2}, {0x3C00, 0xC000})}, {{2}}, "destination_type=\"f32\"");
  ir.result(ir.layer("Add", {ir.parameter({2}), c}, {{2}}));
  const Graph graph = must_import(ir);
  EXPECT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(run(graph, {{1, 1}}), (Floats{2, -1}));
}

// Shapes of ports that are not those of the data.
TEST(IrCompressedWeights, LiesAboutShapes) {
  for (const Shape& lie :
       {Shape{1, 2, 2, 1, 1}, Shape{4, 1, 1, 1, 1}, Shape{2, 2, 1, 1, 3}, Shape{-1, 2, 1, 1, 1}, Shape{0}}) {
    IrWriter ir;
    const Shape shape = {2, 2, 1, 1, 1};
    const Ref w =
        ir.layer("Convert", {ir.constant<std::int8_t>(shape, {1, 2, 3, 4})}, {lie}, "destination_type=\"f32\"");
    const Ref zero =
        ir.layer("Convert", {ir.constant<std::int8_t>({2, 1, 1, 1, 1}, {1, 2})}, {lie}, "destination_type=\"f32\"");
    const Ref shifted = ir.layer("Subtract", {w, zero}, {lie});
    const Ref scaled = ir.layer("Multiply", {shifted, ir.constant<float>({}, {2})}, {lie});
    ir.result(ir.layer("GroupConvolution", {ir.parameter({1, 2, 1, 1}), scaled}, {{1, 4, 1, 1}},
                       "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\""));
    const auto model = import(ir);
    EXPECT_TRUE(!model.ok() || verify(model->graph).ok());
  }
}

}  // namespace
}  // namespace saker::openvino_ir
