// 8-bit graphs written with QLinear operators and read again: the operators there are, and the results, which are those
// of the same graph written with QuantizeLinear and DequantizeLinear.
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "model/onnx/exporter.h"
#include "model/onnx/proto.h"
#include "passes/pipeline.h"
#include "quantize/quantize.h"
#include "support/import_testing.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

using onnx::ExportForm;
using OpCounts = std::map<std::string, int>;

std::string written(const Graph& graph, ExportForm form) {
  const auto text = onnx::export_model(graph, form);
  EXPECT_TRUE(text.ok()) << text.error().message;
  return text.ok() ? *text : "";
}

Graph reread(const std::string& text) {
  auto model = onnx::import_text(text);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? model->graph : Graph();
}

// Operators of the file; those of com.microsoft begin with "ms.".
OpCounts ops_of(const std::string& text) {
  const auto model = onnx::parse_model(std::as_bytes(std::span(text)));
  EXPECT_TRUE(model.ok() && model->graph);
  if (!model.ok() || !model->graph) return {};
  OpCounts counts;
  bool foreign = false;
  for (const auto& node : model->graph->nodes) {
    EXPECT_TRUE(node.domain.empty() || node.domain == "com.microsoft") << node.domain;
    foreign = foreign || !node.domain.empty();
    ++counts[(node.domain.empty() ? "" : "ms.") + std::string(node.op_type)];
  }
  EXPECT_EQ(model->opsets.size(), foreign ? 2U : 1U);
  EXPECT_EQ(model->opsets.back(), foreign ? std::pair(std::string_view("com.microsoft"), std::int64_t{1})
                                          : std::pair(std::string_view(), onnx::kExportOpset));
  return counts;
}

std::vector<Tensor> inputs_of(const Graph& graph, std::uint32_t seed) {
  std::vector<Tensor> inputs;
  std::mt19937 engine(seed);
  for (const ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    if (value.dtype == DType::kFloat32) {
      inputs.push_back(random_tensor(*value.shape, seed));
      continue;
    }
    inputs.push_back(Tensor::make(value.dtype, *value.shape).value());
    for (std::size_t i = 0; i < inputs.back().bytes(); ++i)
      inputs.back().data<std::uint8_t>()[i] = static_cast<std::uint8_t>(engine());
  }
  return inputs;
}

// `steps`: how far apart outputs may be.
void expect_written(const Graph& graph, const OpCounts& ops, double steps = 0) {
  const std::string text = written(graph, ExportForm::kQLinear);
  EXPECT_EQ(ops_of(text), ops);
  for (const std::uint32_t seed : {1U, 2U}) {
    const auto inputs = inputs_of(graph, seed);
    const auto got = evaluate_graph(reread(text), inputs);
    const auto expected = evaluate_graph(reread(written(graph, ExportForm::kQdq)), inputs);
    ASSERT_EQ(got.size(), expected.size());
    if (steps > 0) {
      const Distance apart = distance(got, expected);
      EXPECT_LE(apart.worst, steps);
      EXPECT_LE(apart.mean, 0.01 * steps);
      continue;
    }
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i].shape(), expected[i].shape());
      EXPECT_EQ(std::memcmp(got[i].raw(), expected[i].raw(), got[i].bytes()), 0);
    }
  }
}

const Grid kIn = grid_of(1), kMiddle = {{0.03F}, {110}}, kOut = {{0.02F}, {100}};
const Grid kPositive = {{0.02F}, {0}};

struct Net8 : QdqBuilder {
  ValueId x = dequantize(input({1, 4, 6, 6}, DType::kUint8), kIn);
  ValueId other(const Grid& grid) { return dequantize(input({1, 4, 6, 6}, DType::kUint8), grid); }
  // One operator, then bytes.
  const Graph& ending(ValueId y, const Grid& grid = kOut) {
    output(quantize(y, grid));
    return graph();
  }
};

TEST(QLinear, Convolutions) {
  Net8 plain, strided, depthwise, without;
  expect_written(plain.ending(plain.conv8(plain.x, 5)), {{"QLinearConv", 1}}, 1);
  expect_written(strided.ending(strided.conv8(strided.x, 6, {.kernel = 3, .stride = 2})), {{"QLinearConv", 1}}, 1);
  expect_written(depthwise.ending(depthwise.conv8(depthwise.x, 4, {.kernel = 3, .group = 4})), {{"QLinearConv", 1}}, 1);
  expect_written(without.ending(without.conv8(without.x, 5, {.bias = false})), {{"QLinearConv", 1}});
}

TEST(QLinear, WhatClampsTheResultOfAConvolution) {
  Net8 implied, relu, six, high;
  expect_written(implied.ending(implied.add(Op::kRelu, {implied.conv8(implied.x, 5)}), kPositive), {{"QLinearConv", 1}},
                 1);
  expect_written(relu.ending(relu.add(Op::kRelu, {relu.conv8(relu.x, 5)})), {{"QLinearConv", 1}, {"Clip", 1}}, 1);
  const auto clip = [](Net8& net, float highest) {
    return net.add(Op::kClip, {net.conv8(net.x, 5), net.scalar(0), net.scalar(highest)});
  };
  expect_written(six.ending(clip(six, 6), kPositive), {{"QLinearConv", 1}}, 1);
  expect_written(high.ending(clip(high, 0.5F), kPositive), {{"QLinearConv", 1}, {"Clip", 1}}, 1);
}

TEST(QLinear, Arithmetic) {
  for (const auto& [op, name] : {std::pair(Op::kAdd, "ms.QLinearAdd"), std::pair(Op::kMul, "ms.QLinearMul")}) {
    Net8 net;
    expect_written(net.ending(net.add(op, {net.x, net.other(kMiddle)})), {{name, 1}});
  }
  Net8 sigmoid, leaky, clamped;
  expect_written(sigmoid.ending(sigmoid.add(Op::kSigmoid, {sigmoid.x})), {{"ms.QLinearSigmoid", 1}});
  expect_written(leaky.ending(leaky.add(Op::kLeakyRelu, {leaky.x}, LeakyReluAttrs{0.2F})),
                 {{"ms.QLinearLeakyRelu", 1}});
  const ValueId sum = clamped.add(Op::kAdd, {clamped.x, clamped.other(kMiddle)});
  expect_written(clamped.ending(clamped.add(Op::kRelu, {sum})), {{"ms.QLinearAdd", 1}, {"Clip", 1}});
}

TEST(QLinear, WhatHasNoFormStaysAsItIs) {
  const OpCounts conv = {{"DequantizeLinear", 2}, {"Conv", 1}, {"QuantizeLinear", 1}};
  Net8 linear, rescaled, tanh, channels, unquantized, twice;
  expect_written(linear.ending(linear.upsample(linear.x, true), kIn),
                 {{"DequantizeLinear", 1}, {"Resize", 1}, {"QuantizeLinear", 1}});
  expect_written(rescaled.ending(rescaled.max_pool(rescaled.x, 3)),
                 {{"DequantizeLinear", 1}, {"MaxPool", 1}, {"QuantizeLinear", 1}});
  expect_written(tanh.ending(tanh.add(Op::kTanh, {tanh.x})),
                 {{"DequantizeLinear", 1}, {"Tanh", 1}, {"QuantizeLinear", 1}});
  expect_written(channels.ending(channels.conv8(channels.x, 5), grid_of(2, 5)), conv);
  unquantized.output(unquantized.conv8(unquantized.x, 5));
  expect_written(unquantized.graph(), {{"DequantizeLinear", 2}, {"Conv", 1}});
  const ValueId y = twice.conv8(twice.x, 5);
  twice.output(y);
  expect_written(twice.ending(y), conv);
  const Grid no_zero = {{0.02F}, {}};
  Net8 implicit;
  expect_written(implicit.ending(implicit.conv8(implicit.x, 5), no_zero), conv);
}

// Bytes that others read as floats.
TEST(QLinear, FloatReadersKeepTheirDequantization) {
  Net8 net;
  net.output(net.add(Op::kTanh, {net.x}));
  expect_written(net.ending(net.add(Op::kSigmoid, {net.x})),
                 {{"ms.QLinearSigmoid", 1}, {"DequantizeLinear", 1}, {"Tanh", 1}});
}

Net8 conv_of_bias(const std::vector<int>& weights, const std::vector<float>& bias, float scale) {
  Net8 net;
  const ValueId w =
      net.add(Op::kDequantizeLinear, {net.bytes({2, 4, 1, 1}, weights, DType::kInt8), net.floats({2}, {0.01F, scale})},
              AxisAttrs{0});
  net.ending(net.add(Op::kConv, {net.x, w, net.floats({2}, bias)}, ConvAttrs{}));
  return net;
}

TEST(QLinear, BiasesOfFiltersThatAreAllZero) {
  for (const float scale : {1e-30F, 0.01F}) {
    Net8 net = conv_of_bias({9, -8, 7, 6, 0, 0, 0, 0}, {0.5F, -0.7F}, scale);
    expect_written(net.graph(), {{"QLinearConv", 1}}, 1);
  }
  Net8 nothing = conv_of_bias({9, -8, 7, 6, 0, 0, 0, 0}, {0.5F, 0}, 1e-30F);
  expect_written(nothing.graph(), {{"QLinearConv", 1}}, 1);
}

TEST(QLinear, BiasesTooLargeForTheSumsStayFloat) {
  Net8 net = conv_of_bias({9, -8, 7, 6, 1, 0, 0, 0}, {0.5F, 0.7F}, 1e-12F);
  expect_written(net.graph(), {{"DequantizeLinear", 2}, {"Conv", 1}, {"QuantizeLinear", 1}});
}

// Between the picture and the last convolution nothing is float.
TEST(QLinear, AQuantizedNetwork) {
  for (const bool symmetric : {false, true}) {
    GraphBuilder b;
    const ValueId x = b.conv_silu(b.conv_silu(b.input({1, 3, 16, 16}), 8, 3, 2), 16, 3);
    auto parts = b.split(x, {8, 8});
    parts.push_back(b.add(Op::kAdd, {parts[1], b.conv_silu(parts[1], 8, 3)}));
    const ValueId joined = b.conv(b.concat(parts), 12);
    const ValueId leaky = b.add(Op::kLeakyRelu, {joined}, LeakyReluAttrs{0.1F});
    const ValueId deep = b.add(Op::kRelu, {b.conv(leaky, 12, {.kernel = 3, .group = 12})});
    b.output(b.conv(b.upsample(b.concat({deep, b.max_pool(deep, 3)})), 5));
    PictureFeed feed;
    feed.count = 4;
    feed.fill = [](std::size_t i, Tensor& input, ThreadPool&) -> Status {
      const Tensor numbers = random_tensor(input.shape(), static_cast<std::uint32_t>(i));
      std::memcpy(input.raw(), numbers.raw(), numbers.bytes());
      return {};
    };
    QuantizeOptions options;
    options.activations = ActivationScales::kPerTensor;
    options.symmetric = symmetric;
    const Shape shape = {1, 3, 16, 16};
    const auto graph = prepare_float_graph(b.graph(), std::span(&shape, 1));
    ASSERT_TRUE(graph.ok());
    const auto result = quantize(*graph, options, feed);
    ASSERT_TRUE(result.ok()) << result.error().message;
    const OpCounts ops = {{"QuantizeLinear", 1}, {"DequantizeLinear", 2}, {"Conv", 1},
                          {"QLinearConv", 5},    {"ms.QLinearAdd", 1},    {"ms.QLinearSigmoid", 3},
                          {"Split", 1},          {"ms.QLinearMul", 3},    {"MaxPool", 1},
                          {"Concat", 2},         {"Resize", 1},           {"ms.QLinearLeakyRelu", 1}};
    expect_written(result->graph, ops, 0.1);
    Graph again = reread(written(result->graph, ExportForm::kQLinear));
    ASSERT_TRUE(bind_input_shapes(again, std::span(&shape, 1)).ok());
    EXPECT_EQ(count_ops(lowered(again), Op::kConvInt8), 6) << first_note(lowered(again));
    expect_lowered_is_close(again);
  }
}

}  // namespace
}  // namespace saker
