// Operators of positions: EyeLike, OneHot, Trilu, Compress, CumSum, ArgMin, Hardmax.
#include <limits>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Masks, EyeLikeOfEveryType) {
  const Tensor x = floats({2, 3}, {5, 5, 5, 5, 5, 5});
  expect_floats(run_one({Op::kEyeLike, {&x}, EyeLikeAttrs{1}}), {2, 3}, {0, 1, 0, 0, 0, 1});
  expect_floats(run_one({Op::kEyeLike, {&x}, EyeLikeAttrs{-1}}), {2, 3}, {0, 0, 0, 1, 0, 0});
  expect_floats(run_one({Op::kEyeLike, {&x}, EyeLikeAttrs{INT64_MIN}}), {2, 3}, {0, 0, 0, 0, 0, 0});
  const Tensor yes = tensor<std::uint8_t>({1, 1}, {0}, DType::kBool);
  EXPECT_EQ(values<std::uint8_t>(run_one({Op::kEyeLike, {&yes}, EyeLikeAttrs{}})), (Bytes{1}));
  const Tensor half = tensor<std::uint16_t>({1, 1}, {0}, DType::kFloat16);
  EXPECT_EQ(values<std::uint16_t>(run_one({Op::kEyeLike, {&half}, EyeLikeAttrs{}})),
            (std::vector<std::uint16_t>{0x3C00}));
  const Tensor row = floats({3}, {1, 2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kEyeLike, {&row}, EyeLikeAttrs{}}), "no matrix"));
}

TEST(Masks, OneHotCountsFromTheEndAndLeavesOutWhatIsFar) {
  const Tensor indices = ints({1, -1, 3, INT64_MIN});
  const Tensor depth = floats({}, {3});
  const Tensor off_on = tensor<std::int8_t>({2}, {-5, 7});
  EXPECT_EQ(values<std::int8_t>(run_one({Op::kOneHot, {&indices, &depth, &off_on}, AxisAttrs{0}})),
            (std::vector<std::int8_t>{-5, -5, -5, -5, 7, -5, -5, -5, -5, 7, -5, -5}));
  const Tensor none = ints({0});
  EXPECT_EQ(run_one({Op::kOneHot, {&indices, &none, &off_on}, AxisAttrs{-1}}).shape(), (Shape{4, 0}));
  const Tensor scalar = tensor<std::int64_t>({}, {1});
  EXPECT_EQ(run_one({Op::kOneHot, {&scalar, &depth, &off_on}, AxisAttrs{-1}}).shape(), (Shape{3}));
  const Tensor negative = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kOneHot, {&indices, &negative, &off_on}, AxisAttrs{}}), "the depth is -1"));
  EXPECT_TRUE(mentions(error_of({Op::kOneHot, {&indices, &indices, &off_on}, AxisAttrs{}}), "the depth has 4"));
  EXPECT_TRUE(mentions(error_of({Op::kOneHot, {&indices, &depth, &depth}, AxisAttrs{}}), "the values"));
  EXPECT_TRUE(mentions(error_of({Op::kOneHot, {&indices, &depth, &off_on}, AxisAttrs{2}}), "axis 2"));
  const Tensor huge = ints({INT64_MAX});
  EXPECT_NE(error_of({Op::kOneHot, {&indices, &huge, &off_on}, AxisAttrs{}}), "");
}

TEST(Masks, TriangleOfEachMatrix) {
  const Tensor x = counting({2, 2, 3});
  const Tensor one = ints({1});
  expect_floats(run_one({Op::kTrilu, {&x, &one}, TriluAttrs{true}}), {2, 2, 3}, {0, 1, 2, 0, 0, 5, 0, 7, 8, 0, 0, 11});
  expect_floats(run_one({Op::kTrilu, {&x}, TriluAttrs{false}}), {2, 2, 3}, {0, 0, 0, 3, 4, 0, 6, 0, 0, 9, 10, 0});
  const Tensor far = ints({INT64_MIN});
  expect_floats(run_one({Op::kTrilu, {&x, &far}, TriluAttrs{true}}), {2, 2, 3}, values(x));
  const Tensor empty = floats({0, 3}, {});
  EXPECT_EQ(run_one({Op::kTrilu, {&empty}, TriluAttrs{}}).shape(), (Shape{0, 3}));
  EXPECT_TRUE(mentions(error_of({Op::kTrilu, {&one}, TriluAttrs{}}), "no matrix"));
  const Tensor two = ints({1, 2});
  EXPECT_TRUE(mentions(error_of({Op::kTrilu, {&x, &two}, TriluAttrs{}}), "k has 2"));
}

TEST(Compress, AlongAnAxisAndOfAll) {
  const Tensor x = counting({2, 3});
  const Tensor middle = tensor<std::uint8_t>({3}, {0, 3, 1}, DType::kBool);
  expect_floats(run_one({Op::kCompress, {&x, &middle}, CompressAttrs{-1}}), {2, 2}, {1, 2, 4, 5});
  expect_floats(run_one({Op::kCompress, {&x, &middle}, CompressAttrs{}}), {2}, {1, 2});
  const Tensor none = tensor<std::uint8_t>({0}, {}, DType::kBool);
  EXPECT_EQ(run_one({Op::kCompress, {&x, &none}, CompressAttrs{0}}).shape(), (Shape{0, 3}));
  EXPECT_TRUE(mentions(error_of({Op::kCompress, {&x, &middle}, CompressAttrs{0}}), "there are 2 elements"));
  EXPECT_TRUE(mentions(error_of({Op::kCompress, {&x, &middle}, CompressAttrs{2}}), "axis 2"));
  EXPECT_TRUE(mentions(error_of({Op::kCompress, {&x, &x}, CompressAttrs{}}), "float32"));
}

TEST(CumSum, DirectionsAndTypes) {
  const Tensor x = counting({2, 3});
  const Tensor last = ints({-1});
  const Tensor first = tensor<std::int32_t>({}, {0});
  expect_floats(run_one({Op::kCumSum, {&x, &last}, CumSumAttrs{}}), {2, 3}, {0, 1, 3, 3, 7, 12});
  expect_floats(run_one({Op::kCumSum, {&x, &last}, CumSumAttrs{true, false}}), {2, 3}, {0, 0, 1, 0, 3, 7});
  expect_floats(run_one({Op::kCumSum, {&x, &last}, CumSumAttrs{false, true}}), {2, 3}, {3, 3, 2, 12, 9, 5});
  expect_floats(run_one({Op::kCumSum, {&x, &first}, CumSumAttrs{true, true}}), {2, 3}, {3, 4, 5, 0, 0, 0});
  const Tensor ends = tensor<std::int32_t>({2}, {INT32_MAX, 1});
  EXPECT_EQ(values<std::int32_t>(run_one({Op::kCumSum, {&ends, &last}, CumSumAttrs{}})),
            (std::vector<std::int32_t>{INT32_MAX, INT32_MIN}));
  const Tensor empty = floats({0, 2}, {});
  EXPECT_EQ(run_one({Op::kCumSum, {&empty, &first}, CumSumAttrs{}}).shape(), (Shape{0, 2}));
  const Tensor two = ints({0, 1});
  EXPECT_TRUE(mentions(error_of({Op::kCumSum, {&x, &two}, CumSumAttrs{}}), "the axis has 2"));
  const Tensor far = ints({2});
  EXPECT_TRUE(mentions(error_of({Op::kCumSum, {&x, &far}, CumSumAttrs{}}), "axis 2"));
}

TEST(ArgMin, FirstOrLastOfTheLeast) {
  const Tensor x = tensor<std::int8_t>({4}, {3, -128, 5, -128});
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kArgMin, {&x}, ArgMaxAttrs{}})), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kArgMin, {&x}, ArgMaxAttrs{-1, false, true}})),
            (std::vector<std::int64_t>{3}));
}

TEST(Softmax, LogAndHard) {
  const Tensor x = floats({2, 2}, {0, 0, -1000, 1000});
  const float half = -0.693147F;
  expect_floats(run_one({Op::kLogSoftmax, {&x}, SoftmaxAttrs{}}), {2, 2}, {half, half, -2000, 0});
  expect_floats(run_one({Op::kHardmax, {&x}, SoftmaxAttrs{}}), {2, 2}, {1, 0, 0, 1});
  expect_floats(run_one({Op::kHardmax, {&x}, SoftmaxAttrs{0, true}}), {2, 2}, {0, 0, 0, 1});
  const Tensor empty = floats({2, 0}, {});
  EXPECT_EQ(run_one({Op::kLogSoftmax, {&empty}, SoftmaxAttrs{}}).shape(), (Shape{2, 0}));
  EXPECT_EQ(run_one({Op::kHardmax, {&empty}, SoftmaxAttrs{0, false}}).shape(), (Shape{2, 0}));
}

TEST(GlobalMaxPool, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor x = floats({1, 2, 3}, {-3, -1, -2, 1, nan, 2});
  const auto most = values(run_one({Op::kGlobalMaxPool, {&x}}));
  EXPECT_EQ(most[0], -1);
  EXPECT_NE(most[1], most[1]);
}

}  // namespace
}  // namespace saker::ops
