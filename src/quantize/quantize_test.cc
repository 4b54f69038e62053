// A small float network and made-up pictures, quantized: what comes out, and what is refused.
#include "quantize/quantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <tuple>

#include "graph/printer.h"
#include "model/onnx/exporter.h"
#include "passes/passes.h"
#include "passes/pipeline.h"
#include "quantize/importance.h"
#include "quantize/probe.h"
#include "support/import_testing.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr std::int64_t kSide = 16;
const Shape kShape = {1, 3, kSide, kSide};

// Strides, a split with a residual, a depthwise convolution, a pool beside what it reads, a head.
Graph small_net() {
  GraphBuilder b;
  const ValueId x = b.conv_silu(b.conv_silu(b.input(kShape), 8, 3, 2), 16, 3);
  auto parts = b.split(x, {8, 8});
  parts.push_back(b.add(Op::kAdd, {parts[1], b.conv_silu(parts[1], 8, 3)}));
  const ValueId joined = b.conv_silu(b.concat(parts), 12);
  const ValueId deep = b.add(Op::kRelu, {b.conv(joined, 12, {.kernel = 3, .group = 12})});
  b.output(b.conv(b.concat({deep, b.max_pool(deep, 3)}), 5));
  return b.graph();
}

PictureFeed feed(std::size_t count = 4, float reach = 1) {
  PictureFeed result;
  result.count = count;
  result.fill = [reach](std::size_t i, Tensor& input, ThreadPool&) -> Status {
    const Tensor numbers = random_tensor(input.shape(), 100 + static_cast<std::uint32_t>(i), -reach, reach);
    std::memcpy(input.raw(), numbers.raw(), numbers.bytes());
    return {};
  };
  return result;
}

Result<Quantized> quantized(const Graph& model, const QuantizeOptions& options = {}, const PictureFeed& f = feed()) {
  const Shape shape = *model.value(model.inputs[0]).shape;
  auto graph = prepare_float_graph(model, std::span(&shape, 1));
  if (!graph.ok()) return graph.error();
  return quantize(*graph, options, f);
}

std::string exported(const Graph& graph) {
  const auto text = onnx::export_model(graph);
  EXPECT_TRUE(text.ok()) << text.error().message;
  return text.ok() ? *text : "";
}

// As a session has it: written, read, with the shape of its input.
Graph reloaded(const Graph& graph) {
  auto model = onnx::import_text(exported(graph));
  EXPECT_TRUE(model.ok()) << model.error().message;
  if (!model.ok()) return {};
  EXPECT_TRUE(bind_input_shapes(model->graph, std::span(&*graph.value(graph.inputs[0]).shape, 1)).ok());
  return model->graph;
}

// The root mean square of the difference, relative to that of what is expected.
double relative_error(const Graph& got, const Graph& expected) {
  double difference = 0, magnitude = 0;
  for (const std::uint32_t seed : {100U, 7U}) {  // a picture it was calibrated with, and another
    const auto inputs = random_inputs(expected, seed);
    const Tensor a = evaluate_graph(got, inputs)[0], b = evaluate_graph(expected, inputs)[0];
    for (std::int64_t i = 0; i < b.elements(); ++i) {
      const double x = static_cast<double>(a.data<float>()[i]), y = static_cast<double>(b.data<float>()[i]);
      difference += (x - y) * (x - y);
      magnitude += y * y;
    }
  }
  return std::sqrt(difference / magnitude);
}

void expect_good(const QuantizeOptions& options, double bound) {
  const Graph model = small_net();
  const auto result = quantized(model, options);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->points.convs.size(), 6U);
  const Graph graph = reloaded(result->graph);
  Graph live = graph;
  ASSERT_TRUE(remove_dead(live).ok());
  EXPECT_EQ(live.nodes.size(), graph.nodes.size());  // other engines would compute it all the same
  const Graph bytes = lowered(graph);
  EXPECT_EQ(count_ops(bytes, Op::kConvInt8), 6) << first_note(bytes);
  EXPECT_EQ(count_ops(bytes, Op::kConv), 0);
  EXPECT_LE(relative_error(graph, model), bound);
  expect_lowered_is_close(graph);
}

TEST(Quantize, EveryConvolutionBecomesEightBits) {
  expect_good({}, 0.02);
}

TEST(Quantize, WithoutBiasCorrection) {
  QuantizeOptions options;
  options.correct_bias = false;
  expect_good(options, 0.02);
}

struct WeightExtremes {
  int filters = 0, largest = 0, widest_pair = 0;
};
WeightExtremes weight_extremes(const Graph& graph) {
  WeightExtremes found;
  for (const Value& value : graph.values) {
    if (!value.constant || value.constant->dtype() != DType::kInt8 || value.constant->shape().size() != 4) continue;
    ++found.filters;
    const Shape& shape = value.constant->shape();
    const std::int64_t taps = shape[2] * shape[3];
    const std::int8_t* weights = value.constant->data<std::int8_t>();
    for (std::int64_t i = 0; i < value.constant->elements(); ++i) {
      found.largest = std::max(found.largest, std::abs(weights[i]));
      const std::int64_t input = i / taps % shape[1];
      if (input % 2 == 0 && input + 1 < shape[1])
        found.widest_pair = std::max(found.widest_pair, std::abs(weights[i] + weights[i + taps]));
    }
  }
  return found;
}

TEST(Quantize, WeightsOfSevenBits) {
  QuantizeOptions options;
  options.weight_bits = 7;
  expect_good(options, 0.03);
  const auto result = quantized(small_net(), options);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const WeightExtremes found = weight_extremes(result->graph);
  EXPECT_EQ(found.filters, 6);
  EXPECT_EQ(found.largest, 63);
}

TEST(Quantize, ProductsOfTwoNeighboursFit16Bits) {
  const auto result = quantized(small_net());
  ASSERT_TRUE(result.ok()) << result.error().message;
  const WeightExtremes found = weight_extremes(result->graph);
  EXPECT_EQ(found.largest, 127);
  EXPECT_LE(found.widest_pair, 128);
  EXPECT_GE(found.widest_pair, 126) << "filters that pairs bound reach the bound";
}

TEST(Quantize, OneScaleForEachTensor) {
  QuantizeOptions options;
  options.activations = ActivationScales::kPerTensor;
  expect_good(options, 0.04);
}

// As other engines fuse it: whatever lies between a convolution and the next is quantized on both sides.
TEST(Quantize, OneScaleForEachTensorPutsEightBitsEverywhere) {
  QuantizeOptions options;
  options.activations = ActivationScales::kPerTensor;
  const auto result = quantized(small_net(), options);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Graph graph = reloaded(result->graph);
  const std::vector<std::int32_t> producer = producers(graph);
  std::vector<int> readers(graph.values.size(), 0), quantizing(graph.values.size(), 0);
  const auto made_by = [&](ValueId id) {
    return graph.nodes[static_cast<std::size_t>(producer[static_cast<std::size_t>(id)])].op;
  };
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      ++readers[static_cast<std::size_t>(id)];
      quantizing[static_cast<std::size_t>(id)] += node.op == Op::kQuantizeLinear ? 1 : 0;
    }
  }
  int moved = 0, gates = 0;
  for (const Node& node : graph.nodes) {
    const bool is_last = std::ranges::find(graph.outputs, node.outputs[0]) != graph.outputs.end();
    if (node.op == Op::kQuantizeLinear || node.op == Op::kDequantizeLinear || is_last) continue;
    if (node.op == Op::kConcat || node.op == Op::kSplit || node.op == Op::kMaxPool) {
      EXPECT_NE(made_by(node.inputs[0]), Op::kDequantizeLinear) << node.name;  // bytes are moved
      ++moved;
      continue;
    }
    gates += node.op == Op::kSigmoid ? 1 : 0;
    for (const ValueId id : node.outputs) {
      const auto i = static_cast<std::size_t>(id);
      const bool into_relu = node.op == Op::kConv && readers[i] == 1 && quantizing[i] == 0;
      EXPECT_TRUE(into_relu || (readers[i] == 1 && quantizing[i] == 1)) << node.name;
    }
  }
  EXPECT_EQ(moved, 4);
  EXPECT_EQ(gates, 4);
  EXPECT_EQ(count_ops(graph, Op::kSilu), 0);
}

TEST(Quantize, SymmetricActivations) {
  QuantizeOptions options;
  options.symmetric = true;
  expect_good(options, 0.03);
}

TEST(Quantize, EveryObserver) {
  for (const Observer observer :
       {Observer::kMinMax, Observer::kMovingAverage, Observer::kPercentile, Observer::kEntropy, Observer::kMse}) {
    for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
      SCOPED_TRACE(static_cast<int>(observer));
      QuantizeOptions options;
      options.observer = observer;
      options.activations = scales;
      expect_good(options, 0.15);  // those that cut cut a lot of pictures as small as these
    }
  }
}

TEST(Quantize, TheSameBytesEveryTimeAndForAnyNumberOfThreads) {
  for (const Observer observer : {Observer::kMinMax, Observer::kEntropy}) {
    std::string first;
    for (const int threads : {1, 1, 2, 3}) {
      QuantizeOptions options;
      options.observer = observer;
      options.threads = threads;
      const auto result = quantized(small_net(), options);
      ASSERT_TRUE(result.ok()) << result.error().message;
      const std::string text = exported(result->graph);
      if (first.empty()) first = text;
      EXPECT_TRUE(text == first) << threads << " threads";
    }
  }
}

TEST(Quantize, ProgressCountsEveryPictureOfEveryRound) {
  std::vector<std::size_t> seen;
  PictureFeed pictures = feed(3);
  pictures.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 6U);
    seen.push_back(done);
  };
  QuantizeOptions options;
  options.observer = Observer::kPercentile;
  ASSERT_TRUE(quantized(small_net(), options, pictures).ok());
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 2, 3, 4, 5, 6}));
}

TEST(Quantize, ConvolutionsThatAreToStayFloat) {
  std::string kept;
  QuantizeOptions options;
  options.keep_float = [&](const Node& node) {
    if (kept.empty()) kept = node.name;
    return node.name == kept;
  };
  const auto result = quantized(small_net(), options);
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->points.left_float.size(), 1U);
  EXPECT_EQ(result->points.left_float[0].first, kept);
  const Graph bytes = lowered(reloaded(result->graph));
  EXPECT_EQ(count_ops(bytes, Op::kConv), 1);
  EXPECT_EQ(count_ops(bytes, Op::kConvInt8), 5);
}

TEST(Quantize, NamesOfInputsAndOutputsAreKept) {
  GraphBuilder b;
  const ValueId y = b.add(Op::kIdentity, {b.conv(b.input(kShape), 4)});
  b.output(y);
  b.graph().value(b.graph().inputs[0]).name = "images";
  b.graph().value(y).name = "boxes";
  const auto result = quantized(b.graph());
  ASSERT_TRUE(result.ok());
  const Graph graph = reloaded(result->graph);
  EXPECT_EQ(graph.value(graph.inputs[0]).name, "images");
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "boxes");
}

TEST(Quantize, InputsKeepTheirType) {
  GraphBuilder b;
  const ValueId x = b.input(kShape, DType::kFloat16);
  b.output(b.conv(b.add(Op::kCast, {x}, CastAttrs{DType::kFloat32}), 4));
  PictureFeed pictures = feed(2);
  pictures.fill = [](std::size_t, Tensor& input, ThreadPool&) -> Status {
    EXPECT_EQ(input.dtype(), DType::kFloat16);
    std::memset(input.raw(), 0x3c, input.bytes());  // 1.06
    return {};
  };
  const auto result = quantized(b.graph(), {}, pictures);
  ASSERT_TRUE(result.ok()) << result.error().message;
  const Graph graph = reloaded(result->graph);
  EXPECT_EQ(graph.value(graph.inputs[0]).dtype, DType::kFloat16);
  EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 1);
}

// ---- layers one by one ----

Quantizer quantizer_of(const Graph& model, const QuantizeOptions& options = {}) {
  const Shape shape = *model.value(model.inputs[0]).shape;
  auto graph = prepare_float_graph(model, std::span(&shape, 1));
  EXPECT_TRUE(graph.ok());
  auto quantizer = Quantizer::create(*graph, options, feed());
  EXPECT_TRUE(quantizer.ok());
  return std::move(*quantizer);
}

// The scales and zero points of the input.
std::pair<std::vector<float>, std::vector<int>> scales_of_pictures(const PictureFeed& pictures,
                                                                   const QuantizeOptions& options = {}) {
  const auto made = quantized(small_net(), options, pictures);
  EXPECT_TRUE(made.ok());
  const Graph& graph = made->graph;
  const auto node = std::ranges::find_if(
      graph.nodes, [&](const Node& own) { return own.op == Op::kQuantizeLinear && own.inputs[0] == graph.inputs[0]; });
  EXPECT_NE(node, graph.nodes.end());
  const Tensor &scale = *graph.value(node->inputs[1]).constant, &zero = *graph.value(node->inputs[2]).constant;
  return {{scale.data<float>(), scale.data<float>() + scale.elements()},
          {zero.data<std::uint8_t>(), zero.data<std::uint8_t>() + zero.elements()}};
}

TEST(Quantize, PicturesHaveANumberForEachValueOfAPixel) {
  PictureFeed pictures = feed();  // which reach less far
  pictures.reach = {{0, 1}, {-2, 3.1F}, {0, 255}};
  auto [scale, zero] = scales_of_pictures(pictures);
  EXPECT_EQ(scale, (std::vector<float>{1.0F / 255, 5.1F / 255, 1}));
  EXPECT_EQ(zero, (std::vector<int>{0, 100, 0}));
  QuantizeOptions per_tensor;
  per_tensor.activations = ActivationScales::kPerTensor;
  std::tie(scale, zero) = scales_of_pictures(pictures, per_tensor);
  EXPECT_EQ(scale, std::vector<float>{257.0F / 255});
  EXPECT_EQ(zero, std::vector<int>{2});
  // Not known: what the calibration shows, and a reserve.
  pictures.reach.clear();
  EXPECT_GT(scales_of_pictures(pictures).first[0], 2.2F / 255);
}

TEST(Quantizer, SomeLayersInFloatAreAsIfTheyHadBeenAskedToStay) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    QuantizeOptions options;
    options.activations = scales;
    options.observer = Observer::kMinMax;  // of some pictures, other layers would be better with another
    const Quantizer quantizer = quantizer_of(small_net(), options);
    const std::string name = quantizer.graph().nodes[quantizer.points().convs[2].node].name;
    const auto some = quantizer.run({false, false, true, false, false, false});
    ASSERT_TRUE(some.ok());
    ASSERT_EQ(some->points.left_float.size(), 1U);
    EXPECT_EQ(some->points.left_float[0].first, name);
    EXPECT_EQ(count_ops(lowered(reloaded(some->graph)), Op::kConvInt8), 5);
    if (scales == ActivationScales::kPerTensor) continue;  // scales that are shared with what is not there
    options.keep_float = [&](const Node& node) { return node.name == name; };
    const auto asked = quantized(small_net(), options);
    ASSERT_TRUE(asked.ok());
    EXPECT_TRUE(exported(some->graph) == exported(asked->graph));
  }
}

TEST(Probe, TheFloatGraphHasNoErrorAndEightBitsHaveSome) {
  const Quantizer quantizer = quantizer_of(small_net());
  const auto probe = Probe::create(quantizer.graph(), quantizer.points(), ProbedLayers::kAll, feed(), 2, 1);
  ASSERT_TRUE(probe.ok());
  EXPECT_EQ(probe->last(), std::vector<std::size_t>{quantizer.points().convs.size() - 1});
  EXPECT_LT(probe->error(quantizer.graph()).value(), 1e-10);
  const double all = probe->error(quantizer.run()->graph).value();
  EXPECT_GT(all, 1e-7);
  EXPECT_LT(all, 1e-2);
}

// The second of three layers gets one channel that is far louder than the others, and one scale for all.
TEST(Probe, FindsTheLayerThatHurts) {
  GraphBuilder b;
  const ValueId x = b.input(kShape);
  const ValueId loud = b.add(Op::kConv, {x, b.floats({3, 3, 1, 1}, {900, 0, 0, 0, 1, 0, 0, 0, 1})}, ConvAttrs{});
  const ValueId quiet = b.add(Op::kConv, {loud, b.floats({3, 3, 1, 1}, {1e-3F, 0, 0, 0, 1, 0, 0, 0, 1})}, ConvAttrs{});
  b.output(b.conv(quiet, 4, {.kernel = 3}));
  QuantizeOptions options;
  options.activations = ActivationScales::kPerTensor;
  options.observer = Observer::kMinMax;
  const Quantizer quantizer = quantizer_of(b.graph(), options);
  const auto probe = Probe::create(quantizer.graph(), quantizer.points(), ProbedLayers::kAll, feed(), 2, 1);
  ASSERT_TRUE(probe.ok());
  std::vector<std::size_t> steps;
  const auto layers =
      measure_sensitivity(quantizer, *probe, [&](std::size_t done, std::size_t) { steps.push_back(done); });
  ASSERT_TRUE(layers.ok());
  EXPECT_EQ(steps, (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_GT((*layers)[1].own, 0.1);
  EXPECT_GT((*layers)[1].last, 0.1);
  for (const std::size_t other : {0U, 2U}) EXPECT_LT((*layers)[other].last, 0.01);
}

TEST(Importance, AsTheWeightsOfTheNextLayer) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, kSide, kSide});
  b.output(b.add(Op::kConv, {x, b.floats({1, 2, 1, 1}, {3, 1})}, ConvAttrs{}));
  const Graph graph = b.graph();
  const Points points = find_points(graph, PointDensity::kStored, [](const Node&) { return false; });
  ChannelStatistics s;  // 0 and 1, equally often
  s.high = 1;
  s.histogram.assign(kHistogramBins, 0);
  s.histogram.front() = s.histogram.back() = 10;
  const auto importance = channel_importance(graph, points, {{s, s}});
  const double variance = s.variance();
  EXPECT_NEAR(variance, 0.25, 1e-3);
  EXPECT_NEAR(importance[0][0], 0.9 / variance, 1e-6);
  EXPECT_NEAR(importance[0][1], 0.1 / variance, 1e-6);
}

// ---- numbers that are hard ----

TEST(Quantize, ChannelsThatAreAlwaysZero) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    GraphBuilder b;
    std::vector<float> weights(9, 0.5F);
    std::fill(weights.begin() + 3, weights.begin() + 6, 0.0F);  // channel 1 of the middle says nothing
    const ValueId middle = b.add(Op::kConv, {b.input(kShape), b.floats({3, 3, 1, 1}, weights)}, ConvAttrs{});
    b.output(b.conv(middle, 4, {.kernel = 3}));
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(b.graph(), options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    const Graph graph = reloaded(result->graph);
    EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 2) << first_note(lowered(graph));
    EXPECT_LE(relative_error(graph, b.graph()), 0.02);
  }
}

TEST(Quantize, ANetworkThatSaysNothing) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(small_net(), options, feed(2, 0));  // black pictures
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_EQ(count_ops(lowered(reloaded(result->graph)), Op::kConv), 0);
  }
}

TEST(Quantize, ChannelsOfVeryDifferentSize) {
  GraphBuilder b;
  std::vector<float> weights;
  for (const float size : {0.1F, 1.0F, 5.0F}) weights.insert(weights.end(), 3, size);
  const ValueId middle = b.add(Op::kConv, {b.input(kShape), b.floats({3, 3, 1, 1}, weights)}, ConvAttrs{});
  b.output(b.add(Op::kConv, {middle, b.floats({2, 3, 1, 1}, {10, 1, 0.2F, -10, 2, 0.1F})}, ConvAttrs{}));
  const auto result = quantized(b.graph());
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(count_ops(lowered(reloaded(result->graph)), Op::kConvInt8), 2);
  EXPECT_LE(relative_error(reloaded(result->graph), b.graph()), 0.03);
}

// What is moved may also be a result, or not wanted at all.
TEST(Quantize, MovedValuesThatAreResults) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input(kShape), 8);
  const ValueId pooled = b.max_pool(x, 3);
  const auto parts = b.split(pooled, {4, 4});
  b.output(b.conv(parts[0], 2)).output(pooled).output(parts[1]);
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(b.graph(), options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    const Graph graph = reloaded(result->graph);
    ASSERT_EQ(graph.outputs.size(), 3U);
    EXPECT_LE(relative_error(graph, b.graph()), 0.03);
    EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 2) << first_note(lowered(graph));
  }
}

TEST(Quantize, JoinedWithNoChannels) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    GraphBuilder b;
    const ValueId x = b.conv(b.input(kShape), 4);
    const ValueId none = b.add(Op::kConv, {x, b.random({0, 4, 1, 1})}, ConvAttrs{});
    const auto parts = b.split(b.concat({x, none}), {4, 0});
    b.output(b.conv(b.concat(parts), 2));
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(b.graph(), options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    EXPECT_LE(relative_error(reloaded(result->graph), b.graph()), 0.03);
  }
}

TEST(Quantize, ConvolutionsOfNoChannelsStayFloat) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    GraphBuilder b;
    const ValueId x = b.conv(b.input(kShape), 4);
    const ValueId none = b.add(Op::kConv, {x, b.random({0, 4, 1, 1})}, ConvAttrs{});
    b.output(b.add(Op::kConv, {none, b.floats({2, 0, 1, 1}, {})}, ConvAttrs{}));
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(b.graph(), options);
    ASSERT_TRUE(result.ok()) << result.error().message;
    ASSERT_EQ(result->points.left_float.size(), 1U);
    EXPECT_EQ(result->points.left_float[0].second, "its input is empty");
  }
}

// ---- errors ----

void expect_error(const Result<Quantized>& result, const std::string& part) {
  ASSERT_FALSE(result.ok()) << part;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalid);
  EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
}

TEST(Quantize, RefusesWhatIsQuantizedAlready) {
  const auto once = quantized(small_net());
  ASSERT_TRUE(once.ok());
  expect_error(quantized(reloaded(once->graph)), "quantized already");
}

TEST(Quantize, RefusesANetworkWithoutConvolutions) {
  GraphBuilder b;
  b.output(b.add(Op::kRelu, {b.input(kShape)}));
  expect_error(quantized(b.graph()), "no convolution");
  QuantizeOptions none;
  none.keep_float = [](const Node&) { return true; };
  expect_error(quantized(small_net(), none), "no convolution");
}

TEST(Quantize, RefusesSeveralInputs) {
  GraphBuilder b;
  b.output(b.add(Op::kAdd, {b.conv(b.input(kShape), 3), b.input(kShape)}));
  expect_error(quantize(b.graph(), {}, feed()), "2 inputs");
}

TEST(Quantize, RefusesWeightsThatAreNotFinite) {
  for (const float bad : {NAN, std::numeric_limits<float>::infinity()}) {
    GraphBuilder b;
    b.output(b.add(Op::kConv, {b.input(kShape), b.floats({1, 3, 1, 1}, {1, bad, 1})}, ConvAttrs{}));
    expect_error(quantized(b.graph()), "node 'n0' (Conv): its weights are not finite");
  }
}

TEST(Quantize, RefusesBiasesThatAreNotFinite) {
  for (const auto scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    GraphBuilder b;
    b.output(b.add(Op::kConv, {b.input(kShape), b.floats({1, 3, 1, 1}, {1, 2, 1}), b.floats({1}, {NAN})}, ConvAttrs{}));
    QuantizeOptions options;
    options.activations = scales;
    const auto result = quantized(b.graph(), options);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kInvalid);
  }
}

TEST(Quantize, RefusesActivationsThatAreNotFinite) {
  for (const float bad : {NAN, std::numeric_limits<float>::infinity()}) {
    PictureFeed pictures = feed(2);
    const auto fill = pictures.fill;
    pictures.fill = [&](std::size_t i, Tensor& input, ThreadPool& pool) -> Status {
      const Status status = fill(i, input, pool);
      if (i == 1) input.data<float>()[7] = bad;
      return status;
    };
    expect_error(quantized(small_net(), {}, pictures), "NaN or infinity in 'in0'");
  }
}

TEST(Quantize, RefusesNoPicturesAndPassesTheirErrorsOn) {
  expect_error(quantized(small_net(), {}, feed(0)), "no pictures");
  PictureFeed broken = feed(2);
  broken.fill = [](std::size_t, Tensor&, ThreadPool&) -> Status { return Error{ErrorCode::kInvalid, "a bad picture"}; };
  expect_error(quantized(small_net(), {}, broken), "a bad picture");
}

}  // namespace
}  // namespace saker
