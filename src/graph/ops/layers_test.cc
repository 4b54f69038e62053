// Normalizations, sampling, regions and signals: what ONNX's data does not have, and what is refused.
#include <cmath>
#include <limits>

#include "support/op_testing.h"

namespace saker::ops {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Normalizations, RowsAreNormalized) {
  const Tensor x = floats({2, 2}, {1, 3, -2, 2}), scale = floats({2}, {1, 2}), bias = floats({2}, {0, 1});
  const NormalizationAttrs exact{0};
  const auto layer = run({Op::kLayerNormalization, {&x, &scale, &bias}, exact, 3});
  ASSERT_TRUE(layer.ok()) << layer.error().message;
  expect_floats((*layer)[0], {2, 2}, {-1, 3, -1, 3});
  expect_floats((*layer)[1], {2, 1}, {2, 0});
  expect_floats((*layer)[2], {2, 1}, {1, 0.5F});
  const float root = std::sqrt(5.0F);
  expect_floats(run_one({Op::kRMSNormalization, {&x, &scale}, exact}), {2, 2}, {1 / root, 6 / root, -1, 2});
  const Tensor wide = tensor<double>({1, 2}, {1, 3});
  EXPECT_EQ(run_one({Op::kRMSNormalization, {&wide, &scale}, exact}).dtype(), DType::kFloat32);
}

TEST(Normalizations, GroupsTakeParametersOfGroupsAndOfChannels) {
  const Tensor x = floats({1, 4, 1}, {1, 3, 10, 30});
  NormalizationAttrs attrs{0};
  attrs.groups = 2;
  const Tensor two = floats({2}, {1, 2}), four = floats({4}, {1, 2, 3, 4}), no_shift = floats({4}, {0, 0, 0, 0});
  const Tensor none = floats({2}, {0, 0});
  expect_floats(run_one({Op::kGroupNormalization, {&x, &two, &none}, attrs}), {1, 4, 1}, {-1, 1, -2, 2});
  expect_floats(run_one({Op::kGroupNormalization, {&x, &four, &no_shift}, attrs}), {1, 4, 1}, {-1, 2, -3, 4});
  attrs.groups = 3;
  EXPECT_TRUE(mentions(error_of({Op::kGroupNormalization, {&x, &two, &none}, attrs}), "groups"));
  EXPECT_TRUE(mentions(error_of({Op::kInstanceNormalization, {&x, &two, &none}, attrs}), "scale"));
}

TEST(Normalizations, OfNothing) {
  const Tensor x = floats({3, 0}, {}), scale = floats({0}, {});
  const auto layer = run({Op::kLayerNormalization, {&x, &scale}, NormalizationAttrs{}, 2});
  ASSERT_TRUE(layer.ok()) << layer.error().message;
  EXPECT_TRUE(std::isnan((*layer)[1].data<float>()[0]));
  NormalizationAttrs beyond;
  beyond.axis = 3;
  EXPECT_TRUE(mentions(error_of({Op::kLayerNormalization, {&x, &scale}, beyond}), "axis 3"));
}

TEST(Normalizations, LpOfZerosIsZero) {
  const Tensor x = floats({2, 2}, {0, 0, 3, -4});
  expect_floats(run_one({Op::kLpNormalization, {&x}, LpAttrs{}}), {2, 2}, {0, 0, 0.6F, -0.8F});
  EXPECT_TRUE(mentions(error_of({Op::kLpNormalization, {&x}, LpAttrs{0, 0}}), "p is 0"));
  const Tensor planes = floats({1, 1, 3}, {1, -2, 2});
  expect_floats(run_one({Op::kGlobalLpPool, {&planes}, LpAttrs{2}}), {1, 1, 1}, {3});
  const Tensor channels = floats({1, 2}, {1, 2});
  LrnAttrs wide{1, 1, 0, INT64_MAX};
  EXPECT_EQ(run_one({Op::kLRN, {&channels}, wide}).elements(), 2);
}

Tensor sampled(const std::vector<float>& row, std::vector<float> places, GridSampleAttrs attrs) {
  const auto count = static_cast<std::int64_t>(places.size());
  const Tensor x = floats({1, 1, 1, static_cast<std::int64_t>(row.size())}, row);
  std::vector<float> grid;
  for (const float place : places) grid.insert(grid.end(), {place, 0});
  const Tensor points = floats({1, 1, count, 2}, grid);
  return run_one({Op::kGridSample, {&x, &points}, attrs});
}

TEST(GridSample, PlacesThatAreNoNumbers) {
  const std::vector<float> row = {1, 2, 3}, places = {kNan, kInfinity, -kInfinity, 1e30F, -1e30F, 0};
  for (const auto mode : {GridSampleMode::kLinear, GridSampleMode::kNearest, GridSampleMode::kCubic}) {
    const Shape shape = {1, 1, 1, 6};
    expect_floats(sampled(row, places, {mode, GridSamplePadding::kZeros, false}), shape, {0, 0, 0, 0, 0, 2});
    expect_floats(sampled(row, places, {mode, GridSamplePadding::kBorder, true}), shape, {1, 3, 1, 3, 1, 2});
    for (const bool align : {false, true}) {
      const Tensor y = sampled(row, places, {mode, GridSamplePadding::kReflection, align});
      for (const float value : values(y)) EXPECT_TRUE(value > 0.5F && value < 3.5F) << value;  // cubics overshoot
    }
  }
}

TEST(GridSample, ReflectsOnceAndTwice) {
  // Of 3 pixels, without align_corners: pixel = ((place + 1) * 3 - 1) / 2.
  const GridSampleAttrs attrs{GridSampleMode::kNearest, GridSamplePadding::kReflection, false};
  expect_floats(sampled({1, 2, 3}, {-4.0F / 3, -8.0F / 3, 4.0F / 3, 8.0F / 3}, attrs), {1, 1, 1, 4}, {1, 3, 3, 1});
  const GridSampleAttrs aligned{GridSampleMode::kLinear, GridSamplePadding::kReflection, true};
  expect_floats(sampled({5}, {-1, 0, 7}, aligned), {1, 1, 1, 3}, {5, 5, 5});
}

TEST(GridSample, IntegersAndRefusals) {
  const Tensor x = tensor<std::int64_t>({1, 1, 1, 2}, {INT64_MAX, 5}), grid = floats({1, 1, 1, 2}, {-0.5F, 0});
  const GridSampleAttrs nearest{GridSampleMode::kNearest};
  EXPECT_EQ(values<std::int64_t>(run_one({Op::kGridSample, {&x, &grid}, nearest}))[0], INT64_MAX);
  const Tensor flat = floats({1, 1, 2}, {1, 2}), empty = floats({1, 1, 0, 2}, {});
  EXPECT_TRUE(mentions(error_of({Op::kGridSample, {&flat, &grid}, nearest}), "rank 3"));
  EXPECT_TRUE(mentions(error_of({Op::kGridSample, {&empty, &grid}, nearest}), "no pixels"));
  const Tensor theta = floats({1, 2, 3}, {1, 0, 0, 0, 1, 0}), size = ints({1, 1, -2, 2}), other = ints({2, 1, 2, 2});
  EXPECT_TRUE(mentions(error_of({Op::kAffineGrid, {&theta, &size}, AffineGridAttrs{}}), "-2"));
  EXPECT_TRUE(mentions(error_of({Op::kAffineGrid, {&theta, &other}, AffineGridAttrs{}}), "theta"));
}

TEST(Regions, MaximaAndRefusals) {
  const Tensor x = counting({1, 1, 4, 4}), rois = floats({2, 5}, {0, 0, 0, 3, 3, 0, 9, 9, 9, 9});
  expect_floats(run_one({Op::kMaxRoiPool, {&x, &rois}, MaxRoiPoolAttrs{2, 2, 1}}), {2, 1, 2, 2},
                {5, 7, 13, 15, 0, 0, 0, 0});
  const Tensor odd = floats({1, 5}, {kNan, 0, 0, 3, 3}), far = floats({1, 5}, {0, kNan, -1e30F, kInfinity, 1e30F});
  EXPECT_EQ(run_one({Op::kMaxRoiPool, {&x, &far}, MaxRoiPoolAttrs{}}).elements(), 1);
  EXPECT_EQ(run_one({Op::kMaxRoiPool, {&x, &odd}, MaxRoiPoolAttrs{}}).elements(), 1);
  const Tensor second = floats({1, 5}, {1, 0, 0, 3, 3});
  EXPECT_TRUE(mentions(error_of({Op::kMaxRoiPool, {&x, &second}, MaxRoiPoolAttrs{}}), "picture 1"));

  const Tensor corners = floats({1, 4}, {0, 0, 3, 3}), zero = ints({0}), minus = ints({-1});
  EXPECT_TRUE(mentions(error_of({Op::kRoiAlign, {&x, &corners, &minus}, RoiAlignAttrs{}}), "picture -1"));
  for (const float edge : {1e30F, kInfinity, kNan}) {
    const Tensor huge = floats({1, 4}, {0, 0, edge, 3});
    EXPECT_TRUE(mentions(error_of({Op::kRoiAlign, {&x, &huge, &zero}, RoiAlignAttrs{}}), "a region from"));
  }
  RoiAlignAttrs many;
  many.samples = INT32_MAX;
  EXPECT_TRUE(mentions(error_of({Op::kRoiAlign, {&x, &corners, &zero}, many}), "samples"));
}

TEST(DeformConv, OffsetsThatAreNoNumbersReadNothing) {
  const Tensor x = counting({1, 1, 2, 2}), w = floats({1, 1, 1, 1}, {1});
  const Tensor offsets = floats({1, 2, 2, 2}, {0, 0.5F, kNan, kInfinity, 0, 0, 0, 0});
  expect_floats(run_one({Op::kDeformConv, {&x, &w, &offsets}, DeformConvAttrs{}}), {1, 1, 2, 2}, {0, 2, 0, 0});
  DeformConvAttrs groups;
  groups.offset_group = 2;
  EXPECT_TRUE(mentions(error_of({Op::kDeformConv, {&x, &w, &offsets}, groups}), "groups"));
}

TEST(Rearranging, RefusesWhatDoesNotFit) {
  const Tensor columns = floats({1, 4, 1}, {1, 2, 3, 4}), image = ints({2, 2}), block = ints({2, 2});
  const Tensor odd = ints({3, 1}), large = ints({1 << 20, 1 << 20}), negative = ints({-1, 2});
  expect_floats(run_one({Op::kCol2Im, {&columns, &image, &block}, WindowAttrs{}}), {1, 1, 2, 2}, {1, 2, 3, 4});
  for (const Tensor* bad : {&odd, &large, &negative})
    EXPECT_NE(error_of({Op::kCol2Im, {&columns, &image, bad}, WindowAttrs{}}), "");
  EXPECT_NE(error_of({Op::kCol2Im, {&columns, &negative, &block}, WindowAttrs{}}), "");

  const Tensor x = floats({1, 1, 2}, {7, 8}), places = tensor<std::int64_t>({1, 1, 2}, {1, 3});
  const Tensor outside = tensor<std::int64_t>({1, 1, 2}, {1, 4}), before = tensor<std::int64_t>({1, 1, 2}, {-1, 3});
  const WindowAttrs window{{2}, {2}, {}, {}};
  expect_floats(run_one({Op::kMaxUnpool, {&x, &places}, window}), {1, 1, 4}, {0, 7, 0, 8});
  for (const Tensor* bad : {&outside, &before})
    EXPECT_TRUE(mentions(error_of({Op::kMaxUnpool, {&x, bad}, window}), "out of range"));
  const Tensor small = ints({1, 1, 3});
  EXPECT_TRUE(mentions(error_of({Op::kMaxUnpool, {&x, &places, &small}, window}), "the output's shape"));

  const Tensor lengths = ints({3, 0}), too_long = ints({4, 0}), rows = counting({3, 2});
  expect_floats(run_one({Op::kReverseSequence, {&rows, &lengths}, ReverseSequenceAttrs{}}), {3, 2}, {4, 1, 2, 3, 0, 5});
  EXPECT_TRUE(mentions(error_of({Op::kReverseSequence, {&rows, &too_long}, ReverseSequenceAttrs{}}), "of 3 steps"));

  const Tensor five = ints({5}), minus = ints({-1});
  expect_floats(run_one({Op::kCenterCropPad, {&x, &five}, AxesAttrs{{2}}}), {1, 1, 5}, {0, 7, 8, 0, 0});
  EXPECT_TRUE(mentions(error_of({Op::kCenterCropPad, {&x, &minus}, AxesAttrs{{2}}}), "-1"));
  EXPECT_TRUE(mentions(error_of({Op::kCenterCropPad, {&x, &five}, AxesAttrs{}}), "1 extents for 3 axes"));
}

TEST(Signals, WindowsOfAnyLength) {
  const Tensor none = ints({0}), single = ints({1}), negative = ints({-1}), four = ints({4});
  const SignalWindowAttrs symmetric{DType::kFloat32, false};
  EXPECT_EQ(run_one({Op::kHannWindow, {&none}, symmetric}).elements(), 0);
  expect_floats(run_one({Op::kHannWindow, {&single}, symmetric}), {1}, {1});
  expect_floats(run_one({Op::kHannWindow, {&four}, SignalWindowAttrs{}}), {4}, {0, 0.5F, 1, 0.5F});
  EXPECT_TRUE(mentions(error_of({Op::kBlackmanWindow, {&negative}, symmetric}), "size is -1"));
  EXPECT_EQ(run_one({Op::kHammingWindow, {&four}, SignalWindowAttrs{DType::kBFloat16}}).dtype(), DType::kBFloat16);
}

TEST(Signals, MelFrequenciesBeyondTheSpectrum) {
  const Tensor bins = ints({4}), length = ints({16}), rate = ints({8000}), none = ints({0});
  const Tensor low = floats({}, {0}), high = floats({}, {9000});
  for (const Tensor* by : {&rate, &none})
    EXPECT_TRUE(mentions(error_of({Op::kMelWeightMatrix, {&bins, &length, by, &low, &high}, SignalWindowAttrs{}}),
                         "frequencies"));
}

TEST(Signals, TransformsOfOtherLengths) {
  const Tensor x = floats({1, 2, 1}, {1, 2}), three = ints({3}), zero = ints({0}), axis = ints({2});
  const auto y = run_one({Op::kDFT, {&x, &three}, DftAttrs{}});
  expect_floats(y, {1, 3, 2}, {3, 0, 0, -1.7320508F, 0, 1.7320508F});
  EXPECT_TRUE(mentions(error_of({Op::kDFT, {&x, &zero}, DftAttrs{}}), "length 0"));
  EXPECT_TRUE(mentions(error_of({Op::kDFT, {&x, nullptr, &axis}, DftAttrs{}}), "complex"));
  EXPECT_TRUE(mentions(error_of({Op::kDFT, {&x}, DftAttrs{true, true}}), "onesided"));
  const Tensor step = ints({1}), window = floats({3}, {1, 1, 1});
  EXPECT_TRUE(mentions(error_of({Op::kSTFT, {&x, &step, &window}, StftAttrs{}}), "length 3"));
  EXPECT_TRUE(mentions(error_of({Op::kSTFT, {&x, &step}, StftAttrs{}}), "neither"));
  EXPECT_TRUE(mentions(error_of({Op::kSTFT, {&x, &zero, nullptr, &step}, StftAttrs{}}), "every 0"));
}

TEST(Einsum, Equations) {
  const Tensor a = counting({2, 3}), b = counting({3, 3});
  const auto of = [&](const char* equation, std::vector<const Tensor*> inputs) {
    return run_one({Op::kEinsum, std::move(inputs), EinsumAttrs{equation}});
  };
  expect_floats(of("ij->ji", {&a}), {3, 2}, {0, 3, 1, 4, 2, 5});
  expect_floats(of("ij", {&a}), {2, 3}, {0, 1, 2, 3, 4, 5});
  expect_floats(of("ii", {&b}), {}, {12});
  expect_floats(of("ii->i", {&b}), {3}, {0, 4, 8});
  expect_floats(of("i j, j k -> i k", {&a, &b}), {2, 3}, {15, 18, 21, 42, 54, 66});
  expect_floats(of("...j->...", {&a}), {2}, {3, 12});
  expect_floats(of("ba", {&a}), {3, 2}, {0, 3, 1, 4, 2, 5});
  const Tensor none = floats({2, 0}, {});
  expect_floats(of("ij->i", {&none}), {2}, {0, 0});
  const Tensor bytes = tensor<std::int8_t>({2}, {100, 100});
  EXPECT_EQ(values<std::int8_t>(of("i->", {&bytes}))[0], static_cast<std::int8_t>(200));
}

TEST(Einsum, Refusals) {
  const Tensor a = counting({2, 3}), b = counting({2, 3});
  const auto refuses = [&](const char* equation, const char* part) {
    EXPECT_TRUE(mentions(error_of({Op::kEinsum, {&a, &b}, EinsumAttrs{equation}}), part)) << equation;
  };
  refuses("ij,jk", "extents 3 and 2");
  refuses("ij", "of 1 operands");
  refuses("ij,i", "for 1 axes");
  refuses("ij,kl->m", "no operand has");
  refuses("ij,kl->ii", "twice");
  refuses("i1,kl", "'1'");
  refuses("ij,k\x01", "'?'");
  refuses("......,ij", "'.'");
}

TEST(Det, OfSingularAndEmptyMatrices) {
  const Tensor singular = floats({2, 2, 2}, {1, 2, 2, 4, 0, 1, 1, 0}), empty = floats({2, 0, 0}, {});
  expect_floats(run_one({Op::kDet, {&singular}}), {2}, {0, -1});
  expect_floats(run_one({Op::kDet, {&empty}}), {2}, {1, 1});
  const Tensor oblong = counting({2, 3});
  EXPECT_TRUE(mentions(error_of({Op::kDet, {&oblong}}), "square"));
}

}  // namespace
}  // namespace saker::ops
