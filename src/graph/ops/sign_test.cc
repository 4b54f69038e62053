// Functions of one tensor: the ends of types, NaN, infinities, parameters.
#include <cmath>
#include <limits>

#include "base/half.h"
#include "support/op_testing.h"

namespace saker::ops {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Sign, IsExactForEveryInteger) {
  const Tensor x = ints({INT64_MIN, INT64_MAX, -3, 0});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kAbs, {&x}})), (std::vector<std::int64_t>{INT64_MIN, INT64_MAX, 3, 0}));
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kSign, {&x}})), (std::vector<std::int64_t>{-1, 1, -1, 0}));
  const Tensor bytes = tensor<std::uint8_t>({2}, {255, 0});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kAbs, {&bytes}})), (std::vector<std::uint8_t>{255, 0}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kSign, {&bytes}})), (std::vector<std::uint8_t>{1, 0}));
  const Tensor least = tensor<std::int8_t>({1}, {-128});
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kAbs, {&least}})), (std::vector<std::int8_t>{-128}));
}

TEST(Sign, OfFloats) {
  const Tensor x = floats({4}, {-kInf, -0.0F, kNan, 2});
  const auto signs = values(run_one({Op::kSign, {&x}}));
  EXPECT_EQ(signs[0], -1);
  EXPECT_EQ(signs[1], 0);
  EXPECT_TRUE(std::isnan(signs[2]));
  const auto sizes = values(run_one({Op::kAbs, {&x}}));
  EXPECT_EQ(sizes[0], kInf);
  EXPECT_FALSE(std::signbit(sizes[1]));
  EXPECT_TRUE(std::isnan(sizes[2]));
}

TEST(Sign, InfinitiesAndNan) {
  const Tensor x = floats({4}, {-kInf, kInf, kNan, 1});
  const auto found = [&](Op op, Attributes attrs) {
    return values<std::uint8_t>(run_one({op, {&x}, std::move(attrs)}));
  };
  EXPECT_EQ(found(Op::kIsInf, IsInfAttrs{}), (std::vector<std::uint8_t>{1, 1, 0, 0}));
  EXPECT_EQ(found(Op::kIsInf, IsInfAttrs{false, true}), (std::vector<std::uint8_t>{0, 1, 0, 0}));
  EXPECT_EQ(found(Op::kIsInf, IsInfAttrs{true, false}), (std::vector<std::uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ(found(Op::kIsNaN, {}), (std::vector<std::uint8_t>{0, 0, 1, 0}));
  const Tensor halves = tensor<std::uint16_t>({2}, {float_to_half(kNan), float_to_half(65504)}, DType::kFloat16);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kIsNaN, {&halves}})), (std::vector<std::uint8_t>{1, 0}));
  const Tensor whole = ints({1});
  EXPECT_TRUE(mentions(error_of({Op::kIsNaN, {&whole}}), "int64"));
}

TEST(Sign, ShrinkInTheTypeOfItsInput) {
  const Tensor x = floats({4}, {-2, -0.5F, 2, kNan});
  expect_floats(run_one({Op::kShrink, {&x}, ShrinkAttrs{1, 1.5F}}), {4}, {-1, 0, 1, 0});
  const Tensor whole = ints({-3, 1, (std::int64_t{1} << 60) + 1});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kShrink, {&whole}, ShrinkAttrs{1.9F, 1.9F}})),
            (std::vector<std::int64_t>{-2, 0, std::int64_t{1} << 60}));
  const Tensor bytes = tensor<std::uint8_t>({2}, {1, 200});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kShrink, {&bytes}, ShrinkAttrs{100, 2}})),
            (std::vector<std::uint8_t>{0, 100}));
  run_one({Op::kShrink, {&whole}, ShrinkAttrs{kNan, kInf}});  // defined, whatever it is
}

TEST(Functions, DoNotOverflow) {
  const Tensor x = floats({4}, {-1000, 0, 1000, kNan});
  const auto soft = values(run_one({Op::kSoftplus, {&x}}));
  EXPECT_EQ(soft[0], 0);
  EXPECT_NEAR(soft[1], std::log(2.0F), 1e-6);
  EXPECT_EQ(soft[2], 1000);
  EXPECT_TRUE(std::isnan(soft[3]));
  const auto gelu = values(run_one({Op::kGelu, {&x}, GeluAttrs{}}));
  EXPECT_EQ(gelu[0], 0);
  EXPECT_EQ(gelu[2], 1000);
  const auto elu = values(run_one({Op::kElu, {&x}, AlphaAttrs{2}}));
  EXPECT_EQ(elu[0], -2);
  EXPECT_TRUE(std::isnan(elu[3]));
}

TEST(Functions, RoundsHalfToEven) {
  const Tensor x = floats({5}, {0.5F, 1.5F, -2.5F, 2.4F, -0.2F});
  const auto rounded = values(run_one({Op::kRound, {&x}}));
  EXPECT_EQ(rounded, (std::vector<float>{0, 2, -2, 2, 0}));
  EXPECT_TRUE(std::signbit(rounded[4]));
}

TEST(Functions, Parameters) {
  const Tensor x = floats({3}, {-1, 0.5F, 2});
  const float e = std::exp(-1.0F);
  expect_floats(run_one({Op::kSelu, {&x}, SeluAttrs{2, 3}}), {3}, {6 * (e - 1), 1.5F, 6});
  expect_floats(run_one({Op::kCelu, {&x}, AlphaAttrs{2}}), {3}, {2 * (std::exp(-0.5F) - 1), 0.5F, 2});
  expect_floats(run_one({Op::kThresholdedRelu, {&x}, AlphaAttrs{0.5F}}), {3}, {0, 0, 2});
  expect_floats(run_one({Op::kGelu, {&x}, GeluAttrs{true}}), {3}, {-0.158808F, 0.345714F, 1.954598F});
}

}  // namespace
}  // namespace saker::ops
