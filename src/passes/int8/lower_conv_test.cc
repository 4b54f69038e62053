// Convolutions between quantizations become ConvInt8, and compute what they did.
#include <gtest/gtest.h>

#include <functional>

#include "graph/printer.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr float kStep = 3.0F / 128;  // of grid_of(3)
constexpr double kFloatBound = 2e-5;

const ConvInt8Attrs& only_conv(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kConvInt8) return node.as<ConvInt8Attrs>();
  }
  ADD_FAILURE() << "no ConvInt8\n" << print(graph);
  static const ConvInt8Attrs none;
  return none;
}

// x on its grid -> conv -> activation -> grid of 3
Graph layer(Shape shape, std::int64_t channels, const QdqBuilder::ConvOptions& options,
            const std::function<ValueId(QdqBuilder&, ValueId)>& activation = {}, const ByteWeights& weights = {}) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input(std::move(shape)), grid_of(1));
  const ValueId y = b.conv8(x, channels, options, weights);
  b.output(b.snap(activation ? activation(b, y) : y, grid_of(3)));
  return b.graph();
}

// All of it is 8-bit: Quantize -> ConvInt8 -> Dequantize.
void expect_one_layer(const Graph& graph, double bound = 1.001 * kStep) {
  const Graph result = lowered(graph);
  EXPECT_EQ(result.nodes.size(), 3U) << print(result);
  EXPECT_EQ(count_ops(result, Op::kConvInt8), 1) << first_note(result);
  expect_lowered_is_right(graph, bound);
}

TEST(LowerConv, KernelsStridesAndOddChannels) {
  for (const std::int64_t kernel : {1, 3, 5}) {
    for (const std::int64_t stride : {1, 2}) {
      for (const std::int64_t channels : {1, 7, 16, 33})
        expect_one_layer(layer({1, channels == 7 ? 3 : 5, 9, 11}, channels, {.kernel = kernel, .stride = stride}));
    }
  }
}

TEST(LowerConv, SeveralPictures) {
  expect_one_layer(layer({3, 6, 5, 7}, 10, {.kernel = 3}));
}

TEST(LowerConv, DepthwiseAndGrouped) {
  for (const std::int64_t stride : {1, 2}) {
    expect_one_layer(layer({1, 19, 8, 9}, 19, {.kernel = 3, .stride = stride, .group = 19}));
    expect_one_layer(layer({2, 16, 8, 9}, 24, {.kernel = 3, .stride = stride, .group = 4}));
    expect_one_layer(layer({1, 6, 8, 9}, 9, {.kernel = 3, .stride = stride, .group = 3}));
    expect_one_layer(layer({1, 4, 8, 9}, 8, {.kernel = 3, .stride = stride, .group = 4}));  // two for each channel
  }
}

TEST(LowerConv, ActivationsInsideIt) {
  const std::vector<std::pair<Op, Attributes>> activations = {
      {Op::kRelu, {}}, {Op::kLeakyRelu, LeakyReluAttrs{0.1F}}, {Op::kSilu, {}}, {Op::kHardSwish, {}}};
  for (const auto& [op, attrs] : activations) {
    SCOPED_TRACE(static_cast<int>(op));
    expect_one_layer(
        layer({1, 5, 6, 7}, 9, {.kernel = 3}, [&](QdqBuilder& b, ValueId y) { return b.add(op, {y}, attrs); }));
  }
  expect_one_layer(layer({1, 5, 6, 7}, 9, {.kernel = 3}, [](QdqBuilder& b, ValueId y) {
    return b.add(Op::kClip, {y, b.scalar(-0.5F), b.scalar(0.75F)});
  }));
}

// Sigmoid, which ConvInt8 does not apply, between the float sum and the grid.
TEST(LowerConv, ActivationsOutsideIt) {
  for (const Op op : {Op::kSigmoid, Op::kHardSigmoid}) {
    const Graph graph = layer({1, 5, 6, 7}, 9, {.kernel = 3}, [&](QdqBuilder& b, ValueId y) {
      return b.add(op, {y}, op == Op::kSigmoid ? Attributes() : Attributes(HardSigmoidAttrs{}));
    });
    const Graph result = lowered(graph);
    EXPECT_EQ(only_conv(result).to, DType::kFloat32);
    EXPECT_EQ(count_ops(result, op), 1);
    expect_lowered_is_right(graph, 1.001 * kStep);
  }
}

TEST(LowerConv, AnActivationBetweenQuantizationsBecomesItsTable) {
  QdqBuilder b;
  const ValueId y = b.snap(b.conv8(b.snap(b.input({1, 5, 6, 7}), grid_of(1)), 9, {.kernel = 3}), grid_of(3));
  b.output(b.snap(b.add(Op::kMul, {y, b.snap(b.add(Op::kSigmoid, {y}), grid_of(1))}), grid_of(3)));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(only_conv(result).table.size(), 256U);
  EXPECT_EQ(result.nodes.size(), 3U) << print(result);
  expect_lowered_is_right(b.graph(), 2.001 * kStep);  // one step before the table, which is no steeper than 1.1
}

TEST(LowerConv, AGridForEachChannelOfTheInput) {
  for (const std::int64_t group : {1, 2, 12}) {
    QdqBuilder b;
    const Grid grid = grid_of(1, 12);
    const ValueId x = b.snap(b.input({1, 12, 7, 6}), grid);
    const ValueId y = b.conv8(x, 24, {.kernel = 3, .group = group}, {.input_scales = grid.scale});
    b.output(b.snap(y, grid_of(3)));
    SCOPED_TRACE(group);
    expect_one_layer(b.graph());
  }
}

TEST(LowerConv, AGridForEachChannelOfTheOutput) {
  for (const bool silu : {false, true}) {
    QdqBuilder b;
    ValueId y = b.conv8(b.snap(b.input({1, 5, 7, 6}), grid_of(1)), 9, {.kernel = 3});
    if (silu) y = b.add(Op::kSilu, {y});
    const Grid grid = grid_of(3, 9);
    b.output(b.snap(y, grid));
    expect_one_layer(b.graph(), 1.001 * static_cast<double>(grid.widest()));
  }
}

TEST(LowerConv, WithoutZeroPoints) {
  QdqBuilder b;
  const ValueId y = b.conv8(b.snap(b.input({1, 5, 7, 6}), {{1.0F / 255}, {}}), 9, {.kernel = 3});
  b.output(b.snap(b.add(Op::kRelu, {y}), {{kStep}, {}}));
  expect_one_layer(b.graph());
}

TEST(LowerConv, SignedActivations) {
  QdqBuilder b;
  const Grid in{{1.0F / 127}, {-3}, DType::kInt8}, out{{kStep}, {5}, DType::kInt8};
  b.output(b.snap(b.conv8(b.snap(b.input({1, 5, 7, 6}), in), 9, {.kernel = 3}), out));
  expect_one_layer(b.graph());
}

TEST(LowerConv, WeightsOfEveryForm) {
  expect_one_layer(layer({1, 5, 6, 7}, 9, {.kernel = 3}, {}, {.per_output = false}));
  expect_one_layer(layer({1, 5, 6, 7}, 9, {.kernel = 3, .bias = false}));
  expect_one_layer(
      layer({1, 5, 6, 7}, 9, {.kernel = 3}, {}, {.dtype = DType::kUint8, .low = 0, .high = 255, .zero = 128}));
  expect_one_layer(
      layer({1, 5, 6, 7}, 9, {.kernel = 3}, {}, {.dtype = DType::kUint8, .low = 0, .high = 140, .zero = 20}));
  expect_one_layer(layer({1, 5, 6, 7}, 9, {.kernel = 3}, {}, {.low = -128, .high = 100, .zero = -5}));
}

TEST(LowerConv, FloatOutput) {
  QdqBuilder b;
  b.output(b.conv8(b.snap(b.input({1, 5, 7, 6}), grid_of(1)), 9, {.kernel = 3}));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(result.nodes.size(), 2U) << print(result);
  EXPECT_EQ(only_conv(result).to, DType::kFloat32);
  expect_lowered_is_right(b.graph(), kFloatBound);
}

TEST(LowerConv, ReadersWithDifferentGrids) {
  QdqBuilder b;
  const ValueId y = b.conv8(b.snap(b.input({1, 5, 7, 6}), grid_of(1)), 8, {.kernel = 3});
  b.output(b.snap(y, grid_of(3))).output(b.snap(y, grid_of(2)));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(only_conv(result).to, DType::kFloat32);
  expect_lowered_is_right(b.graph(), 1.001 * kStep);
}

TEST(LowerConv, ReadersWithTheSameGridShareItsBytes) {
  QdqBuilder b;
  const ValueId y = b.conv8(b.snap(b.input({1, 5, 7, 6}), grid_of(1)), 8, {.kernel = 3});
  const ValueId left = b.snap(y, grid_of(3)), right = b.snap(y, grid_of(3));
  b.output(b.conv8(left, 4)).output(b.conv8(right, 6));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(count_ops(result, Op::kConvInt8), 3);
  EXPECT_EQ(result.nodes.size(), 4U) << print(result);
  expect_lowered_is_right(b.graph(), 2 * kStep);
}

TEST(LowerConv, BytesThatAreAGraphOutputKeepTheirType) {
  for (const DType dtype : {DType::kUint8, DType::kInt8}) {
    QdqBuilder b;
    const ValueId y = b.conv8(b.snap(b.input({1, 5, 7, 6}), grid_of(1)), 8, {.kernel = 3});
    const Grid grid{{kStep}, {3}, dtype};
    const ValueId q = b.quantize(y, grid);
    b.output(q).output(b.conv8(b.dequantize(q, grid), 4));
    EXPECT_EQ(lowered(b.graph()).value(lowered(b.graph()).outputs[0]).dtype, dtype);
    expect_lowered_is_right(b.graph(), 1);  // a byte
  }
}

TEST(LowerConv, ResidualsOfEveryGrid) {
  for (const bool per_channel : {false, true}) {
    for (const bool silu : {false, true}) {
      QdqBuilder b;
      const Grid grid = grid_of(1, per_channel ? 8 : 0);
      const ValueId x = b.snap(b.input({1, 8, 7, 6}), grid);
      ByteWeights weights;
      if (per_channel) weights.input_scales = grid.scale;
      ValueId y = b.conv8(x, 8, {.kernel = 3}, weights);
      if (silu) y = b.add(Op::kSilu, {y});
      const Grid out = grid_of(3, per_channel ? 8 : 0);
      b.output(b.snap(b.add(Op::kAdd, {y, x}), out));
      expect_one_layer(b.graph(), 1.001 * static_cast<double>(out.widest()));
    }
  }
}

TEST(LowerConv, ResidualsThatStayFloat) {
  for (const bool sigmoid : {false, true}) {
    for (const bool quantized : {false, true}) {
      QdqBuilder b;
      const ValueId x = b.snap(b.input({1, 8, 7, 6}), grid_of(1));
      const ValueId other = quantized ? x : b.input({1, 8, 7, 6});
      ValueId y = b.conv8(x, 8, {.kernel = 3});
      if (sigmoid) y = b.add(Op::kSigmoid, {y});
      b.output(b.add(Op::kAdd, {y, other}));
      EXPECT_EQ(count_ops(lowered(b.graph()), Op::kConvInt8), 1);
      expect_lowered_is_right(b.graph(), kFloatBound);
    }
  }
}

TEST(LowerConv, BiasesOfIntegers) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input({1, 2, 5, 6}), grid_of(1));
  const ValueId w =
      b.add(Op::kDequantizeLinear,
            {b.bytes({3, 2, 1, 1}, {1, -2, 3, 100, -127, 9}, DType::kInt8), b.floats({3}, {0.01F, 0.02F, 0.005F})},
            AxisAttrs{0});
  const ValueId bias =
      b.add(Op::kDequantizeLinear,
            {b.bytes({3}, {1000, -20000, 0}, DType::kInt32), b.floats({3}, {1e-4F, 2e-5F, 1e-4F})}, AxisAttrs{0});
  b.output(b.snap(b.add(Op::kConv, {x, w, bias}, ConvAttrs{}), grid_of(3)));
  expect_one_layer(b.graph());
}

// ---- what stays float, and says why ----

void expect_stays_float(const Graph& graph, const std::string& why, double bound) {
  const Graph result = lowered(graph);
  EXPECT_EQ(count_ops(result, Op::kConvInt8), 0);
  EXPECT_NE(first_note(result).find(why), std::string::npos) << "'" << first_note(result) << "'";
  expect_lowered_is_right(graph, bound);
}

TEST(LowerConvNot, WeightsThatDoNotFit) {
  expect_stays_float(
      layer({1, 5, 6, 7}, 9, {.kernel = 3}, {}, {.dtype = DType::kUint8, .low = 0, .high = 255, .zero = 100}),
      "do not fit int8", 1.001 * kStep);
}

TEST(LowerConvNot, InputScalesThatTheWeightsDoNotCancel) {
  QdqBuilder b;
  b.output(b.snap(b.conv8(b.snap(b.input({1, 5, 6, 7}), grid_of(1, 5)), 4), grid_of(3)));
  expect_stays_float(b.graph(), "its weights do not cancel", 1.001 * kStep);
}

TEST(LowerConvNot, FloatWeightsOrFloatInput) {
  QdqBuilder weights;
  weights.output(weights.snap(weights.conv(weights.snap(weights.input({1, 5, 6, 7}), grid_of(1)), 4), grid_of(3)));
  expect_stays_float(weights.graph(), "weights are not 8-bit", 1.001 * kStep);
  QdqBuilder input;
  input.output(input.snap(input.conv8(input.input({1, 5, 6, 7}), 4), grid_of(3)));
  expect_stays_float(input.graph(), "input is not quantized", 1.001 * kStep);
}

TEST(LowerConvNot, ScalesThatAreComputed) {
  QdqBuilder b;
  const ValueId scale = b.input({});
  const ValueId positive = b.add(Op::kAdd, {b.add(Op::kMul, {scale, scale}), b.scalar(0.01F)});
  const ValueId q = b.add(Op::kQuantizeLinear, {b.input({1, 5, 6, 7}), positive}, AxisAttrs{1});
  const ValueId x = b.add(Op::kDequantizeLinear, {q, positive}, AxisAttrs{1});
  b.output(b.conv8(x, 4));
  EXPECT_EQ(first_note(lowered(b.graph())), "its input is not quantized");
  expect_lowered_is_right(b.graph(), 0.02);  // a step of the input may round the other way
}

}  // namespace
}  // namespace saker
