// Truth values, bits and comparisons.
#include <limits>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

using Bytes = std::vector<std::uint8_t>;

Tensor truths(Shape shape, Bytes values) {
  return tensor<std::uint8_t>(std::move(shape), std::move(values), DType::kBool);
}

TEST(Logic, AnyByteButZeroIsTrue) {
  const Tensor a = truths({4}, {0, 2, 0, 1});
  const Tensor b = truths({4}, {0, 1, 4, 0});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kAnd, {&a, &b}})), (Bytes{0, 1, 0, 0}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kOr, {&a, &b}})), (Bytes{0, 1, 1, 1}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kXor, {&a, &b}})), (Bytes{0, 0, 1, 1}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kNot, {&a}})), (Bytes{1, 0, 1, 0}));
  const Tensor column = truths({2, 1}, {0, 1});
  EXPECT_EQ(run_one({Op::kAnd, {&column, &a}}).shape(), (Shape{2, 4}));
  const Tensor numbers = ints({1});
  EXPECT_TRUE(mentions(error_of({Op::kAnd, {&numbers, &numbers}}), "int64"));
  EXPECT_TRUE(mentions(error_of({Op::kNot, {&numbers}}), "int64"));
}

TEST(Logic, Bits) {
  const Tensor a = tensor<std::int8_t>({3}, {-1, 5, -128});
  const Tensor b = tensor<std::int8_t>({3}, {1, 6, 127});
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kBitwiseAnd, {&a, &b}})), (std::vector<std::int8_t>{1, 4, 0}));
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kBitwiseOr, {&a, &b}})), (std::vector<std::int8_t>{-1, 7, -1}));
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kBitwiseXor, {&a, &b}})), (std::vector<std::int8_t>{-2, 3, -1}));
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kBitwiseNot, {&a}})), (std::vector<std::int8_t>{0, -6, 127}));
  const Tensor x = floats({1}, {1});
  EXPECT_TRUE(mentions(error_of({Op::kBitwiseAnd, {&x, &x}}), "float32"));
}

TEST(Logic, ShiftsByAsManyPlacesAsThereAreLeaveNothing) {
  const Tensor x = tensor<std::uint8_t>({4}, {255, 255, 255, 255});
  const Tensor places = tensor<std::uint8_t>({4}, {0, 7, 8, 255});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kBitShift, {&x, &places}, BitShiftAttrs{true}})),
            (Bytes{255, 128, 0, 0}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kBitShift, {&x, &places}, BitShiftAttrs{false}})), (Bytes{255, 1, 0, 0}));
  const Tensor wide = tensor<std::uint64_t>({2}, {1, UINT64_MAX}, DType::kUint64);
  const Tensor far = tensor<std::uint64_t>({2}, {63, UINT64_MAX}, DType::kUint64);
  EXPECT_EQ(values<std::uint64_t>(run_one({Op::kBitShift, {&wide, &far}, BitShiftAttrs{true}})),
            (std::vector<std::uint64_t>{std::uint64_t{1} << 63, 0}));
  const Tensor whole = ints({1});
  EXPECT_TRUE(mentions(error_of({Op::kBitShift, {&whole, &whole}, BitShiftAttrs{}}), "int64"));
}

TEST(Logic, NanIsNotEqualAndNotGreater) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor a = floats({4}, {1, 2, nan, 0.0F});
  const Tensor b = floats({4}, {2, 2, nan, -0.0F});
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kGreaterOrEqual, {&a, &b}})), (Bytes{0, 1, 0, 1}));
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kGreater, {&b, &a}})), (Bytes{1, 0, 0, 0}));
}

TEST(Logic, CastLikeLooksAtTheTypeAlone) {
  const Tensor x = floats({3}, {1.9F, -1e30F, 0});
  const Tensor whole = ints({});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kCastLike, {&x, &whole}})), (std::vector<std::int64_t>{1, INT64_MIN, 0}));
}

}  // namespace
}  // namespace saker::ops
