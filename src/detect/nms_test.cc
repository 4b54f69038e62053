// Suppression against recorded torchvision results, and its corner cases.
#include "detect/nms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/detect_testing.h"

namespace saker {
namespace {

// The boxes of record.py; the scores have many ties.
std::vector<Candidate> recorded_boxes() {
  testing::Random random(7);
  std::vector<Candidate> boxes;
  for (int i = 0; i < 200; ++i) {
    const double x = random.between(0, 100), y = random.between(0, 100);
    const double w = random.between(5, 50), h = random.between(5, 50);
    Candidate box = {
        static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + w), static_cast<float>(y + h), 0, 0};
    box.score = static_cast<float>(std::floor(random.unit() * 64) / 64);
    box.class_id = static_cast<int>(random.unit() * 3);
    boxes.push_back(box);
  }
  return boxes;
}

void expect_kept(const std::vector<Candidate>& boxes, const std::vector<Candidate>& kept,
                 const std::vector<int>& indexes) {
  ASSERT_EQ(kept.size(), indexes.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Candidate& expected = boxes[static_cast<std::size_t>(indexes[i])];
    EXPECT_EQ(kept[i].x1, expected.x1) << i;
    EXPECT_EQ(kept[i].score, expected.score) << i;
    EXPECT_EQ(kept[i].class_id, expected.class_id) << i;
  }
}

TEST(Nms, EqualsTorchvision) {
  const auto boxes = recorded_boxes();
  expect_kept(boxes, suppress(boxes, {}), testing::kNmsByClass);
  NmsOptions agnostic;
  agnostic.agnostic = true;
  expect_kept(boxes, suppress(boxes, agnostic), testing::kNmsAgnostic);
}

TEST(Nms, StopsAtTheLimit) {
  const auto boxes = recorded_boxes();
  NmsOptions options;
  options.max_det = 5;
  expect_kept(boxes, suppress(boxes, options), {testing::kNmsByClass.begin(), testing::kNmsByClass.begin() + 5});
  options.max_det = 0;
  EXPECT_TRUE(suppress(boxes, options).empty());
}

TEST(Nms, OnlyTheBestTakePart) {
  std::vector<Candidate> boxes;
  for (int i = 0; i < 10; ++i) {
    const auto x = static_cast<float>(20 * i);
    boxes.push_back({x, 0, x + 10, 10, static_cast<float>(i) / 10, 0});
  }
  NmsOptions options;
  options.max_candidates = 4;
  const auto kept = suppress(boxes, options);
  ASSERT_EQ(kept.size(), 4U);
  EXPECT_FLOAT_EQ(kept[0].score, 0.9F);
  EXPECT_FLOAT_EQ(kept[3].score, 0.6F);
}

TEST(Nms, IouAtTheThresholdStays) {
  // Half of the union exactly.
  const std::vector<Candidate> boxes = {{0, 0, 10, 10, 0.9F, 0}, {0, 0, 10, 5, 0.8F, 0}};
  EXPECT_FLOAT_EQ(box_iou(boxes[0], boxes[1]), 0.5F);
  NmsOptions options;
  options.iou = 0.5F;
  EXPECT_EQ(suppress(boxes, options).size(), 2U);
  options.iou = 0.49F;
  EXPECT_EQ(suppress(boxes, options).size(), 1U);
}

TEST(Nms, IouOfKnownBoxes) {
  const Candidate unit = {0, 0, 2, 2, 1, 0};
  EXPECT_FLOAT_EQ(box_iou(unit, unit), 1);
  EXPECT_FLOAT_EQ(box_iou(unit, {1, 1, 3, 3, 1, 0}), 1.0F / 7);
  EXPECT_FLOAT_EQ(box_iou(unit, {2, 0, 4, 2, 1, 0}), 0);
  EXPECT_FLOAT_EQ(box_iou(unit, {5, 5, 6, 6, 1, 0}), 0);
  EXPECT_TRUE(std::isnan(box_iou({1, 1, 1, 1, 1, 0}, {1, 1, 1, 1, 1, 0})));
}

TEST(Nms, SurvivesNotANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<Candidate> boxes;
  for (int i = 0; i < 100; ++i) boxes.push_back({0, 0, 1, 1, i % 2 == 0 ? nan : static_cast<float>(i) / 100, i % 7});
  boxes.push_back({nan, nan, nan, nan, 0.5F, 0});
  boxes.push_back({1, 1, 1, 1, 0.4F, 0});
  for (const Candidate& box : suppress(boxes, {})) EXPECT_FALSE(std::isnan(box.score));
  EXPECT_TRUE(suppress({}, {}).empty());
}

TEST(Nms, BestCandidatesKeepTheOrderOfTies) {
  const std::vector<Candidate> boxes = {
      {0, 0, 1, 1, 0.5F, 0}, {0, 0, 1, 1, 0.9F, 1}, {0, 0, 1, 1, 0.5F, 2}, {0, 0, 1, 1, 0.5F, 3}};
  const auto best = best_candidates(boxes, 3);
  ASSERT_EQ(best.size(), 3U);
  EXPECT_EQ(best[0].class_id, 1);
  EXPECT_EQ(best[1].class_id, 0);
  EXPECT_EQ(best[2].class_id, 2);
}

// More than are sorted at a time, with ties, zeros of both signs and scores below them.
TEST(Nms, BestCandidatesAreInTheOrderOfAStableSort) {
  testing::Random random(11);
  std::vector<Candidate> boxes;
  for (int i = 0; i < 5000; ++i) {
    const auto score = static_cast<float>(std::floor(random.between(-500, 500)) / 500);
    boxes.push_back({0, 0, 1, 1, i % 9 == 0 ? -0.0F * score : score, i});
  }
  std::vector<Candidate> sorted = boxes;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{511}, std::size_t{513}, std::size_t{3000}, sorted.size(), sorted.size() + 1}) {
    const auto best = best_candidates(boxes, count);
    ASSERT_EQ(best.size(), std::min(count, sorted.size()));
    for (std::size_t i = 0; i < best.size(); ++i) ASSERT_EQ(best[i].class_id, sorted[i].class_id) << i;
  }
}

}  // namespace
}  // namespace saker
