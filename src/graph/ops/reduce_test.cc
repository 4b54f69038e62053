// Reductions of every kind: empty sets, the ends of types, NaN.
#include <cmath>
#include <limits>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

float reduced(Op op, const std::vector<float>& numbers) {
  const Tensor x = floats({static_cast<std::int64_t>(numbers.size())}, numbers);
  return values(run_one({op, {&x}, ReduceAttrs{false, false}}))[0];
}

TEST(Reductions, OfFloats) {
  const std::vector<float> x = {-3, 1, 2};
  EXPECT_EQ(reduced(Op::kReduceL1, x), 6);
  EXPECT_NEAR(reduced(Op::kReduceL2, x), std::sqrt(14.0F), 1e-6);
  EXPECT_EQ(reduced(Op::kReduceSumSquare, x), 14);
  EXPECT_EQ(reduced(Op::kReduceProd, x), -6);
  EXPECT_EQ(reduced(Op::kReduceMin, x), -3);
  EXPECT_EQ(reduced(Op::kReduceLogSum, {1, 2, 3}), std::log(6.0F));
  EXPECT_NEAR(reduced(Op::kReduceLogSumExp, x), std::log(std::exp(-3.0F) + std::exp(1.0F) + std::exp(2.0F)), 1e-6);
}

TEST(Reductions, OfNothing) {
  EXPECT_EQ(reduced(Op::kReduceL1, {}), 0);
  EXPECT_EQ(reduced(Op::kReduceL2, {}), 0);
  EXPECT_EQ(reduced(Op::kReduceProd, {}), 1);
  EXPECT_EQ(reduced(Op::kReduceMin, {}), kInf);
  EXPECT_EQ(reduced(Op::kReduceMax, {}), -kInf);
  EXPECT_EQ(reduced(Op::kReduceLogSum, {}), -kInf);
  EXPECT_EQ(reduced(Op::kReduceLogSumExp, {}), -kInf);
  const Tensor none = tensor<std::uint8_t>({0}, {}, DType::kBool);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kReduceMin, {&none}, ReduceAttrs{}}))[0], 1);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kReduceMax, {&none}, ReduceAttrs{}}))[0], 0);
}

TEST(Reductions, DoNotOverflowOnTheWay) {
  EXPECT_EQ(reduced(Op::kReduceLogSumExp, {1000, -1000}), 1000);
  EXPECT_EQ(reduced(Op::kReduceLogSumExp, {-kInf, -kInf}), -kInf);
  EXPECT_EQ(reduced(Op::kReduceLogSumExp, {kInf, 1}), kInf);
  EXPECT_NEAR(reduced(Op::kReduceL2, {3e30F, 4e30F}), 5e30F, 1e25);
}

TEST(Reductions, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Op op : {Op::kReduceL1, Op::kReduceL2, Op::kReduceLogSum, Op::kReduceLogSumExp, Op::kReduceMax,
                      Op::kReduceMean, Op::kReduceMin, Op::kReduceProd, Op::kReduceSum, Op::kReduceSumSquare}) {
    EXPECT_TRUE(std::isnan(reduced(op, {nan, 1}))) << op_def(op).name;
    EXPECT_TRUE(std::isnan(reduced(op, {1, nan, kInf}))) << op_def(op).name;
  }
}

TEST(Reductions, IntegersWrapAround) {
  const Tensor x = tensor<std::int32_t>({2}, {INT32_MIN, -1});
  const auto of = [&](Op op) { return values<std::int32_t>(run_one({op, {&x}, ReduceAttrs{}}))[0]; };
  EXPECT_EQ(of(Op::kReduceL1), INT32_MIN + 1);
  EXPECT_EQ(of(Op::kReduceSumSquare), 1);
  EXPECT_EQ(of(Op::kReduceProd), INT32_MIN);
  EXPECT_EQ(of(Op::kReduceMin), INT32_MIN);
  EXPECT_EQ(of(Op::kReduceL2), INT32_MAX);
  const Tensor truths = tensor<std::uint8_t>({3}, {2, 1, 0}, DType::kBool);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kReduceMax, {&truths}, ReduceAttrs{}}))[0], 1);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kReduceMin, {&truths}, ReduceAttrs{}}))[0], 0);
  EXPECT_TRUE(mentions(error_of({Op::kReduceProd, {&truths}, ReduceAttrs{}}), "bool"));
}

TEST(Reductions, NothingToReduceLeavesTheInput) {
  const Tensor x = floats({2}, {-3, 2});
  const Tensor no_axes = ints({});
  for (const Op op : {Op::kReduceL1, Op::kReduceSumSquare, Op::kReduceLogSumExp})
    expect_floats(run_one({op, {&x, &no_axes}, ReduceAttrs{true, true}}), {2}, {-3, 2});
}

}  // namespace
}  // namespace saker::ops
