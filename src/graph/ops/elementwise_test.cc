// Arithmetic, comparison, activations, Clip, Cast, and the table itself.
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/half.h"
#include "support/op_testing.h"

namespace saker::ops {
namespace {

TEST(Table, NamesAndOrder) {
  EXPECT_EQ(op_table().size(), static_cast<std::size_t>(Op::kXor) + 1);
  EXPECT_STREQ(op_def(Op::kSilu).name, "Silu");
  ASSERT_NE(find_op("Conv"), nullptr);
  EXPECT_EQ(find_op("Conv")->op, Op::kConv);
  EXPECT_EQ(find_op("conv"), nullptr);
  for (const OpDef& def : op_table()) EXPECT_EQ(find_op(def.name), &def);
}

TEST(Table, Arity) {
  const Tensor x = floats({1}, {1});
  EXPECT_TRUE(mentions(error_of({Op::kAdd, {&x}}), "input 1 is missing"));
  EXPECT_TRUE(mentions(error_of({Op::kAdd, {&x, nullptr}}), "input 1 is missing"));
  EXPECT_TRUE(mentions(error_of({Op::kRelu, {&x, &x}}), "2 inputs"));
  EXPECT_TRUE(mentions(error_of({Op::kMax, {}}), "input 0 is missing"));
  EXPECT_TRUE(mentions(error_of({Op::kRelu, {&x}, {}, 2}), "2 outputs"));
  EXPECT_TRUE(mentions(error_of({Op::kSplit, {&x}, SplitAttrs{}, 0}), "0 outputs"));
}

TEST(Arithmetic, Broadcasts) {
  const Tensor a = floats({2, 1}, {1, 2});
  const Tensor b = floats({3}, {10, 20, 30});
  expect_floats(run_one({Op::kAdd, {&a, &b}}), {2, 3}, {11, 21, 31, 12, 22, 32});
  expect_floats(run_one({Op::kMax, {&a, &b, &a}}), {2, 3}, {10, 20, 30, 10, 20, 30});
  const Tensor none = floats({0, 1}, {});
  expect_floats(run_one({Op::kMul, {&none, &b}}), {0, 3}, {});
  const Tensor bad = floats({2}, {1, 2});
  EXPECT_TRUE(mentions(error_of({Op::kAdd, {&b, &bad}}), "[3] and [2] do not broadcast"));
  const Tensor whole = ints({1, 2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kAdd, {&b, &whole}}), "float32"));
}

TEST(Arithmetic, Integers) {
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  const Tensor a = tensor<std::int32_t>({4}, {-7, 7, kLeast, 5});
  const Tensor b = tensor<std::int32_t>({4}, {3, -3, -1, 5});
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kDiv, {&a, &b}})), (std::vector<std::int32_t>{-2, -2, kLeast, 1}));
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kMod, {&a, &b}, ModAttrs{}})), (std::vector<std::int32_t>{2, -2, 0, 0}));
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kMod, {&a, &b}, ModAttrs{true}})),
            (std::vector<std::int32_t>{-1, 1, 0, 0}));
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kMul, {&a, &a}}))[2], 0);  // wraps
  const Tensor zero = tensor<std::int32_t>({}, {0});
  EXPECT_TRUE(mentions(error_of({Op::kDiv, {&a, &zero}}), "division by zero"));
  EXPECT_TRUE(mentions(error_of({Op::kMod, {&a, &zero}, ModAttrs{}}), "division by zero"));
  const Tensor x = floats({1}, {1});
  EXPECT_TRUE(mentions(error_of({Op::kMod, {&x, &x}, ModAttrs{}}), "fmod = 1"));
}

TEST(Arithmetic, PowMixesTypes) {
  const Tensor base = tensor<std::int64_t>({4}, {2, -3, 10, -1});
  const Tensor exponent = tensor<std::int32_t>({4}, {10, 3, 0, -5});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kPow, {&base, &exponent}})),
            (std::vector<std::int64_t>{1024, -27, 1, -1}));
  const Tensor half = floats({}, {0.5F});
  const Tensor four = floats({2}, {4, 9});
  expect_floats(run_one({Op::kPow, {&four, &half}}), {2}, {2, 3});
  const Tensor zero = ints({0});
  const Tensor minus = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kPow, {&zero, &minus}}), "negative power"));
}

TEST(Arithmetic, HalfPrecision) {
  const Tensor a = tensor<std::uint16_t>({2}, {float_to_half(1.5F), float_to_half(-2)}, DType::kFloat16);
  const Tensor sum = run_one({Op::kAdd, {&a, &a}});
  EXPECT_EQ(half_to_float(sum.data<std::uint16_t>()[0]), 3);
  EXPECT_EQ(half_to_float(sum.data<std::uint16_t>()[1]), -4);
}

TEST(Arithmetic, PReluBroadcastsOneWay) {
  const Tensor x = floats({1, 2, 1, 2}, {-1, 1, -2, 2});
  const Tensor slope = floats({2, 1, 1}, {0.5F, 0.1F});
  expect_floats(run_one({Op::kPRelu, {&x, &slope}}), {1, 2, 1, 2}, {-0.5F, 1, -0.2F, 2});
  EXPECT_TRUE(mentions(error_of({Op::kPRelu, {&slope, &x}}), "slope"));
}

TEST(Elementwise, DecodeBoxes) {
  const Tensor x = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor a = floats({1, 2}, {0, 1}), b = floats({2, 2}, {2, 0, 3, 1}), c = floats({1, 2}, {-1, 10});
  expect_floats(run_one({Op::kDecodeBoxes, {&x, &a, &b, &c}}), {2, 3}, {1, 14, 3, 11, 40, 6});
  const Tensor long_row = floats({1, 4}, {1, 1, 1, 1}), many_rows = floats({3, 2}, {0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kDecodeBoxes, {&x, &long_row, &long_row, &long_row}}), "do not fit"));
  EXPECT_TRUE(mentions(error_of({Op::kDecodeBoxes, {&x, &a, &many_rows, &c}}), "do not broadcast"));
}

TEST(Elementwise, Activations) {
  const Tensor x = floats({3}, {-4, 0, 4});
  const float s = 1 / (1 + std::exp(-4.0F));
  expect_floats(run_one({Op::kRelu, {&x}}), {3}, {0, 0, 4});
  expect_floats(run_one({Op::kSigmoid, {&x}}), {3}, {1 - s, 0.5F, s});
  expect_floats(run_one({Op::kSilu, {&x}}), {3}, {-4 * (1 - s), 0, 4 * s});
  expect_floats(run_one({Op::kLeakyRelu, {&x}, LeakyReluAttrs{0.1F}}), {3}, {-0.4F, 0, 4});
  expect_floats(run_one({Op::kHardSigmoid, {&x}, HardSigmoidAttrs{}}), {3}, {0, 0.5F, 1});
  expect_floats(run_one({Op::kHardSwish, {&x}}), {3}, {0, 0, 4});
  const Tensor whole = ints({-4, 4});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kRelu, {&whole}})), (std::vector<std::int64_t>{0, 4}));
  EXPECT_TRUE(mentions(error_of({Op::kSigmoid, {&whole}}), "int64"));
}

TEST(Elementwise, Clip) {
  const Tensor x = floats({3}, {-5, 1, 5});
  const Tensor low = floats({}, {-1});
  const Tensor high = floats({1}, {2});
  expect_floats(run_one({Op::kClip, {&x, &low, &high}}), {3}, {-1, 1, 2});
  expect_floats(run_one({Op::kClip, {&x, nullptr, &high}}), {3}, {-5, 1, 2});
  expect_floats(run_one({Op::kClip, {&x, &high, &low}}), {3}, {-1, -1, -1});
  EXPECT_TRUE(mentions(error_of({Op::kClip, {&x, &x}}), "scalar"));
}

TEST(Elementwise, EqualAndWhere) {
  const Tensor a = ints({1, 2, 3});
  const Tensor two = tensor<std::int64_t>({}, {2});
  const Tensor same = run_one({Op::kEqual, {&a, &two}});
  EXPECT_EQ(values<std::uint8_t>(same), (std::vector<std::uint8_t>{0, 1, 0}));
  const Tensor column = floats({2, 1}, {1, 2});
  const Tensor zero = floats({}, {0});
  expect_floats(run_one({Op::kWhere, {&same, &column, &zero}}), {2, 3}, {0, 1, 0, 0, 2, 0});
  EXPECT_TRUE(mentions(error_of({Op::kWhere, {&a, &column, &zero}}), "int64"));
  EXPECT_TRUE(mentions(error_of({Op::kWhere, {&same, &column, &a}}), "int64"));
}

TEST(Cast, IsDefinedForEveryValue) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = floats({6}, {1.9F, -1.9F, nan, 1e30F, -1e30F, 0});
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kCast, {&x}, CastAttrs{DType::kInt32}})),
            (std::vector<std::int32_t>{1, -1, 0, INT32_MAX, INT32_MIN, 0}));
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kCast, {&x}, CastAttrs{DType::kInt64}}))[3], INT64_MAX);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kCast, {&x}, CastAttrs{DType::kBool}})),
            (std::vector<std::uint8_t>{1, 1, 1, 1, 1, 0}));
  const Tensor big = ints({INT64_MAX, 300, -1});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kCast, {&big}, CastAttrs{DType::kUint8}})),
            (std::vector<std::uint8_t>{255, 44, 255}));
}

TEST(Cast, WidensEverySixteenBits) {
  std::vector<std::uint16_t> all(65536);
  std::iota(all.begin(), all.end(), 0);
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16}) {
    const Tensor x = tensor<std::uint16_t>({65536}, all, dtype);
    const Tensor wide = run_one({Op::kCast, {&x}, CastAttrs{DType::kFloat32}});
    for (std::size_t i = 0; i < all.size(); ++i) {
      const float expected = dtype == DType::kFloat16 ? half_to_float(all[i]) : bfloat16_to_float(all[i]);
      ASSERT_EQ(std::bit_cast<std::uint32_t>(wide.data<float>()[i]), std::bit_cast<std::uint32_t>(expected)) << i;
    }
  }
}

TEST(Cast, RoundsToHalfOnce) {
  // 1 + 2^-11 + 2^-40 is above the tie between two float16 values; through float32 it is the tie.
  const Tensor x = tensor<double>({1}, {1 + 0x1p-11 + 0x1p-40});
  const Tensor half = run_one({Op::kCast, {&x}, CastAttrs{DType::kFloat16}});
  EXPECT_EQ(half_to_float(*half.data<std::uint16_t>()), 1 + 0x1p-10F);
  const Tensor brain = run_one({Op::kCast, {&half}, CastAttrs{DType::kBFloat16}});
  EXPECT_EQ(bfloat16_to_float(*brain.data<std::uint16_t>()), 1);
}

}  // namespace
}  // namespace saker::ops
