// The same boxes in other layouts: what a head gives in one, it gives in all; and single boxes worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "detect/anchors.h"
#include "detect/heads/head.h"
#include "support/detect_testing.h"

namespace saker {
namespace {

using testing::StridedTensor;

constexpr int kSize = 64, kCells = 84, kClasses = 3;

HeadSpec spec_of(HeadKind kind, std::vector<std::size_t> outputs = {0}) {
  HeadSpec spec;
  spec.kind = kind;
  spec.classes = kClasses;
  spec.input_height = spec.input_width = kSize;
  spec.strides = {8, 16, 32};
  spec.outputs = std::move(outputs);
  return spec;
}

std::vector<Candidate> run(const HeadSpec& spec, const std::vector<TensorView>& outputs) {
  std::vector<Candidate> candidates;
  const Status status = decode(spec, outputs, 0, {0.3F, true}, candidates);
  EXPECT_TRUE(status.ok()) << status.error().message;
  EXPECT_FALSE(candidates.empty());
  return candidates;
}

void expect_same(const std::vector<Candidate>& found, const std::vector<Candidate>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].class_id, expected[i].class_id) << i;
    EXPECT_NEAR(found[i].score, expected[i].score, 1e-5) << i;
    EXPECT_NEAR(found[i].x1, expected[i].x1, 1e-3) << i;
    EXPECT_NEAR(found[i].y2, expected[i].y2, 1e-3) << i;
  }
}

float logistic(float x) {
  return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(x))));
}

std::vector<float> random_values(int count, double low, double high, std::uint32_t seed) {
  testing::Random random(seed);
  std::vector<float> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(random.between(low, high)));
  return values;
}

// Rows of cx, cy, w, h and class scores.
struct Boxes {
  std::vector<float> boxes = random_values(kCells * 4, 4, kSize, 5);
  std::vector<float> scores = random_values(kCells * kClasses, 0, 1, 6);

  std::vector<float> yolov8() const {
    std::vector<float> rows;
    for (std::size_t i = 0; i < kCells; ++i) {
      rows.insert(rows.end(), boxes.begin() + static_cast<std::ptrdiff_t>(4 * i),
                  boxes.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
      rows.insert(rows.end(), scores.begin() + static_cast<std::ptrdiff_t>(kClasses * i),
                  scores.begin() + static_cast<std::ptrdiff_t>(kClasses * i + kClasses));
    }
    return rows;
  }
  std::vector<float> corners() const {
    std::vector<float> out;
    for (std::size_t i = 0; i < boxes.size(); i += 4) {
      const float cx = boxes[i], cy = boxes[i + 1], w = boxes[i + 2], h = boxes[i + 3];
      for (const float v : {cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2}) out.push_back(v);
    }
    return out;
  }
};

TEST(BoxesScoresHead, IsYolov8InTwoOutputs) {
  const Boxes boxes;
  const StridedTensor together(boxes.yolov8(), {1, kCells, 4 + kClasses});
  const auto expected = run(spec_of(HeadKind::kYolov8), {together.view()});
  for (const bool corners : {false, true}) {
    for (const bool fractions : {false, true}) {
      for (const bool transposed : {false, true}) {
        std::vector<float> values = corners ? boxes.corners() : boxes.boxes;
        if (fractions) {
          for (float& value : values) value /= kSize;
        }
        std::vector<float> scores = boxes.scores;
        if (transposed) {
          values = testing::transposed(values, kCells, 4);
          scores = testing::transposed(scores, kCells, kClasses);
        }
        const StridedTensor first(scores, transposed ? Shape{1, kClasses, kCells} : Shape{1, kCells, kClasses});
        const StridedTensor second(values, transposed ? Shape{1, 4, kCells} : Shape{1, kCells, 4});
        HeadSpec spec = spec_of(HeadKind::kBoxesScores, {1, 0});
        spec.boxes_first = spec.channels_first = transposed;
        spec.corners = corners;
        spec.normalized = fractions;
        expect_same(run(spec, {first.view(), second.view()}), expected);
      }
    }
  }
}

TEST(DetrHead, ScoresBesideBoxesOrLogitsApart) {
  const Boxes boxes;
  const StridedTensor pixels(boxes.yolov8(), {1, kCells, 4 + kClasses});
  const auto expected = run(spec_of(HeadKind::kYolov8), {pixels.view()});
  std::vector<float> rows = boxes.yolov8(), fractions = boxes.boxes, logits = boxes.scores;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % (4 + kClasses) < 4) rows[i] /= kSize;
  }
  for (float& value : fractions) value /= kSize;
  for (float& value : logits) value = std::log(value / (1 - value));
  HeadSpec spec = spec_of(HeadKind::kDetr, {0, 0});
  spec.score_first = 4;
  spec.normalized = true;
  const StridedTensor together(rows, {1, kCells, 4 + kClasses});
  expect_same(run(spec, {together.view()}), expected);
  spec.outputs = {0, 1};
  spec.score_first = 0;
  spec.logits = true;
  const StridedTensor apart(fractions, {1, kCells, 4}), scores(logits, {1, kCells, kClasses});
  expect_same(run(spec, {apart.view(), scores.view()}), expected);
}

TEST(RowsHeads, TheSameRowsInEveryForm) {
  const std::vector<float> boxes = {1, 2, 30, 40, 5, 6, 7, 8, 0, 0, 9, 9};
  const StridedTensor rows({1, 2, 30, 40, 0.9F, 2, 5, 6, 7, 8, 0.5F, 0, 0, 0, 9, 9, 0.1F, 1}, {1, 3, 6});
  const StridedTensor flat({1, 2, 30, 40, 0.9F, 2, 5, 6, 7, 8, 0.5F, 0, 0, 0, 9, 9, 0.1F, 1}, {3, 6});
  const auto expected = run(spec_of(HeadKind::kEndToEnd), {rows.view()});
  ASSERT_EQ(expected.size(), 2U);
  expect_same(run(spec_of(HeadKind::kEndToEnd), {flat.view()}), expected);
  expect_same(run(spec_of(HeadKind::kRows), {rows.view()}), expected);
  const StridedTensor box(boxes, {1, 3, 4}), score({0.9F, 0.5F, 0.1F}, {1, 3}), number({2}, {1, 1});
  std::vector<std::int64_t> ids = {2, 0, 1};
  const TensorView classes = {ids.data(), DType::kInt64, {1, 3}, {3, 1}};
  expect_same(run(spec_of(HeadKind::kNmsOutputs, {0, 1, 2, 3}), {box.view(), score.view(), classes, number.view()}),
              expected);
  const StridedTensor plain_box(boxes, {3, 4}), plain_score({0.9F, 0.5F, 0.1F}, {3});
  const TensorView plain_classes = {ids.data(), DType::kInt64, {3}, {1}};
  expect_same(run(spec_of(HeadKind::kNmsOutputs, {0, 1, 2}), {plain_box.view(), plain_score.view(), plain_classes}),
              expected);
  // Rows beyond their number are left over from other pictures.
  const StridedTensor one({1}, {1, 1});
  EXPECT_EQ(run(spec_of(HeadKind::kNmsOutputs, {0, 1, 2, 3}), {box.view(), score.view(), classes, one.view()}).size(),
            1U);
}

TEST(RowsHeads, BoxesThatCarryTheirScoreAndClassesInBytes) {
  const StridedTensor rows({1, 2, 30, 40, 0.9F, 2, 5, 6, 7, 8, 0.5F, 0, 0, 0, 9, 9, 0.1F, 1}, {1, 3, 6});
  const auto expected = run(spec_of(HeadKind::kEndToEnd), {rows.view()});
  const StridedTensor dets({1, 2, 30, 40, 0.9F, 5, 6, 7, 8, 0.5F, 0, 0, 9, 9, 0.1F}, {1, 3, 5});
  std::vector<std::uint8_t> ids = {2, 0, 1};
  const TensorView classes = {ids.data(), DType::kUint8, {1, 3}, {3, 1}};
  HeadSpec spec = spec_of(HeadKind::kNmsOutputs, {0, 0, 1});
  spec.score_first = 4;
  expect_same(run(spec, {dets.view(), classes}), expected);
  const StridedTensor boxes({1, 2, 30, 40, 5, 6, 7, 8, 0, 0, 9, 9}, {1, 3, 4}), scores({0.9F, 0.5F, 0.1F}, {1, 3});
  expect_same(run(spec_of(HeadKind::kRows, {0, 1, 2}), {boxes.view(), scores.view(), classes}), expected);
  std::vector<Candidate> candidates;
  EXPECT_FALSE(decode(spec, std::vector<TensorView>{boxes.view(), classes}, 0, {}, candidates).ok());
}

TEST(RowsHeads, TheClassMayStandFirst) {
  const StridedTensor rows({1, 2, 30, 40, 0.9F, 2, 5, 6, 7, 8, 0.5F, 0}, {2, 6});
  const StridedTensor turned({2, 0.9F, 1, 2, 30, 40, 0, 0.5F, 5, 6, 7, 8}, {2, 6});
  HeadSpec spec = spec_of(HeadKind::kEndToEnd);
  const auto expected = run(spec, {rows.view()});
  spec.class_first = true;
  expect_same(run(spec, {turned.view()}), expected);
}

TEST(Yolov8Head, CornersAndFractionsAreTheSameBoxes) {
  const Boxes boxes;
  const StridedTensor pixels(boxes.yolov8(), {1, kCells, 4 + kClasses});
  HeadSpec spec = spec_of(HeadKind::kYolov8);
  const auto expected = run(spec, {pixels.view()});
  std::vector<float> rows = boxes.yolov8();
  const std::vector<float> corners = boxes.corners();
  for (std::size_t i = 0; i < corners.size(); ++i) rows[i / 4 * (4 + kClasses) + i % 4] = corners[i] / kSize;
  const StridedTensor fractions(rows, {1, kCells, 4 + kClasses});
  spec.corners = spec.normalized = true;
  expect_same(run(spec, {fractions.view()}), expected);
}

TEST(DetrHead, TheClassForNothingTakesPartInTheSoftmax) {
  const StridedTensor boxes({0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F, 0.5F}, {1, 2, 4});
  const StridedTensor logits({1, 3, 0, 2, 0, 0, 0, 5}, {1, 2, kClasses + 1});
  HeadSpec spec = spec_of(HeadKind::kDetr, {0, 1});
  spec.normalized = spec.logits = spec.no_object = true;
  const auto found = run(spec, {boxes.view(), logits.view()});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_id, 1);
  EXPECT_NEAR(found[0].score, std::exp(3.0) / (std::exp(1.0) + std::exp(3.0) + 1 + std::exp(2.0)), 1e-6);
  EXPECT_FLOAT_EQ(found[0].x1, 16);
  EXPECT_FLOAT_EQ(found[0].x2, 48);
}

TEST(Yolov6Head, IsYolov8WithAnObjectnessOfOne) {
  const Boxes boxes;
  const StridedTensor without(boxes.yolov8(), {1, kCells, 4 + kClasses});
  std::vector<float> rows;
  const std::vector<float> plain = boxes.yolov8();
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i % (4 + kClasses) == 4) rows.push_back(1);
    rows.push_back(plain[i]);
  }
  const StridedTensor with(rows, {1, kCells, 5 + kClasses});
  expect_same(run(spec_of(HeadKind::kYolov6), {with.view()}), run(spec_of(HeadKind::kYolov8), {without.view()}));
}

TEST(YoloxHead, LogitsAreTheSameBehindTheSigmoid) {
  const std::vector<float> logits = random_values(kCells * (5 + kClasses), -3, 2, 7);
  std::vector<float> probabilities = logits;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i % (5 + kClasses) >= 4) probabilities[i] = logistic(logits[i]);
  }
  const StridedTensor before(logits, {1, kCells, 5 + kClasses}), after(probabilities, {1, kCells, 5 + kClasses});
  HeadSpec spec = spec_of(HeadKind::kYolox);
  const auto expected = run(spec, {after.view()});
  spec.logits = true;
  expect_same(run(spec, {before.view()}), expected);
}

TEST(Yolov5RawHead, MapsBehindTheSigmoidAndOtherAnchors) {
  std::vector<StridedTensor> before, after;
  for (std::uint32_t level = 0; level < 3; ++level) {
    const int side = 8 >> level;
    std::vector<float> values = random_values(3 * (5 + kClasses) * side * side, -3, 2, 20 + level);
    before.emplace_back(values, Shape{1, std::int64_t{3} * (5 + kClasses), side, side});
    for (float& value : values) value = logistic(value);
    after.emplace_back(values, Shape{1, std::int64_t{3} * (5 + kClasses), side, side});
  }
  HeadSpec spec = spec_of(HeadKind::kYolov5Raw, {0, 1, 2});
  spec.anchors = coco_anchors();
  const auto expected = run(spec, {after[0].view(), after[1].view(), after[2].view()});
  spec.logits = true;
  expect_same(run(spec, {before[0].view(), before[1].view(), before[2].view()}), expected);
  for (auto& anchor : spec.anchors) anchor = {anchor[0] * 2, anchor[1]};
  const auto wider = run(spec, {before[0].view(), before[1].view(), before[2].view()});
  ASSERT_EQ(wider.size(), expected.size());
  EXPECT_NEAR(wider[0].x2 - wider[0].x1, 2 * (expected[0].x2 - expected[0].x1), 1e-3);
}

TEST(Yolov5RawHead, ChannelsLastAreTheSameMaps) {
  std::vector<StridedTensor> first, last;
  for (std::uint32_t level = 0; level < 3; ++level) {
    const int side = 8 >> level, channels = 3 * (5 + kClasses);
    const std::vector<float> values = random_values(channels * side * side, -3, 2, 20 + level);
    first.emplace_back(values, Shape{1, channels, side, side});
    last.emplace_back(
        testing::transposed(values, static_cast<std::size_t>(channels), static_cast<std::size_t>(side * side)),
        Shape{1, side, side, channels});
  }
  HeadSpec spec = spec_of(HeadKind::kYolov5Raw, {0, 1, 2});
  spec.anchors = coco_anchors();
  spec.logits = true;
  const auto expected = run(spec, {first[0].view(), first[1].view(), first[2].view()});
  expect_same(run(spec, {last[0].view(), last[1].view(), last[2].view()}), expected);
}

// One cell of stride 16, column 2 and row 1, whose sides are 1, 2, 1 and 1 strides away: 24, -8, 56, 40.
std::vector<float> one_cell(int side, int column, int row, int bins, bool boxes, bool scores) {
  const int channels = (boxes ? 4 * bins : 0) + (scores ? kClasses : 0);
  std::vector<float> values(static_cast<std::size_t>(channels * side * side), -20);
  if (column < 0) return values;
  const auto at = [&](int channel) -> float& {
    return values[static_cast<std::size_t>((channel * side + row) * side + column)];
  };
  const int distances[4] = {1, 2, 1, 1};
  for (int k = 0; boxes && k < 4; ++k) at(k * bins + distances[k]) = 20;
  if (scores) at((boxes ? 4 * bins : 0) + 1) = 2.2F;
  return values;
}

TEST(Yolov8RawHead, MapsTogetherOrApartAndChannelsLast) {
  for (const bool apart : {false, true}) {
    for (const bool channels_first : {true, false}) {
      std::vector<StridedTensor> maps;
      HeadSpec spec = spec_of(HeadKind::kYolov8Raw, {});
      spec.bins = 16;
      spec.logits = true;
      spec.channels_first = channels_first;
      spec.score_first = apart ? 0 : 64;
      for (const int side : {8, 4, 2}) {
        const auto add = [&](bool boxes, bool scores) {
          const std::int64_t channels = (boxes ? 64 : 0) + (scores ? kClasses : 0);
          std::vector<float> values = one_cell(side, side == 4 ? 2 : -1, 1, 16, boxes, scores);
          if (channels_first) {
            maps.emplace_back(values, Shape{1, channels, side, side});
          } else {
            values =
                testing::transposed(values, static_cast<std::size_t>(channels), static_cast<std::size_t>(side * side));
            maps.emplace_back(values, Shape{1, side, side, channels});
          }
          return maps.size() - 1;
        };
        const std::size_t first = add(true, !apart), second = apart ? add(false, true) : first;
        spec.outputs.insert(spec.outputs.end(), {second, first});
      }
      std::vector<TensorView> views;
      for (const StridedTensor& map : maps) views.push_back(map.view());
      const auto found = run(spec, views);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].class_id, 1);
      EXPECT_NEAR(found[0].score, logistic(2.2F), 1e-5);
      EXPECT_NEAR(found[0].x1, 24, 1e-2);
      EXPECT_NEAR(found[0].y1, -8, 1e-2);
      EXPECT_NEAR(found[0].x2, 56, 1e-2);
      EXPECT_NEAR(found[0].y2, 40, 1e-2);
    }
  }
}

TEST(Yolov8RawHead, LevelsOneAfterTheOther) {
  for (const bool apart : {false, true}) {
    for (const bool channels_first : {true, false}) {
      std::vector<float> sides, scores;  // rows of cells
      for (const int side : {8, 4, 2}) {
        const auto cells = static_cast<std::size_t>(side * side);
        const auto box = testing::transposed(one_cell(side, side == 4 ? 2 : -1, 1, 16, true, false), 64, cells);
        const auto score = testing::transposed(one_cell(side, side == 4 ? 2 : -1, 1, 16, false, true), kClasses, cells);
        for (std::size_t i = 0; i < cells; ++i) {
          std::vector<float>& after = apart ? scores : sides;
          sides.insert(sides.end(), box.begin() + static_cast<std::ptrdiff_t>(64 * i),
                       box.begin() + static_cast<std::ptrdiff_t>(64 * i + 64));
          after.insert(after.end(), score.begin() + static_cast<std::ptrdiff_t>(kClasses * i),
                       score.begin() + static_cast<std::ptrdiff_t>(kClasses * i + kClasses));
        }
      }
      HeadSpec spec = spec_of(HeadKind::kYolov8Raw, {apart ? 1U : 0U, 0});
      spec.bins = 16;
      spec.logits = true;
      spec.channels_first = spec.boxes_first = channels_first;
      spec.score_first = apart ? 0 : 64;
      const auto tensor = [&](const std::vector<float>& rows) {
        const auto channels = static_cast<std::int64_t>(rows.size()) / kCells;
        if (!channels_first) return StridedTensor(rows, {1, kCells, channels});
        return StridedTensor(testing::transposed(rows, kCells, static_cast<std::size_t>(channels)),
                             {1, channels, kCells});
      };
      const StridedTensor first = tensor(sides);
      std::vector<TensorView> views = {first.view()};
      const StridedTensor second = apart ? tensor(scores) : first;
      if (apart) views.push_back(second.view());
      const auto found = run(spec, views);
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].class_id, 1);
      EXPECT_NEAR(found[0].x1, 24, 1e-2);
      EXPECT_NEAR(found[0].y2, 40, 1e-2);
    }
  }
}

TEST(Yolov8RawHead, DistancesWithoutADistribution) {
  std::vector<StridedTensor> maps;
  HeadSpec spec = spec_of(HeadKind::kYolov8Raw, {});
  spec.bins = 1;
  spec.channels_first = true;
  for (const int side : {8, 4, 2}) {
    const auto cells = static_cast<std::size_t>(side * side);
    std::vector<float> sides(4 * cells, 1.5F), scores(kClasses * cells, 0);
    if (side == 4) scores[2 * cells + 4 + 2] = 0.8F;  // row 1, column 2
    maps.emplace_back(sides, Shape{1, 4, side, side});
    maps.emplace_back(scores, Shape{1, kClasses, side, side});
    spec.outputs.insert(spec.outputs.end(), {maps.size() - 1, maps.size() - 2});
  }
  std::vector<TensorView> views;
  for (const StridedTensor& map : maps) views.push_back(map.view());
  const auto found = run(spec, views);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].class_id, 2);
  EXPECT_FLOAT_EQ(found[0].x1, 40 - 24);
  EXPECT_FLOAT_EQ(found[0].y2, 24 + 24);
}

// NanoDet-Plus takes the corner of a cell as its point: half a stride less than NanoDet-m.
TEST(NanodetPlusHead, PointsAreCornersOfCells) {
  constexpr int kBins = 8, kAll = 64 + 16 + 4 + 1;
  std::vector<float> rows(std::size_t{kAll} * (kClasses + 4 * kBins), 0);
  float* row = rows.data() + (64 + 1 * 4 + 2) * (kClasses + 4 * kBins);  // stride 16, row 1, column 2
  row[1] = 0.9F;
  const int distances[4] = {1, 2, 1, 1};
  for (int k = 0; k < 4; ++k) row[kClasses + k * kBins + distances[k]] = 40;
  const StridedTensor output(rows, {1, kAll, kClasses + 4 * kBins});
  HeadSpec spec = spec_of(HeadKind::kNanodetPlus);
  spec.strides = {8, 16, 32, 64};
  spec.bins = kBins;
  const auto found = run(spec, {output.view()});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].x1, 16, 1e-3);
  EXPECT_NEAR(found[0].y1, -16, 1e-3);
  EXPECT_NEAR(found[0].x2, 48, 1e-3);
  EXPECT_NEAR(found[0].y2, 32, 1e-3);
}

TEST(Anchors, AreNinePositivePairs) {
  const auto anchors = parse_anchors("10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326");
  ASSERT_TRUE(anchors.has_value());
  EXPECT_EQ(*anchors, coco_anchors());
  for (const char* text : {"", "10,13", "0,13,16,30,33,23,30,61,62,45,59,119,116,90,156,198,373,326",
                           "a,13,16,30,33,23,30,61,62,45,59,119,116,90,156,198,373,326"}) {
    EXPECT_FALSE(parse_anchors(text).has_value()) << text;
  }
}

TEST(Heads, AScoreAboveOneIsAnErrorNotAResult) {
  const StridedTensor rows({1, 2, 30, 40, 30.5F, 2}, {1, 1, 6});
  std::vector<Candidate> candidates;
  const Status status = decode(spec_of(HeadKind::kEndToEnd), std::vector<TensorView>{rows.view()}, 0, {}, candidates);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().setting, "head");
  EXPECT_NE(status.error().message.find("30.5"), std::string::npos) << status.error().message;
}

}  // namespace
}  // namespace saker
