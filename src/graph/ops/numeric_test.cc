// Convolutions, pools, matrices, reductions, normalisation, Resize, TopK and NonMaxSuppression.
#include <cmath>
#include <limits>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

ConvAttrs conv_attrs(Shape strides, Shape pads, std::int64_t group = 1) {
  ConvAttrs attrs;
  attrs.window.strides = std::move(strides);
  attrs.window.pads = std::move(pads);
  attrs.group = group;
  return attrs;
}

TEST(Conv, PadsStridesAndBias) {
  const Tensor x = counting({1, 1, 3, 3});
  const Tensor w = floats({1, 1, 2, 2}, {1, 1, 1, 1});
  const Tensor bias = floats({1}, {0.5F});
  expect_floats(run_one({Op::kConv, {&x, &w, &bias}, conv_attrs({2, 2}, {1, 1, 0, 0})}), {1, 1, 2, 2},
                {0.5F, 3.5F, 9.5F, 24.5F});
  ConvAttrs same;
  same.window.auto_pad = AutoPad::kSameUpper;
  expect_floats(run_one({Op::kConv, {&x, &w}, same}), {1, 1, 3, 3}, {8, 12, 7, 20, 24, 13, 13, 15, 8});
}

TEST(Conv, GroupsDilationActivationResidual) {
  const Tensor x = counting({1, 2, 4});
  const Tensor w = floats({2, 1, 2}, {1, -1, -1, 1});
  ConvAttrs attrs = conv_attrs({}, {}, 2);
  attrs.window.dilations = {2};
  attrs.activation = {ActivationKind::kLeakyRelu, 0.5F, 0};
  const Tensor residual = floats({1, 2, 2}, {10, 20, 30, 40});
  expect_floats(run_one({Op::kConv, {&x, &w, nullptr, &residual}, attrs}), {1, 2, 2}, {9, 19, 32, 42});
  EXPECT_TRUE(mentions(error_of({Op::kConv, {&x, &w, nullptr, &x}, attrs}), "residual"));
}

TEST(Conv, Errors) {
  const Tensor x = counting({1, 2, 4, 4});
  const Tensor w = counting({4, 2, 3, 3});
  const auto error = [&](const ConvAttrs& attrs) { return error_of({Op::kConv, {&x, &w}, attrs}); };
  EXPECT_TRUE(mentions(error(conv_attrs({}, {}, 2)), "input has 2 channels but the weights need 4"));
  EXPECT_TRUE(mentions(error(conv_attrs({}, {}, 0)), "group is 0"));
  EXPECT_TRUE(mentions(error(conv_attrs({}, {}, 3)), "4 output channels in 3 groups"));
  EXPECT_TRUE(mentions(error(conv_attrs({0, 1}, {})), "strides has the entry 0"));
  EXPECT_TRUE(mentions(error(conv_attrs({1}, {})), "strides has 1 entries"));
  EXPECT_TRUE(mentions(error(conv_attrs({}, {-1, 0, 0, 0})), "pads has the entry -1"));
  EXPECT_TRUE(mentions(error(conv_attrs({}, {INT64_MAX, 0, 0, INT64_MAX})), "pads"));
  ConvAttrs dilated;
  dilated.window.dilations = {1, INT64_MAX};
  EXPECT_TRUE(mentions(error(dilated), "dilations"));
  dilated.window.dilations = {1, 2};
  EXPECT_TRUE(mentions(error(dilated), "the window spans 5 but the padded input has 4"));
  ConvAttrs kernel;
  kernel.window.kernel = {2, 2};
  EXPECT_TRUE(mentions(error(kernel), "kernel_shape is [2, 2] but the weights have [3, 3]"));
  const Tensor flat = counting({4, 2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kConv, {&x, &flat}, ConvAttrs{}}), "rank"));
  EXPECT_TRUE(mentions(error_of({Op::kConv, {&x, &w, &flat}, ConvAttrs{}}), "bias"));
  const Tensor none = counting({4, 2, 0, 3});
  EXPECT_TRUE(mentions(error_of({Op::kConv, {&x, &none}, ConvAttrs{}}), "kernel has the entry 0"));
}

TEST(Conv, NoChannelsAndHugeKernel) {
  const Tensor x = floats({1, 0, 2}, {});
  const Tensor w = floats({1, 0, 1000000000}, {});
  const Tensor bias = floats({1}, {3});
  ConvAttrs attrs = conv_attrs({}, {500000000, 500000000});
  expect_floats(run_one({Op::kConv, {&x, &w, &bias}, attrs}), {1, 1, 3}, {3, 3, 3});
}

TEST(ConvTranspose, StridesPadsAndOutputShape) {
  const Tensor x = floats({1, 1, 2}, {1, 2});
  const Tensor w = floats({1, 2, 3}, {1, 1, 1, 1, 0, 0});
  ConvTransposeAttrs attrs;
  attrs.window.strides = {2};
  expect_floats(run_one({Op::kConvTranspose, {&x, &w}, attrs}), {1, 2, 5}, {1, 1, 3, 2, 2, 1, 0, 2, 0, 0});
  attrs.window.pads = {1, 1};
  attrs.output_padding = {1};
  expect_floats(run_one({Op::kConvTranspose, {&x, &w}, attrs}), {1, 2, 4}, {1, 3, 2, 2, 0, 2, 0, 0});
  attrs.output_shape = {INT64_MIN};
  EXPECT_TRUE(mentions(error_of({Op::kConvTranspose, {&x, &w}, attrs}), "extent"));
  attrs.output_shape = {};
  attrs.output_padding = {-1};
  EXPECT_TRUE(mentions(error_of({Op::kConvTranspose, {&x, &w}, attrs}), "output_padding"));
  attrs.output_padding = {};
  attrs.window.pads = {100, 100};
  EXPECT_TRUE(mentions(error_of({Op::kConvTranspose, {&x, &w}, attrs}), "extent"));
}

PoolAttrs pool_attrs(Shape kernel, Shape strides, Shape pads, bool ceil_mode = false) {
  PoolAttrs attrs;
  attrs.window.kernel = std::move(kernel);
  attrs.window.strides = std::move(strides);
  attrs.window.pads = std::move(pads);
  attrs.ceil_mode = ceil_mode;
  return attrs;
}

TEST(Pool, MaxWithIndices) {
  const Tensor x = counting({1, 2, 3, 3});
  const auto result = run({Op::kMaxPool, {&x}, pool_attrs({2, 2}, {2, 2}, {0, 0, 0, 0}, true), 2});
  ASSERT_TRUE(result.ok());
  expect_floats((*result)[0], {1, 2, 2, 2}, {4, 5, 7, 8, 13, 14, 16, 17});
  EXPECT_EQ(values<std::int64_t>((*result)[1]), (std::vector<std::int64_t>{4, 5, 7, 8, 13, 14, 16, 17}));
}

TEST(Pool, CeilModeAdmitsAWindowThatReachesBeyondTheEnd) {
  const Tensor x = floats({1, 1, 4}, {1, 2, 3, 4});
  expect_floats(run_one({Op::kMaxPool, {&x}, pool_attrs({5}, {2}, {0, 0}, true)}), {1, 1, 1}, {4});
  EXPECT_TRUE(mentions(error_of({Op::kMaxPool, {&x}, pool_attrs({5}, {1}, {0, 0}, true)}), "spans 5"));
}

TEST(Pool, AverageCountsPadding) {
  const Tensor x = floats({1, 1, 3}, {3, 6, 9});
  PoolAttrs attrs = pool_attrs({3}, {2}, {1, 1});
  expect_floats(run_one({Op::kAveragePool, {&x}, attrs}), {1, 1, 2}, {4.5F, 7.5F});
  attrs.count_include_pad = true;
  expect_floats(run_one({Op::kAveragePool, {&x}, attrs}), {1, 1, 2}, {3, 5});
  expect_floats(run_one({Op::kGlobalAveragePool, {&x}}), {1, 1, 1}, {6});
}

TEST(Pool, HugeWindowsCostNoMoreThanTheInput) {
  const Tensor x = floats({1, 1, 2}, {1, 3});
  const std::int64_t huge = 1000000001;
  const PoolAttrs attrs = pool_attrs({huge}, {huge}, {500000000, 500000000});
  expect_floats(run_one({Op::kMaxPool, {&x}, attrs}), {1, 1, 1}, {3});
  expect_floats(run_one({Op::kAveragePool, {&x}, attrs}), {1, 1, 1}, {2});
  EXPECT_TRUE(mentions(error_of({Op::kMaxPool, {&x}, pool_attrs({}, {}, {})}), "kernel_shape"));
  EXPECT_TRUE(mentions(error_of({Op::kMaxPool, {&x}, pool_attrs({0}, {}, {})}), "kernel has the entry 0"));
  EXPECT_TRUE(mentions(error_of({Op::kMaxPool, {&x}, pool_attrs({3}, {}, {})}), "spans 3"));
}

TEST(Matrices, MatMul) {
  const Tensor a = counting({2, 2, 3});
  const Tensor b = counting({3, 1});
  expect_floats(run_one({Op::kMatMul, {&a, &b}}), {2, 2, 1}, {5, 14, 23, 32});
  const Tensor v = counting({3});
  expect_floats(run_one({Op::kMatMul, {&a, &v}}), {2, 2}, {5, 14, 23, 32});
  expect_floats(run_one({Op::kMatMul, {&v, &v}}), {}, {5});
  const Tensor empty = floats({3, 0}, {});
  const Tensor none = floats({0, 2}, {});
  expect_floats(run_one({Op::kMatMul, {&empty, &none}}), {3, 2}, {0, 0, 0, 0, 0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kMatMul, {&b, &a}}), "1 columns times 2 rows"));
  const Tensor scalar = floats({}, {1});
  EXPECT_TRUE(mentions(error_of({Op::kMatMul, {&a, &scalar}}), "scalar"));
}

TEST(Matrices, Gemm) {
  const Tensor a = counting({3, 2});
  const Tensor b = counting({2, 3});
  const Tensor c = floats({2, 1}, {1, 2});
  expect_floats(run_one({Op::kGemm, {&a, &b, &c}, GemmAttrs{2, 10, true, true}}), {2, 2}, {30, 66, 46, 100});
  EXPECT_TRUE(mentions(error_of({Op::kGemm, {&a, &b, &c}, GemmAttrs{}}), "[2, 1] do not broadcast"));
  EXPECT_TRUE(mentions(error_of({Op::kGemm, {&a, &a}, GemmAttrs{}}), "2 columns times 3 rows"));
}

TEST(Reduce, AxesAndEmptySets) {
  const Tensor x = counting({2, 3});
  const Tensor last = ints({-1});
  expect_floats(run_one({Op::kReduceMax, {&x, &last}, ReduceAttrs{}}), {2, 1}, {2, 5});
  expect_floats(run_one({Op::kReduceMean, {&x, &last}, ReduceAttrs{false, false}}), {2}, {1, 4});
  expect_floats(run_one({Op::kReduceSum, {&x}, ReduceAttrs{false, false}}), {}, {15});
  const Tensor no_axes = ints({});
  expect_floats(run_one({Op::kReduceSum, {&x, &no_axes}, ReduceAttrs{true, true}}), {2, 3}, values(x));
  const Tensor empty = floats({2, 0}, {});
  expect_floats(run_one({Op::kReduceSum, {&empty, &last}, ReduceAttrs{false, false}}), {2}, {0, 0});
  const Tensor far = ints({2});
  EXPECT_TRUE(mentions(error_of({Op::kReduceSum, {&x, &far}, ReduceAttrs{}}), "axis 2"));
}

TEST(Normalization, BatchNormalizationAndSoftmax) {
  const Tensor x = floats({1, 2, 1}, {4, 10});
  const Tensor ones = floats({2}, {1, 1});
  const Tensor two = floats({2}, {2, 2});
  const Tensor four = floats({2}, {4, 4});
  expect_floats(run_one({Op::kBatchNormalization, {&x, &ones, &two, &two, &four}, BatchNormalizationAttrs{0}}),
                {1, 2, 1}, {3, 6});
  const Tensor three = floats({3}, {1, 1, 1});
  EXPECT_TRUE(mentions(error_of({Op::kBatchNormalization, {&x, &three, &two, &two, &four}, BatchNormalizationAttrs{}}),
                       "2 channels"));
  const Tensor y = floats({2, 2}, {0, 0, 1000, 1000});
  expect_floats(run_one({Op::kSoftmax, {&y}, SoftmaxAttrs{}}), {2, 2}, {0.5F, 0.5F, 0.5F, 0.5F});
  expect_floats(run_one({Op::kSoftmax, {&y}, SoftmaxAttrs{0, true}}), {2, 2}, {0, 0, 0.5F, 0.5F});
  EXPECT_TRUE(mentions(error_of({Op::kSoftmax, {&y}, SoftmaxAttrs{2, false}}), "axis 2"));
}

TEST(Resize, Modes) {
  const Tensor x = floats({1, 1, 1, 2}, {1, 3});
  const Tensor twice = floats({4}, {1, 1, 2, 2});
  ResizeAttrs attrs;
  attrs.coordinates = ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  expect_floats(run_one({Op::kResize, {&x, nullptr, &twice}, attrs}), {1, 1, 2, 4}, {1, 1, 3, 3, 1, 1, 3, 3});
  attrs = {};
  attrs.mode = ResizeMode::kLinear;
  attrs.axes = {3};
  const Tensor four = ints({4});
  expect_floats(run_one({Op::kResize, {&x, nullptr, nullptr, &four}, attrs}), {1, 1, 1, 4}, {1, 1.5F, 2.5F, 3});
  attrs.antialias = true;
  const Tensor one = ints({1});
  expect_floats(run_one({Op::kResize, {&x, nullptr, nullptr, &one}, attrs}), {1, 1, 1, 1}, {2});
}

TEST(Resize, PytorchHalfPixelReadsTheFirstElementForOne) {
  const Tensor x = floats({3}, {1, 2, 4});
  const Tensor one = ints({1});
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kCubic;
  attrs.coordinates = ResizeCoordinates::kPytorchHalfPixel;
  expect_floats(run_one({Op::kResize, {&x, nullptr, nullptr, &one}, attrs}), {1}, {1});
}

TEST(Resize, CropExtrapolates) {
  const Tensor x = floats({3}, {1, 2, 3});
  const Tensor roi = floats({2}, {-0.5F, 1});
  const Tensor size = ints({4});
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kLinear;
  attrs.coordinates = ResizeCoordinates::kTfCropAndResize;
  attrs.extrapolation_value = 9;
  expect_floats(run_one({Op::kResize, {&x, &roi, nullptr, &size}, attrs}), {4}, {9, 1, 2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kResize, {&x, nullptr, nullptr, &size}, attrs}), "region of interest"));
}

TEST(Resize, Errors) {
  const Tensor x = floats({3}, {1, 2, 3});
  const Tensor size = ints({4});
  const auto scaled = [&](float scale) {
    const Tensor scales = floats({1}, {scale});
    return error_of({Op::kResize, {&x, nullptr, &scales}, ResizeAttrs{}});
  };
  EXPECT_TRUE(mentions(scaled(0), "scale 0 is not positive"));
  EXPECT_TRUE(mentions(scaled(-1), "scale -1"));
  EXPECT_NE(scaled(std::numeric_limits<float>::infinity()), "");
  EXPECT_NE(scaled(std::numeric_limits<float>::quiet_NaN()), "");
  EXPECT_NE(scaled(1e20F), "");
  const Tensor scales = floats({1}, {2});
  EXPECT_TRUE(mentions(error_of({Op::kResize, {&x, nullptr, &scales, &size}, ResizeAttrs{}}), "not both"));
  const Tensor negative = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kResize, {&x, nullptr, nullptr, &negative}, ResizeAttrs{}}), "size -1"));
  const Tensor pair = ints({1, 1});
  EXPECT_TRUE(mentions(error_of({Op::kResize, {&x, nullptr, nullptr, &pair}, ResizeAttrs{}}), "2 sizes for 1 axes"));
  const Tensor empty = floats({0}, {});
  EXPECT_NE(error_of({Op::kResize, {&empty, nullptr, nullptr, &size}, ResizeAttrs{}}), "");
}

TEST(TopK, TiesAndNan) {
  const Tensor x = floats({2, 3}, {1, 3, 3, std::numeric_limits<float>::quiet_NaN(), 2, 5});
  const Tensor k = ints({2});
  const auto result = run({Op::kTopK, {&x, &k}, TopKAttrs{}, 2});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(values<std::int64_t>((*result)[1]), (std::vector<std::int64_t>{1, 2, 0, 2}));
  const auto least = run({Op::kTopK, {&x, &k}, TopKAttrs{0, false, true}, 2});
  ASSERT_TRUE(least.ok());
  EXPECT_EQ(values<std::int64_t>((*least)[1]), (std::vector<std::int64_t>{0, 1, 0, 1, 0, 1}));
  const Tensor many = ints({4});
  EXPECT_TRUE(mentions(error_of({Op::kTopK, {&x, &many}, TopKAttrs{}, 2}), "k is 4 on an axis of extent 3"));
  const Tensor negative = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kTopK, {&x, &negative}, TopKAttrs{}, 2}), "k is -1"));
}

TEST(NonMaxSuppression, GreedyPerClass) {
  const Tensor boxes = floats({1, 3, 4}, {0, 0, 1, 1, 1, 1, 0, 0.1F, 5, 5, 6, 6});
  const Tensor scores = floats({1, 2, 3}, {0.8F, 0.9F, 0.1F, 0.3F, 0.2F, 0.7F});
  const Tensor most = ints({2});
  const Tensor iou = floats({1}, {0.5F});
  const Tensor least = floats({1}, {0.25F});
  const Tensor chosen =
      run_one({Op::kNonMaxSuppression, {&boxes, &scores, &most, &iou, &least}, NonMaxSuppressionAttrs{}});
  EXPECT_EQ(chosen.shape(), (Shape{3, 3}));
  EXPECT_EQ(values<std::int64_t>(chosen), (std::vector<std::int64_t>{0, 0, 1, 0, 1, 2, 0, 1, 0}));
  EXPECT_EQ(run_one({Op::kNonMaxSuppression, {&boxes, &scores}, NonMaxSuppressionAttrs{}}).shape(), (Shape{0, 3}));
  EXPECT_TRUE(mentions(error_of({Op::kNonMaxSuppression, {&boxes, &boxes}, NonMaxSuppressionAttrs{}}), "[1, 3, 4]"));
}

}  // namespace
}  // namespace saker::ops
