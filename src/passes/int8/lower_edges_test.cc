// ConvInt8 of unusual windows, extents and numbers: it computes what Conv did, or Conv stays.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graph/printer.h"
#include "passes/passes.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr double kStep = 3.0 / 128;  // of grid_of(3)

// conv8's weights and bias under other attributes.
Graph with_window(const Shape& shape, std::int64_t channels, std::int64_t kernel, const WindowAttrs& window,
                  std::int64_t group = 1) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input(shape), grid_of(1));
  b.conv8(x, channels, {.kernel = kernel, .group = group});
  const std::vector<ValueId> inputs = b.graph().nodes.back().inputs;
  ConvAttrs attrs;
  attrs.window = window;
  attrs.group = group;
  b.output(b.snap(b.add(Op::kConv, inputs, attrs), grid_of(3)));
  return b.graph();
}

void expect_lowered(const Graph& graph) {
  EXPECT_EQ(count_ops(lowered(graph), Op::kConvInt8), 1) << first_note(lowered(graph));
  expect_lowered_is_right(graph, 1.001 * kStep);
}

TEST(LowerEdges, WindowsOfEveryForm) {
  for (const std::int64_t group : {1, 2, 8}) {
    SCOPED_TRACE(group);
    WindowAttrs window;
    window.pads = {0, 2, 1, 0};
    window.strides = {1, 3};
    expect_lowered(with_window({1, 8, 9, 10}, 8, 3, window, group));
    window.pads = {4, 5, 4, 3};  // beyond the picture
    expect_lowered(with_window({1, 8, 2, 3}, 8, 3, window, group));
    window.pads = {2, 2, 2, 2};
    window.dilations = {2, 3};
    expect_lowered(with_window({1, 8, 9, 10}, 8, 3, window, group));
    for (const AutoPad pad : {AutoPad::kSameLower, AutoPad::kSameUpper, AutoPad::kValid}) {
      WindowAttrs automatic;
      automatic.auto_pad = pad;
      automatic.strides = {2, 2};
      expect_lowered(with_window({1, 8, 9, 10}, 8, 4, automatic, group));
    }
  }
}

TEST(LowerEdges, LargeKernels) {
  for (const std::int64_t kernel : {9, 17, 33}) {
    for (const std::int64_t group : {1, 4}) {
      WindowAttrs window;
      window.pads.assign(4, kernel / 2);
      expect_lowered(with_window({1, 4, 8, 9}, 4, kernel, window, group));
    }
  }
}

TEST(LowerEdges, OnePixelAndThinPictures) {
  WindowAttrs window;
  window.pads.assign(4, 1);
  for (const Shape& shape : {Shape{1, 5, 1, 1}, Shape{1, 5, 1, 40}, Shape{1, 5, 40, 1}, Shape{2, 1, 1, 1}})
    expect_lowered(with_window(shape, 6, 3, window));
}

TEST(LowerEdges, Nothing) {
  const auto runs = [](const Shape& shape, std::int64_t channels) {
    QdqBuilder b;
    b.output(b.snap(b.conv8(b.snap(b.input(shape), grid_of(1)), channels), grid_of(3)));
    expect_lowered_is_right(b.graph(), 1.001 * kStep);
  };
  runs({0, 5, 4, 4}, 3);  // pictures
  runs({1, 0, 4, 4}, 3);  // channels in
  runs({1, 5, 4, 4}, 0);  // channels out
}

TEST(LowerEdges, OneDimensionStaysFloat) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input({1, 3, 8}), grid_of(1));
  const ValueId w =
      b.add(Op::kDequantizeLinear, {b.bytes({1, 3, 1}, {1, 2, 3}, DType::kInt8), b.scalar(0.1F)}, AxisAttrs{0});
  b.output(b.snap(b.add(Op::kConv, {x, w}, ConvAttrs{}), grid_of(3)));
  EXPECT_EQ(first_note(lowered(b.graph())), "it is not 2-D");
  expect_lowered_is_right(b.graph(), 1.001 * kStep);
}

// Sums and biases far outside the bytes' range.
TEST(LowerEdges, EverythingSaturates) {
  QdqBuilder b;
  const Grid tiny{{1e-6F}, {128}};
  b.output(b.snap(b.conv8(b.snap(b.input({1, 5, 6, 7}), grid_of(1)), 9, {.kernel = 3}), tiny));
  expect_lowered_is_right(b.graph(), 1e-6);
}

TEST(LowerEdges, ScalesThatAreNotFiniteTogether) {
  QdqBuilder b;
  const ValueId x = b.snap(b.input({1, 3, 4, 4}), {{1e20F}, {128}});
  const ValueId w =
      b.add(Op::kDequantizeLinear, {b.bytes({1, 3, 1, 1}, {1, 2, 3}, DType::kInt8), b.scalar(1e20F)}, AxisAttrs{0});
  b.output(b.add(Op::kConv, {x, w}, ConvAttrs{}));
  EXPECT_EQ(first_note(lowered(b.graph())), "the scales of its weights are not finite");
}

// The largest sum: 255 * 127 for each of 18,000 taps, which int32 holds.
TEST(LowerEdges, LargeSums) {
  QdqBuilder b;
  const std::int64_t channels = 2000;
  const ValueId x = b.snap(b.add(Op::kAdd, {b.input({1, channels, 3, 3}), b.scalar(10)}), {{1.0F / 255}, {0}});
  std::vector<int> ones(static_cast<std::size_t>(channels * 9), 127);
  const ValueId w =
      b.add(Op::kDequantizeLinear, {b.bytes({1, channels, 3, 3}, ones, DType::kInt8), b.scalar(1e-3F)}, AxisAttrs{0});
  b.output(b.add(Op::kConv, {x, w}, ConvAttrs{}));
  EXPECT_EQ(count_ops(lowered(b.graph()), Op::kConvInt8), 1);
  expect_lowered_is_right(b.graph(), 2000 * 9 * 0.127 * 1e-5);
}

// NaN has no byte: levels would disagree on it.
TEST(LowerEdges, BiasesThatAreNotFiniteStayFloat) {
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), NAN}) {
    QdqBuilder b;
    const ValueId x = b.snap(b.input({1, 3, 4, 4}), grid_of(1));
    const ValueId w =
        b.add(Op::kDequantizeLinear, {b.bytes({1, 3, 1, 1}, {1, 2, 3}, DType::kInt8), b.scalar(0.1F)}, AxisAttrs{0});
    b.output(b.snap(b.add(Op::kConv, {x, w, b.floats({1}, {bad})}, ConvAttrs{}), {{0.02F}, {0}}));
    EXPECT_EQ(first_note(lowered(b.graph())), "its bias is not finite");
    if (!std::isnan(bad)) expect_lowered_is_right(b.graph(), 0.001);
  }
}

// ---- bounds ----

TEST(LowerEdges, SharedWeightsAreNotCopiedWithoutBound) {
  QdqBuilder b;
  constexpr std::int64_t kChannels = 1 << 20;
  const ValueId x = b.snap(b.input({1, kChannels, 1, 1}), grid_of(1));
  const std::vector<int> ones(kChannels, 1);
  const ValueId w =
      b.add(Op::kDequantizeLinear, {b.bytes({1, kChannels, 1, 1}, ones, DType::kInt8), b.scalar(0.1F)}, AxisAttrs{0});
  for (int i = 0; i < 150; ++i) b.output(b.add(Op::kConv, {x, w}, ConvAttrs{}));
  ASSERT_TRUE(lower_qdq(b.graph()).ok());
  const int copies = count_ops(b.graph(), Op::kConvInt8);
  EXPECT_GT(copies, 10);
  EXPECT_LT(copies, 100);
  EXPECT_EQ(first_note(b.graph()), "too many layers share their weights");
}

TEST(LowerEdges, ScalesAreNotCarriedWithoutBound) {
  const auto note = [](int movements) {
    QdqBuilder b;
    const Grid grid = grid_of(1, 100'000);
    ValueId x = b.snap(b.input({1, 100'000, 1, 1}), grid);
    for (int i = 0; i < movements; ++i) x = b.max_pool(x, 1);
    b.output(b.conv8(x, 1, {}, {.input_scales = grid.scale}));
    EXPECT_TRUE(lower_qdq(b.graph()).ok());
    return first_note(b.graph());
  };
  EXPECT_EQ(note(3), "");
  EXPECT_EQ(note(300), "its input is not quantized");
}

}  // namespace
}  // namespace saker
