// ConvInt8, Lookup and SumInt8 against the float operators they stand for.
#include <cmath>
#include <functional>
#include <random>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
Tensor random_bytes(Shape shape, std::uint32_t seed) {
  std::mt19937 engine(seed);
  Tensor out = Tensor::make(TypeOf<T>::kValue, std::move(shape)).value();
  for (std::int64_t i = 0; i < out.elements(); ++i) out.data<T>()[i] = static_cast<T>(engine());
  return out;
}

// The floats that bytes stand for, minus a zero point for each channel (axis 1).
template <typename T>
Tensor as_floats(const Tensor& bytes, const Bytes& zero) {
  Tensor out = Tensor::make(DType::kFloat32, bytes.shape()).value();
  const std::int64_t inner = bytes.elements() / bytes.shape()[0] / bytes.shape()[1];
  for (std::int64_t i = 0; i < bytes.elements(); ++i) {
    const auto channel = static_cast<std::size_t>(i / inner % bytes.shape()[1]);
    out.data<float>()[i] =
        static_cast<float>(bytes.data<T>()[i]) - static_cast<float>(zero.empty() ? 0 : zero[channel]);
  }
  return out;
}

struct Layer {
  Tensor x = random_bytes<std::uint8_t>({2, 4, 5, 6}, 1), w = random_bytes<std::int8_t>({6, 2, 3, 3}, 2);
  ConvInt8Attrs attrs;
  Layer() {
    attrs.conv.group = 2;
    attrs.conv.window.pads = {1, 1, 1, 1};
    attrs.conv.window.strides = {2, 1};
    attrs.zero_points = {0, 128, 255, 7};
    for (int m = 0; m < 6; ++m) {
      attrs.multiplier.push_back(1e-5F * static_cast<float>(m + 1));
      attrs.bias.push_back(0.1F * static_cast<float>(m - 3));
    }
    attrs.to = DType::kFloat32;
  }
  Tensor run() const { return run_one({Op::kConvInt8, {&x, &w}, attrs}); }
};

// The same by Conv over floats, which are exact here: multiplier * sum + bias, then f(channel, value).
Tensor float_conv(const Layer& layer, const std::function<double(std::size_t, double)>& f) {
  const Tensor x = as_floats<std::uint8_t>(layer.x, layer.attrs.zero_points), w = as_floats<std::int8_t>(layer.w, {});
  ConvAttrs attrs = layer.attrs.conv;
  attrs.activation = {};
  Tensor y = run_one({Op::kConv, {&x, &w}, attrs});
  const std::int64_t inner = y.elements() / y.shape()[0] / y.shape()[1];
  for (std::int64_t i = 0; i < y.elements(); ++i) {
    const auto m = static_cast<std::size_t>(i / inner % y.shape()[1]);
    const double sum = static_cast<double>(y.data<float>()[i]);
    y.data<float>()[i] = static_cast<float>(
        f(m, sum * static_cast<double>(layer.attrs.multiplier[m]) + static_cast<double>(layer.attrs.bias[m])));
  }
  return y;
}

TEST(ConvInt8, IsAConvolutionOfWhatTheBytesStandFor) {
  const Layer layer;
  const Tensor expected = float_conv(layer, [](std::size_t, double v) { return v; });
  EXPECT_EQ(expected.shape(), (Shape{2, 6, 3, 6}));
  EXPECT_EQ(values(layer.run()), values(expected));
}

TEST(ConvInt8, ScaleAndZeroPointKnownAtRunTime) {
  Layer layer;
  layer.attrs.zero_points.assign(4, 200);
  for (float& multiplier : layer.attrs.multiplier) multiplier *= 4;
  const Tensor expected = layer.run();
  for (float& multiplier : layer.attrs.multiplier) multiplier /= 4;
  layer.attrs.zero_points.clear();
  Tensor scale = Tensor::make(DType::kFloat32, {}).value(), zero = Tensor::make(DType::kUint8, {1}).value();
  *scale.data<float>() = 4;
  *zero.data<std::uint8_t>() = 200;
  const Tensor got = run_one({Op::kConvInt8, {&layer.x, &layer.w, nullptr, &scale, &zero}, layer.attrs});
  ASSERT_EQ(got.shape(), expected.shape());
  for (std::int64_t i = 0; i < got.elements(); ++i) EXPECT_EQ(got.data<float>()[i], expected.data<float>()[i]) << i;
}

TEST(ConvInt8, ActivationThenScaleThenResidual) {
  Layer layer;
  layer.attrs.conv.activation = {ActivationKind::kLeakyRelu, 0.25F, 0};
  layer.attrs.out_scale.assign(6, 3);
  layer.attrs.out_offset = {0, 1, 2, 3, 4, 5};
  layer.attrs.residual_scale.assign(6, 0.5F);
  const Tensor residual = random_bytes<std::uint8_t>({2, 6, 3, 6}, 3);
  const Tensor got = run_one({Op::kConvInt8, {&layer.x, &layer.w, &residual}, layer.attrs});
  Tensor expected =
      float_conv(layer, [](std::size_t m, double v) { return (v < 0 ? 0.25 * v : v) * 3 + static_cast<double>(m); });
  for (std::int64_t i = 0; i < got.elements(); ++i)
    EXPECT_NEAR(got.data<float>()[i], expected.data<float>()[i] + 0.5F * residual.data<std::uint8_t>()[i], 1e-4);
}

TEST(ConvInt8, BytesRoundHalfToEvenSaturateAndGoThroughTheTable) {
  Layer layer;
  layer.x = tensor<std::uint8_t>({1, 1, 1, 6}, {0, 1, 3, 5, 10, 255});
  layer.w = tensor<std::int8_t>({1, 1, 1, 1}, {1});
  layer.attrs = {};
  layer.attrs.zero_points = {5};
  layer.attrs.multiplier = {0.5F};
  layer.attrs.bias = {2};
  EXPECT_EQ(values<std::uint8_t>(layer.run()), (Bytes{0, 0, 1, 2, 4, 127}));  // -0.5, 0, 1, 2, 4.5, 127
  layer.attrs.multiplier = {2};
  EXPECT_EQ(values<std::uint8_t>(layer.run()), (Bytes{0, 0, 0, 2, 12, 255}));
  for (int i = 0; i < 256; ++i) layer.attrs.table.push_back(static_cast<std::uint8_t>(255 - i));
  EXPECT_EQ(values<std::uint8_t>(layer.run()), (Bytes{255, 255, 255, 253, 243, 0}));
}

TEST(ConvInt8, Errors) {
  const Layer good;
  const auto error = [&](const std::function<void(Layer&)>& spoil) {
    Layer layer = good;
    spoil(layer);
    return error_of({Op::kConvInt8, {&layer.x, &layer.w}, layer.attrs});
  };
  EXPECT_EQ(error([](Layer&) {}), "");
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.multiplier.pop_back(); }), "5 multipliers for 6"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.bias.clear(); }), "0 biases for 6"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.zero_points.clear(); }), "0 zero points for 4"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.out_scale.assign(2, 1); }), "2 scales for 6"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.out_offset.assign(6, 1); }), "6 offsets for 0"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.table.assign(255, 0); }), "a table of 255 entries"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.conv.group = 0; }), "in 0 groups"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.attrs.conv.group = 3; }), "4 channels, weights"));
  EXPECT_TRUE(mentions(error([](Layer& l) { l.x = random_bytes<std::uint8_t>({2, 4, 5}, 1); }), "it is 2-D"));
  EXPECT_NE(error([](Layer& l) { l.x = random_bytes<std::int8_t>({2, 4, 5, 6}, 1); }), "");
  EXPECT_NE(error([](Layer& l) { l.w = random_bytes<std::uint8_t>({6, 2, 3, 3}, 1); }), "");
  const Tensor residual = random_bytes<std::uint8_t>({2, 6, 3, 5}, 3);
  Layer layer;
  layer.attrs.residual_scale.assign(6, 1);
  EXPECT_TRUE(mentions(error_of({Op::kConvInt8, {&layer.x, &layer.w, &residual}, layer.attrs}), "the residual"));
}

TEST(Lookup, TakesEachByteFromTheTable) {
  LookupAttrs attrs;
  for (int i = 0; i < 256; ++i) attrs.table.push_back(static_cast<std::uint8_t>(i * 7));
  const Tensor x = tensor<std::uint8_t>({2, 2}, {0, 1, 100, 255});
  const Tensor y = run_one({Op::kLookup, {&x}, attrs});
  EXPECT_EQ(y.shape(), x.shape());
  EXPECT_EQ(values<std::uint8_t>(y), (Bytes{0, 7, 188, 249}));
  EXPECT_TRUE(mentions(error_of({Op::kLookup, {&x}, LookupAttrs{}}), "a table of 0 entries"));
  const Tensor signed_bytes = tensor<std::int8_t>({1}, {1});
  EXPECT_NE(error_of({Op::kLookup, {&signed_bytes}, attrs}), "");
}

TEST(SumInt8, OfActivationsWithAScaleForEachChannel) {
  const Tensor a = tensor<std::uint8_t>({1, 2, 2}, {0, 10, 20, 30}), b = tensor<std::uint8_t>({1, 2, 2}, {4, 3, 2, 1});
  SumInt8Attrs attrs;
  attrs.terms = {{{1, 0.5F}, {-5}, {ActivationKind::kRelu}}, {{2}, {0, 1}, {}}};
  attrs.out_scale = {1, 0.5F};
  attrs.out_offset = {100};
  // Channel 0: relu(a - 5) + 2 b + 100; channel 1: (relu(a / 2 - 5) + 2 b + 1) / 2 + 100.
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kSumInt8, {&a, &b}, attrs})), (Bytes{108, 111, 105, 106}));
}

TEST(SumInt8, Errors) {
  const Tensor a = tensor<std::uint8_t>({1, 2, 2}, {0, 10, 20, 30}), b = tensor<std::uint8_t>({1, 2}, {4, 3});
  SumInt8Attrs attrs;
  attrs.terms = {{{1}, {0}, {}}, {{1}, {0}, {}}};
  attrs.out_scale = attrs.out_offset = {1};
  EXPECT_EQ(error_of({Op::kSumInt8, {&a, &a}, attrs}), "");
  EXPECT_TRUE(mentions(error_of({Op::kSumInt8, {&a, &b}, attrs}), "inputs of shapes [1, 2, 2] and [1, 2]"));
  EXPECT_TRUE(mentions(error_of({Op::kSumInt8, {&a}, attrs}), "2 terms for 1 inputs"));
  attrs.terms[1].scale = {1, 1, 1};
  EXPECT_TRUE(mentions(error_of({Op::kSumInt8, {&a, &a}, attrs}), "do not fit its channels"));
  attrs.terms[1].scale = {1};
  attrs.out_scale.clear();
  EXPECT_TRUE(mentions(error_of({Op::kSumInt8, {&a, &a}, attrs}), "do not fit its channels"));
}

}  // namespace
}  // namespace saker::ops
