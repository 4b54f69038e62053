// Sets that can be checked by eye, and sets recorded from the frameworks (testdata/yolo_sets.py).
#include "eval/yolo_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/coco_scene.h"
#include "support/yolo_set.h"

namespace saker {
namespace {

YoloEvaluation evaluate(const Scene& scene, YoloRules rules = YoloRules::kLatest) {
  return evaluate_yolo(scene.truth, scene.found, 1, rules);
}

TEST(YoloMetrics, EverythingFound) {
  Scene scene(2, 2);
  scene.object(0, 0, 10, 10);
  scene.object(20, 0, 10, 10).category = 1;
  scene.object(5, 5, 10, 10).picture = 1;
  for (const Annotation& a : scene.truth.annotations) {
    ScoredBox& box = scene.box(a.x, a.y, a.w, a.h, 0.8);
    box.picture = a.picture;
    box.category = a.category;
  }
  const YoloEvaluation result = evaluate(scene, YoloRules::kClassic);
  EXPECT_NEAR(result.all.precision, 1, 1e-12);
  EXPECT_NEAR(result.all.recall, 1, 1e-12);
  EXPECT_NEAR(result.all.f1, 1, 1e-12);
  // At recall 1 the precision counts as 0, so the integral over 101 points lacks half a step.
  EXPECT_NEAR(result.all.map50, 0.995, 1e-12);
  EXPECT_NEAR(result.all.map50_95, 0.995, 1e-12);
  ASSERT_EQ(result.categories.size(), 2U);
  EXPECT_EQ(result.categories[0].boxes, 2);
  EXPECT_EQ(result.categories[0].pictures, 2);
  EXPECT_EQ(result.categories[1].category, 1);
}

TEST(YoloMetrics, HalfFound) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.object(50, 0, 10, 10);
  scene.box(0, 0, 10, 10, 0.9);
  // Precision 1 up to recall 0.5, which counts as beyond it; then 0 at once, or on a line to recall 1.
  EXPECT_NEAR(evaluate(scene).all.map50, 0.495, 1e-12);
  EXPECT_NEAR(evaluate(scene, YoloRules::kClassic).all.map50, 0.75, 1e-12);
  const YoloEvaluation result = evaluate(scene);
  EXPECT_DOUBLE_EQ(result.all.precision, 1);
  EXPECT_DOUBLE_EQ(result.all.recall, 0.5);
  EXPECT_NEAR(result.all.f1, 2.0 / 3, 1e-12);
}

TEST(YoloMetrics, OverlapDecidesTheThresholds) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 7.2, 0.9);  // IoU 0.72: five of ten thresholds
  const YoloEvaluation result = evaluate(scene);
  EXPECT_NEAR(result.all.map50, 0.995, 1e-12);
  EXPECT_NEAR(result.all.map50_95, 0.995 / 2, 1e-12);
}

TEST(YoloMetrics, ContestedTrueBox) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.object(2, 0, 10, 10);
  scene.box(0, 0, 10, 10, 0.75);
  scene.box(0.5, 0, 10, 10, 0.5);  // the first true box is its best one, but the second is near enough
  EXPECT_NEAR(evaluate(scene).all.map50, 0.995, 1e-12);
  EXPECT_LT(evaluate(scene, YoloRules::kClassic).all.map50, 0.8);
}

TEST(YoloMetrics, MoreConfidentBoxesComeFirst) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 6, 0.9);   // IoU 0.6
  scene.box(0, 0, 10, 10, 0.5);  // better, but too late at the thresholds up to 0.6
  const YoloEvaluation result = evaluate(scene);
  EXPECT_NEAR(result.all.map50, 0.995, 1e-12);
  EXPECT_NEAR(result.all.map50_95, (3 * 0.995 + 7 * 0.995 / 2) / 10, 1e-12);
}

TEST(YoloMetrics, CrowdsFlatBoxesAndRepetitionsAreNoTruth) {
  Scene scene(1, 3);
  scene.object(0, 0, 10, 10).crowd = true;
  scene.object(30, 0, 0, 10).category = 1;
  for (int i = 0; i < 3; ++i) scene.object(60, 0, 10, 10).category = 2;
  scene.box(0, 0, 10, 10, 0.9);
  scene.box(60, 0, 10, 10, 0.8).category = 2;
  const YoloEvaluation result = evaluate(scene);
  ASSERT_EQ(result.categories.size(), 1U);
  EXPECT_EQ(result.categories[0].category, 2);
  EXPECT_EQ(result.categories[0].boxes, 1);
  EXPECT_NEAR(result.all.map50, 0.995, 1e-12);  // the box on the crowd is of a category without true boxes
}

TEST(YoloMetrics, NothingToFindOrNothingFound) {
  Scene scene(3, 2);
  EXPECT_TRUE(evaluate(scene).categories.empty());
  EXPECT_EQ(evaluate(Scene(0, 0)).all.map50, 0);
  scene.box(0, 0, 10, 10, 0.9);
  EXPECT_EQ(evaluate(scene).all.precision, 0);
  EXPECT_TRUE(evaluate(scene).curves.f1.empty());
  scene.found.clear();
  scene.object(0, 0, 10, 10);
  const YoloEvaluation result = evaluate(scene);
  EXPECT_EQ(result.all.map50, 0);
  EXPECT_EQ(result.categories.at(0).curves.recall.size(), static_cast<std::size_t>(kCurvePoints));
}

TEST(YoloMetrics, CurvesFollowTheScores) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.object(50, 0, 10, 10);
  scene.box(0, 0, 10, 10, 0.8);
  scene.box(20, 0, 10, 10, 0.6);
  scene.box(50, 0, 10, 10, 0.4);
  const YoloCurves curves = evaluate(scene).categories.at(0).curves;
  const auto at = [](const std::vector<double>& curve, double confidence) {
    return curve[static_cast<std::size_t>(std::lround(confidence * (kCurvePoints - 1)))];
  };
  EXPECT_EQ(at(curves.precision, 0.95), 1);  // above every score
  EXPECT_EQ(at(curves.recall, 0.95), 0);
  EXPECT_NEAR(at(curves.recall, 0.7), 0.5, 0.01);
  EXPECT_NEAR(at(curves.precision, 0.7), 0.75, 0.01);  // half way from 1 to 1/2
  EXPECT_NEAR(at(curves.recall, 0.5), 0.75, 0.01);
  EXPECT_NEAR(at(curves.precision, 0), 2.0 / 3, 1e-12);
  EXPECT_NEAR(curves.precision_of_recall[100], 1, 1e-12);
  EXPECT_NEAR(curves.precision_of_recall[900], 2.0 / 3, 1e-12);
}

TEST(YoloMetrics, ThreadsDoNotMatter) {
  const Scene scene = random_scene(3, 40, 6, 400);
  const YoloEvaluation one = evaluate_yolo(scene.truth, scene.found, 1);
  const YoloEvaluation three = evaluate_yolo(scene.truth, scene.found, 3);
  EXPECT_EQ(one.all.map50_95, three.all.map50_95);
  EXPECT_EQ(one.curves.f1, three.curves.f1);
  EXPECT_GT(one.all.map50_95, 0);
}

TEST(ConfusionMatrix, CountsHitsMixUpsMissesAndInventions) {
  Scene scene(2, 3);
  scene.object(0, 0, 10, 10);                // found
  scene.object(20, 0, 10, 10).category = 1;  // taken for 2
  scene.object(40, 0, 10, 10);               // missed
  scene.object(60, 0, 10, 10).crowd = true;  // no truth
  scene.box(0, 0, 10, 10, 0.9);
  scene.box(0, 1, 10, 10, 0.8);  // a second time
  scene.box(20, 0, 10, 10, 0.7).category = 2;
  scene.box(40, 0, 10, 10, 0.25);            // not above the confidence
  scene.box(0, 0, 10, 10, 0.6).picture = 1;  // nothing is there
  scene.box(20, 5.6, 10, 10, 0.5).picture = 1;
  const ConfusionMatrix matrix = confusion_matrix(scene.truth, scene.found);
  const std::vector<std::vector<int>> expected = {{1, 0, 0, 3}, {0, 0, 0, 0}, {0, 1, 0, 0}, {1, 0, 0, 0}};
  EXPECT_EQ(matrix.counts, expected);
  const ConfusionMatrix all = confusion_matrix(scene.truth, scene.found, 0.1);
  EXPECT_EQ(all.counts[0][0], 2);
}

TEST(ConfusionMatrix, TooManyCategories) {
  Scene scene(1, static_cast<int>(kMostConfusionCategories) + 1);
  EXPECT_TRUE(confusion_matrix(scene.truth, scene.found).counts.empty());
}

void expect_recorded(const nlohmann::json& recorded) {
  const test::YoloSet set = test::yolo_set(recorded);
  const YoloEvaluation result = evaluate_yolo(set.truth, set.found, 2, set.rules);
  const auto expect_numbers = [](const YoloNumbers& got, const nlohmann::json& expected) {
    EXPECT_NEAR(got.precision, expected[0], 1e-12);
    EXPECT_NEAR(got.recall, expected[1], 1e-12);
    EXPECT_NEAR(got.f1, expected[2], 1e-12);
    EXPECT_NEAR(got.map50, expected[3], 1e-12);
    EXPECT_NEAR(got.map50_95, expected[4], 1e-12);
  };
  const nlohmann::json& expected = recorded["expected"];
  expect_numbers(result.all, expected["all"]);
  ASSERT_EQ(result.categories.size(), expected["categories"].size());
  for (std::size_t i = 0; i < result.categories.size(); ++i) {
    const YoloCategory& category = result.categories[i];
    const nlohmann::json& row = expected["categories"][i];
    EXPECT_EQ(category.category, row["category"]);
    expect_numbers(category.numbers, row["numbers"]);
    if (row["curves"].empty()) continue;
    const std::vector<double>* curves[] = {&category.curves.precision, &category.curves.recall, &category.curves.f1,
                                           &category.curves.precision_of_recall};
    for (std::size_t c = 0; c < 4; ++c) {
      for (std::size_t k = 0; k < 5; ++k) {
        const std::size_t at[] = {0, 137, 500, 862, 999};
        EXPECT_NEAR((*curves[c])[at[k]], row["curves"][c][k], 1e-12) << "curve " << c << " at " << at[k];
      }
    }
  }
  if (!expected.contains("confusion")) return;
  EXPECT_EQ(confusion_matrix(set.truth, set.found).counts, expected["confusion"].get<std::vector<std::vector<int>>>());
}

TEST(YoloMetrics, RecordedSets) {
  std::ifstream file("src/eval/testdata/yolo_recorded.json");
  const nlohmann::json sets = nlohmann::json::parse(file);
  ASSERT_GE(sets.size(), 20U);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    SCOPED_TRACE(i);
    expect_recorded(sets[i]);
  }
}

}  // namespace
}  // namespace saker
