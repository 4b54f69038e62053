// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear against numbers computed by hand.
#include <cmath>
#include <limits>

#include "graph/ops/convert.h"
#include "support/op_testing.h"

namespace saker::ops {
namespace {

using Bytes = std::vector<std::uint8_t>;
using SignedBytes = std::vector<std::int8_t>;

Tensor u8(Shape shape, Bytes values) {
  return tensor<std::uint8_t>(std::move(shape), std::move(values));
}
Tensor i8(Shape shape, SignedBytes values) {
  return tensor<std::int8_t>(std::move(shape), std::move(values));
}

TEST(QuantizeLinear, TiesGoToEven) {
  const Tensor x = floats({6}, {1, 3, 5, -1, -3, 0.99F}), scale = floats({}, {2}), zero = u8({}, {10});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{1}})),
            (Bytes{10, 12, 12, 10, 8, 10}));
}

TEST(QuantizeLinear, Saturates) {
  const float inf = std::numeric_limits<float>::infinity();
  const Tensor x = floats({5}, {-1000, 1000, inf, -inf, 1e38F}), scale = floats({}, {1e-3F});
  const Tensor zero = i8({}, {3}), middle = u8({}, {128});
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{1}})),
            (SignedBytes{-128, 127, 127, -128, 127}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &middle}, AxisAttrs{1}})),
            (Bytes{0, 255, 255, 0, 255}));
}

TEST(QuantizeLinear, WithoutAZeroPointBytesHaveNoSign) {
  const Tensor x = floats({3}, {-1, 2, 600}), scale = floats({1}, {2});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale}, AxisAttrs{1}})), (Bytes{0, 1, 255}));
}

TEST(QuantizeLinear, AScaleForEachIndexOfAnAxis) {
  const Tensor x = floats({2, 2, 2}, {8, 8, 8, 8, 8, 8, 8, 8}), scale = floats({2}, {1, 4}), zero = u8({2}, {0, 100});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{1}})),
            (Bytes{8, 8, 102, 102, 8, 8, 102, 102}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{-1}})),
            (Bytes{8, 102, 8, 102, 8, 102, 8, 102}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{0}})),
            (Bytes{8, 8, 8, 8, 102, 102, 102, 102}));
}

TEST(QuantizeLinear, ScalarsAndNothing) {
  const Tensor one = floats({}, {3}), none = floats({2, 0}, {}), scale = floats({}, {1.5F}),
               no_scales = floats({0}, {});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&one, &scale}, AxisAttrs{1}})), (Bytes{2}));
  EXPECT_EQ(run_one({Op::kQuantizeLinear, {&none, &scale}, AxisAttrs{1}}).shape(), (Shape{2, 0}));
  EXPECT_EQ(run_one({Op::kQuantizeLinear, {&none, &no_scales}, AxisAttrs{1}}).shape(), (Shape{2, 0}));
}

TEST(DequantizeLinear, BothSignsAndZeroPoints) {
  const Tensor u = u8({3}, {0, 10, 255}), i = i8({3}, {-128, 0, 127}), scale = floats({}, {0.5F});
  const Tensor zero = u8({}, {10}), negative = i8({}, {-128});
  expect_floats(run_one({Op::kDequantizeLinear, {&u, &scale, &zero}, AxisAttrs{1}}), {3}, {-5, 0, 122.5F});
  expect_floats(run_one({Op::kDequantizeLinear, {&u, &scale}, AxisAttrs{1}}), {3}, {0, 5, 127.5F});
  expect_floats(run_one({Op::kDequantizeLinear, {&i, &scale, &negative}, AxisAttrs{1}}), {3}, {0, 64, 127.5F});
}

TEST(DequantizeLinear, WideIntegersPerAxis) {
  const Tensor x = tensor<std::int32_t>({2, 2}, {1, 2'000'000'000, -3, -2'000'000'000});
  const Tensor scale = floats({2}, {0.5F, 1e-9F});
  expect_floats(run_one({Op::kDequantizeLinear, {&x, &scale}, AxisAttrs{-1}}), {2, 2}, {0.5F, 2, -1.5F, -2});
  const Tensor tiny = floats({}, {1e-42F});  // the product of two small scales
  EXPECT_EQ(error_of({Op::kDequantizeLinear, {&x, &tiny}, AxisAttrs{0}}), "");
}

TEST(DequantizeLinear, ExtremeDifferencesDoNotWrap) {
  const Tensor x = tensor<std::int32_t>({1}, {INT32_MAX}), zero = tensor<std::int32_t>({}, {INT32_MIN});
  const Tensor scale = floats({}, {1});
  EXPECT_EQ(run_one({Op::kDequantizeLinear, {&x, &scale, &zero}, AxisAttrs{0}}).data<float>()[0], 0x1p32F);
}

TEST(Quantization, ScalesThatMeanNothing) {
  const Tensor x = floats({2}, {1, 2}), q = u8({2}, {1, 2});
  for (const float bad : {0.0F, -0.0F, -1.0F, std::numeric_limits<float>::infinity(), NAN, 1e-40F}) {
    const Tensor one = floats({}, {bad}), second = floats({2}, {1, bad});
    for (const Tensor* scale : {&one, &second}) {
      EXPECT_TRUE(mentions(error_of({Op::kQuantizeLinear, {&x, scale}, AxisAttrs{0}}), "its scale is")) << bad;
      EXPECT_TRUE(mentions(error_of({Op::kDequantizeLinear, {&q, scale}, AxisAttrs{0}}), "its scale is")) << bad;
    }
  }
}

TEST(Quantization, NumbersOfScalesAndZeroPoints) {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6}), two = floats({2}, {1, 1}), three = floats({3}, {1, 1, 1});
  const Tensor one_zero = u8({1}, {0}), matrix = floats({2, 3}, {1, 1, 1, 1, 1, 1}), one = floats({1, 1}, {1});
  const auto error = [&](const Tensor& scale, const Tensor* zero, std::int64_t axis) {
    return error_of({Op::kQuantizeLinear, {&x, &scale, zero}, AxisAttrs{axis}});
  };
  EXPECT_EQ(error(two, nullptr, 0), "");
  EXPECT_TRUE(mentions(error(two, nullptr, 1), "2 scales for 3 indices of axis 1"));
  EXPECT_TRUE(mentions(error(three, nullptr, 0), "3 scales for 2 indices"));
  EXPECT_TRUE(mentions(error(three, &one_zero, 1), "3 scales but 1 zero points"));
  EXPECT_TRUE(mentions(error(two, nullptr, 2), "axis 2"));
  EXPECT_TRUE(mentions(error(two, nullptr, -3), "axis -3"));
  EXPECT_TRUE(mentions(error(matrix, nullptr, 0), "scales of shape [2, 3]"));
  EXPECT_TRUE(mentions(error(one, nullptr, 0), "scales of shape [1, 1]"));
}

TEST(Quantization, TypesItDoesNotTake) {
  const Tensor x = floats({2}, {1, 2}), i = ints({1, 2}), q = u8({2}, {1, 2}), scale = floats({}, {1});
  const Tensor wide = tensor<std::int32_t>({}, {0}), negative = i8({}, {0});
  const Tensor doubles = tensor<double>({}, {1});
  EXPECT_NE(error_of({Op::kQuantizeLinear, {&i, &scale}, AxisAttrs{0}}), "");
  EXPECT_NE(error_of({Op::kQuantizeLinear, {&x, &doubles}, AxisAttrs{0}}), "");
  EXPECT_NE(error_of({Op::kQuantizeLinear, {&x, &scale, &wide}, AxisAttrs{0}}), "");
  EXPECT_NE(error_of({Op::kDequantizeLinear, {&x, &scale}, AxisAttrs{0}}), "");
  EXPECT_TRUE(mentions(error_of({Op::kDequantizeLinear, {&q, &scale, &negative}, AxisAttrs{0}}), "uint8 numbers but"));
}

void expect_dynamic(const std::vector<float>& x, const Bytes& bytes, float scale, int zero) {
  const Tensor input = floats({static_cast<std::int64_t>(x.size())}, x);
  const auto result = run({Op::kDynamicQuantizeLinear, {&input}, {}, 3});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(values<std::uint8_t>((*result)[0]), bytes);
  EXPECT_FLOAT_EQ(*(*result)[1].data<float>(), scale);
  EXPECT_EQ(*(*result)[2].data<std::uint8_t>(), zero);
}

TEST(DynamicQuantizeLinear, TheRangeIncludesZero) {
  expect_dynamic({0, 2, -3, -2.5F, 1.34F, 0.5F}, {153, 255, 0, 26, 221, 179}, 5.0F / 255, 153);  // ONNX's own example
  expect_dynamic({-1, -2.1F, -1.3F, -2.5F, -3.34F, -4}, {191, 121, 172, 96, 42, 0}, 4.0F / 255, 255);
  expect_dynamic({1, 2, 3, 255}, {1, 2, 3, 255}, 1, 0);
}

TEST(DynamicQuantizeLinear, NothingButZerosOrNothing) {
  expect_dynamic({0, 0}, {0, 0}, 1, 0);
  expect_dynamic({}, {}, 1, 0);
}

// What is not finite has no scale; the zero point is defined all the same.
TEST(DynamicQuantizeLinear, NumbersThatAreNotFinite) {
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    const Tensor x = floats({2}, {1, bad});
    const auto result = run({Op::kDynamicQuantizeLinear, {&x}, {}, 3});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(*(*result)[2].data<std::uint8_t>(), 0);
  }
}

TEST(QuantizeLinear, SixteenBits) {
  const Tensor x = floats({4}, {-70000, -2, 3, 70000}), scale = floats({}, {1});
  const Tensor zero = tensor<std::int16_t>({}, {1});
  const Tensor q = run_one({Op::kQuantizeLinear, {&x, &scale, &zero}, AxisAttrs{}});
  EXPECT_EQ(values<std::int16_t>(q), (std::vector<std::int16_t>{-32768, -1, 4, 32767}));
  expect_floats(run_one({Op::kDequantizeLinear, {&q, &scale, &zero}, AxisAttrs{}}), {4}, {-32769, -2, 3, 32766});
}

TEST(QuantizeLinear, HalvesAndIntegers) {
  const Tensor x = converted(floats({2}, {1, 5}), DType::kFloat16).value();
  const Tensor scale = converted(floats({}, {2}), DType::kFloat16).value();
  const Tensor q = run_one({Op::kQuantizeLinear, {&x, &scale}, AxisAttrs{}});
  EXPECT_EQ(values<std::uint8_t>(q), (Bytes{0, 2}));
  const Tensor y = run_one({Op::kDequantizeLinear, {&q, &scale}, AxisAttrs{}});
  EXPECT_EQ(y.dtype(), DType::kFloat16);
  expect_floats(converted(y, DType::kFloat32).value(), {2}, {0, 4});
  const Tensor integers = tensor<std::int32_t>({2}, {7, 8}), two = floats({}, {2});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kQuantizeLinear, {&integers, &two}, AxisAttrs{}})), (Bytes{4, 4}));
}

TEST(DequantizeLinear, InBlocks) {
  const Tensor q = i8({3, 2}, {1, 2, 3, 4, 5, 6}), scale = floats({2, 2}, {1, 10, 100, 1000});
  const Tensor zero = i8({2, 2}, {0, 1, 0, 2});
  expect_floats(run_one({Op::kDequantizeLinear, {&q, &scale, &zero}, AxisAttrs{0, 2}}), {3, 2},
                {1, 10, 3, 30, 500, 4000});
  EXPECT_TRUE(
      mentions(error_of({Op::kDequantizeLinear, {&q, &scale, &zero}, AxisAttrs{1, 2}}), "scales of shape [3, 1]"));
  EXPECT_TRUE(mentions(error_of({Op::kDequantizeLinear, {&q, &scale}, AxisAttrs{0, -1}}), "blocks of -1"));
  const Tensor list = floats({2}, {1, 2});
  EXPECT_TRUE(mentions(error_of({Op::kDequantizeLinear, {&q, &list}, AxisAttrs{0, 2}}), "blocks of 2"));
}

}  // namespace
}  // namespace saker::ops
