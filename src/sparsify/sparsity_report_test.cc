// Zeros counted where they are: floats, bytes against their zero points, groups.
#include "sparsify/sparsity_report.h"

#include <gtest/gtest.h>

#include "passes/passes.h"
#include "passes/pipeline.h"
#include "support/qdq_graphs.h"

namespace saker::sparsify {
namespace {

const Shape kShape = {1, 8, 4, 4};

SparsityReport report_of(Graph graph) {
  const Shape shape = *graph.value(graph.inputs[0]).shape;
  EXPECT_TRUE(bind_input_shapes(graph, std::span(&shape, 1)).ok());
  EXPECT_TRUE(run_passes(graph, portable_passes()).ok());
  return report_sparsity(graph);
}

// 4 filters of 8 channels, 1x1: the first all zero, of the second the first four channels, of the others one number.
std::vector<int> weights(int zero) {
  std::vector<int> numbers(32, zero + 1);
  for (std::size_t i = 0; i < 12; ++i) numbers[i] = zero;
  numbers[17] = numbers[30] = zero;
  return numbers;
}

void expect_counts(const ZeroCounts& zeros) {
  EXPECT_EQ(zeros.elements.zero, 14);
  EXPECT_EQ(zeros.elements.all, 32);
  EXPECT_EQ(zeros.block4.zero, 3);
  EXPECT_EQ(zeros.block4.all, 8);
  EXPECT_EQ(zeros.block2x4.zero, 1);
  EXPECT_EQ(zeros.block2x4.all, 4);
  EXPECT_EQ(zeros.block4x4.zero, 0);
  EXPECT_EQ(zeros.two_of_four.zero, 3);
  EXPECT_EQ(zeros.two_of_four.all, 8);
  EXPECT_EQ(zeros.channels.zero, 1);
  EXPECT_EQ(zeros.channels.all, 4);
}

TEST(SparsityReport, OfFloats) {
  GraphBuilder b;
  std::vector<float> numbers;
  for (const int w : weights(0)) numbers.push_back(static_cast<float>(w));
  b.output(b.NetworkBuilder::conv(b.input(kShape), b.floats({4, 8, 1, 1}, numbers), kNoValue, {}));
  const SparsityReport report = report_of(b.graph());
  ASSERT_EQ(report.layers.size(), 1U);
  expect_counts(report.layers[0].zeros);
  expect_counts(report.all);
  EXPECT_TRUE(report.unknown.empty());
}

// As quantizers that know no signed weights store them: a zero is 128.
TEST(SparsityReport, OfBytesAgainstTheirZeroPoint) {
  for (const DType dtype : {DType::kUint8, DType::kInt8}) {
    for (const int zero : {0, 100}) {
      QdqBuilder b;
      const ValueId x = b.snap(b.input(kShape), grid_of(1));
      const ValueId bytes = b.bytes({4, 8, 1, 1}, weights(zero), dtype);
      const ValueId w =
          b.add(Op::kDequantizeLinear, {bytes, b.scalar(0.01F), b.bytes({}, {zero}, dtype)}, AxisAttrs{0});
      b.output(b.NetworkBuilder::conv(x, w, kNoValue, {}));
      const SparsityReport report = report_of(b.graph());
      ASSERT_EQ(report.layers.size(), 1U);
      expect_counts(report.layers[0].zeros);
    }
  }
}

TEST(SparsityReport, OfZeroPointsOfEachOutputAndFactorsBehindThem) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input(kShape), grid_of(1));
  std::vector<int> numbers = weights(0);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += static_cast<int>(i / 8) * 7;
  const ValueId scales = b.floats({4}, {0.1F, 0.2F, 0.3F, 0.4F});
  const ValueId w =
      b.add(Op::kDequantizeLinear,
            {b.bytes({4, 8, 1, 1}, numbers, DType::kUint8), scales, b.bytes({4}, {0, 7, 14, 21}, DType::kUint8)},
            AxisAttrs{0});
  const ValueId scaled = b.add(Op::kMul, {w, b.random({1, 8, 1, 1}, 1, 2)});
  b.output(b.NetworkBuilder::conv(x, scaled, kNoValue, {}));
  const SparsityReport report = report_of(b.graph());
  ASSERT_EQ(report.layers.size(), 1U);
  expect_counts(report.layers[0].zeros);
}

// Two groups: blocks do not reach from one into the other, and layers add up.
TEST(SparsityReport, OfGroupsAndSeveralLayers) {
  GraphBuilder b;
  std::vector<float> numbers(4 * 4, 1);
  for (std::size_t i = 4; i < 12; ++i) numbers[i] = 0;  // filter 1 of group 0, filter 0 of group 1
  const ValueId x = b.input(kShape);
  const ValueId grouped = b.NetworkBuilder::conv(x, b.floats({4, 4, 1, 1}, numbers), kNoValue,
                                                 {.stride = 1, .pad = -1, .dilation = 1, .group = 2});
  b.output(b.conv(grouped, 8));
  const SparsityReport report = report_of(b.graph());
  ASSERT_EQ(report.layers.size(), 2U);
  EXPECT_EQ(report.layers[0].zeros.block4.zero, 2);
  EXPECT_EQ(report.layers[0].zeros.block2x4.zero, 0);
  EXPECT_EQ(report.layers[0].zeros.block2x4.all, 2);
  EXPECT_EQ(report.layers[1].zeros.elements.zero, 0);
  EXPECT_EQ(report.all.elements.zero, 8);
  EXPECT_EQ(report.all.elements.all, 48);
}

TEST(SparsityReport, WeightsThatAreComputedAreNamed) {
  GraphBuilder b;
  const ValueId x = b.input({4, 4, 1, 1});
  b.output(b.NetworkBuilder::conv(x, x, kNoValue, {}));
  const SparsityReport report = report_of(b.graph());
  EXPECT_TRUE(report.layers.empty());
  EXPECT_EQ(report.unknown.size(), 1U);
}

}  // namespace
}  // namespace saker::sparsify
