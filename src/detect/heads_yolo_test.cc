// YOLO decoders against recorded results of their own repositories, in two memory orders each.
#include <gtest/gtest.h>

#include <cmath>

#include "base/half.h"
#include "detect/nms.h"
#include "support/detect_testing.h"

namespace saker {
namespace {

using testing::StridedTensor;

constexpr int kSize = 64, kCells = 84, kClasses = 3;

// The tables of record.py.
std::vector<float> decoded(std::uint32_t seed, int count, bool objectness) {
  testing::Random random(seed);
  std::vector<float> table;
  for (int i = 0; i < count; ++i) {
    for (int k = 0; k < 2; ++k) table.push_back(static_cast<float>(random.between(0, kSize)));
    for (int k = 0; k < 2; ++k) table.push_back(static_cast<float>(random.between(4, 30)));
    for (int k = 0; k < kClasses + (objectness ? 1 : 0); ++k) {
      const double u = random.unit();
      table.push_back(static_cast<float>(u * u));
    }
  }
  return table;
}

std::vector<float> logits(std::uint32_t seed, int count, int channels) {
  testing::Random random(seed);
  std::vector<float> table;
  for (int i = 0; i < count * channels; ++i) table.push_back(static_cast<float>(random.between(-3, 2)));
  return table;
}

HeadSpec spec_of(HeadKind kind) {
  HeadSpec spec;
  spec.kind = kind;
  spec.classes = kClasses;
  spec.input_height = spec.input_width = kSize;
  spec.strides = {8, 16, 32};
  spec.outputs = {0};
  return spec;
}

std::vector<Candidate> run(const HeadSpec& spec, const std::vector<TensorView>& outputs, DecodeOptions options,
                           float iou, bool agnostic = false) {
  std::vector<Candidate> candidates;
  const Status status = decode(spec, outputs, 0, options, candidates);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return suppress(candidates, {iou, 300, agnostic});
}

void expect_same(const std::vector<Candidate>& found, const std::vector<Candidate>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].class_id, expected[i].class_id) << i;
    EXPECT_NEAR(found[i].score, expected[i].score, 2e-6) << i;
    EXPECT_NEAR(found[i].x1, expected[i].x1, 1e-4) << i;
    EXPECT_NEAR(found[i].y1, expected[i].y1, 1e-4) << i;
    EXPECT_NEAR(found[i].x2, expected[i].x2, 1e-4) << i;
    EXPECT_NEAR(found[i].y2, expected[i].y2, 1e-4) << i;
  }
}

TEST(Yolov8Head, EqualsUltralytics) {
  const auto table = decoded(11, kCells, false);
  const auto columns = testing::transposed(table, kCells, 4 + kClasses);
  HeadSpec spec = spec_of(HeadKind::kYolov8);
  spec.channels_first = true;
  const Shape shape = {1, 4 + kClasses, kCells};
  for (const auto& order : {std::vector<std::size_t>{0, 1, 2}, std::vector<std::size_t>{0, 2, 1}}) {
    const StridedTensor tensor(columns, shape, order);
    expect_same(run(spec, {tensor.view()}, {0.5F, false}, 0.45F), testing::kYolov8Best);
    expect_same(run(spec, {tensor.view()}, {0.5F, true}, 0.45F), testing::kYolov8Multi);
  }
  spec.channels_first = false;
  const StridedTensor transposed(table, {1, kCells, 4 + kClasses});
  expect_same(run(spec, {transposed.view()}, {0.5F, true}, 0.45F), testing::kYolov8Multi);
}

TEST(Yolov8Head, ReadsHalfPrecisionInAnyOrder) {
  std::vector<float> table = decoded(11, kCells, false);
  for (float& value : table) value = half_to_float(float_to_half(value));
  HeadSpec spec = spec_of(HeadKind::kYolov8);
  const StridedTensor floats(table, {1, kCells, 4 + kClasses});
  const auto expected = run(spec, {floats.view()}, {0.5F, true}, 0.45F);
  ASSERT_FALSE(expected.empty());
  for (const auto& order : {std::vector<std::size_t>{0, 1, 2}, std::vector<std::size_t>{2, 1, 0}}) {
    StridedTensor strided(table, {1, kCells, 4 + kClasses}, order);
    std::vector<std::uint16_t> halves;
    for (const float value : strided.memory()) halves.push_back(float_to_half(value));
    TensorView view = strided.view();
    view.data = halves.data();
    view.dtype = DType::kFloat16;
    expect_same(run(spec, {view}, {0.5F, true}, 0.45F), expected);
  }
}

TEST(Yolov5Head, EqualsYolov5) {
  const auto table = decoded(12, 3 * kCells, true);
  const HeadSpec spec = spec_of(HeadKind::kYolov5);
  for (const auto& order : {std::vector<std::size_t>{0, 1, 2}, std::vector<std::size_t>{0, 2, 1}}) {
    const StridedTensor tensor(table, {1, std::int64_t{3} * kCells, 5 + kClasses}, order);
    expect_same(run(spec, {tensor.view()}, {0.3F, false}, 0.45F), testing::kYolov5Best);
    expect_same(run(spec, {tensor.view()}, {0.3F, true}, 0.45F), testing::kYolov5Multi);
    expect_same(run(spec, {tensor.view()}, {0.3F, false}, 0.45F, true), testing::kYolov5Agnostic);
  }
}

TEST(Yolov5RawHead, EqualsYolov5) {
  HeadSpec spec = spec_of(HeadKind::kYolov5Raw);
  spec.outputs = {0, 1, 2};
  spec.logits = true;
  spec.anchors = coco_anchors();
  constexpr int kChannels = 5 + kClasses;
  for (const bool five : {true, false}) {
    for (const bool channels_last : {true, false}) {
      std::vector<StridedTensor> maps;
      for (int level = 0; level < 3; ++level) {
        const std::int64_t side = 8 >> level;
        // Rows of the table: cells; columns: anchor, channel. Row-major [1, 3 * channels, side, side]:
        const auto table =
            logits(20U + static_cast<std::uint32_t>(level), static_cast<int>(side * side), 3 * kChannels);
        const auto planes =
            testing::transposed(table, static_cast<std::size_t>(side * side), std::size_t{3} * kChannels);
        if (!five) {
          const std::vector<std::size_t> order =
              channels_last ? std::vector<std::size_t>{0, 2, 3, 1} : std::vector<std::size_t>{0, 1, 2, 3};
          maps.emplace_back(planes, Shape{1, std::int64_t{3} * kChannels, side, side}, order);
          continue;
        }
        std::vector<float> values;  // [1, 3, side, side, channels]
        for (std::size_t anchor = 0; anchor < 3; ++anchor) {
          const auto first = planes.begin() + static_cast<std::ptrdiff_t>(anchor) * kChannels * side * side;
          const auto cells = testing::transposed({first, first + kChannels * side * side}, kChannels,
                                                 static_cast<std::size_t>(side * side));
          values.insert(values.end(), cells.begin(), cells.end());
        }
        const std::vector<std::size_t> order =
            channels_last ? std::vector<std::size_t>{0, 1, 2, 3, 4} : std::vector<std::size_t>{0, 1, 4, 2, 3};
        maps.emplace_back(values, Shape{1, 3, side, side, kChannels}, order);
      }
      const std::vector<TensorView> views = {maps[0].view(), maps[1].view(), maps[2].view()};
      expect_same(run(spec, views, {0.4F, false}, 0.45F), testing::kYolov5Raw);
    }
  }
}

TEST(YoloxHead, EqualsYolox) {
  auto table = logits(31, kCells, 5 + kClasses);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i % (5 + kClasses) < 4) {
      table[i] *= 0.5F;
    } else {
      table[i] = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(table[i]))));
    }
  }
  const HeadSpec spec = spec_of(HeadKind::kYolox);
  for (const auto& order : {std::vector<std::size_t>{0, 1, 2}, std::vector<std::size_t>{0, 2, 1}}) {
    const StridedTensor tensor(table, {1, kCells, 5 + kClasses}, order);
    expect_same(run(spec, {tensor.view()}, {0.3F, false}, 0.45F), testing::kYolox);
  }
}

TEST(YoloxHead, DecodedBoxesAreTakenAsTheyAre) {
  std::vector<float> table(std::size_t{kCells} * (5 + kClasses), 0.0F);
  const std::vector<float> row = {30, 20, 10, 8, 0.9F, 0.1F, 0.8F, 0.2F};
  std::copy(row.begin(), row.end(), table.begin() + 83 * 8);
  const StridedTensor tensor(table, {1, kCells, 5 + kClasses});
  const auto found = run(spec_of(HeadKind::kYoloxDecoded), {tensor.view()}, {0.3F, false}, 0.45F);
  expect_same(found, {{25, 16, 35, 24, 0.72F, 1}});
}

TEST(NanodetHead, EqualsItsFormulas) {
  HeadSpec spec = spec_of(HeadKind::kNanodet);
  spec.outputs = {0, 1, 2, 3, 4, 5};
  spec.bins = 8;
  for (const bool batched : {true, false}) {
    std::vector<StridedTensor> tensors;
    for (std::uint32_t level = 0; level < 3; ++level) {
      const int cells = 64 >> (2 * level);
      auto scores = logits(40 + level, cells, kClasses);
      for (float& value : scores) value = static_cast<float>(1 / (1 + std::exp(-static_cast<double>(value))));
      const auto sides = logits(50 + level, cells, 32);
      if (batched) {
        tensors.emplace_back(scores, Shape{1, cells, kClasses}, std::vector<std::size_t>{0, 2, 1});
        tensors.emplace_back(sides, Shape{1, cells, 32});
      } else {
        tensors.emplace_back(scores, Shape{cells, kClasses});
        tensors.emplace_back(sides, Shape{cells, 32}, std::vector<std::size_t>{1, 0});
      }
    }
    std::vector<TensorView> views;
    for (const StridedTensor& tensor : tensors) views.push_back(tensor.view());
    expect_same(run(spec, views, {0.6F, false}, 0.6F), testing::kNanodet);
  }
}

}  // namespace
}  // namespace saker
