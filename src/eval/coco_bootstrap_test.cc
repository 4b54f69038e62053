#include <gtest/gtest.h>

#include <cmath>

#include "eval/coco_eval.h"
#include "support/coco_scene.h"

namespace saker {
namespace {

constexpr int kPictures = 60;

CocoEvaluation evaluate(const Scene& scene) {
  return CocoEvaluation::match(scene.truth, scene.found, 1);
}

std::vector<double> flat(const Differences& differences) {
  std::vector<double> values;
  for (const Difference& d : differences.coco) values.insert(values.end(), {d.value, d.low, d.high});
  return values;
}

// Takes every n-th box away.
Scene without(Scene scene, std::size_t n) {
  std::vector<ScoredBox> kept;
  for (std::size_t i = 0; i < scene.found.size(); ++i)
    if (i % n != 0) kept.push_back(scene.found[i]);
  scene.found = kept;
  return scene;
}

TEST(CocoBootstrap, AModelDoesNotDifferFromItself) {
  const Scene scene = random_scene(1, kPictures, 3, 200);
  const Differences d = bootstrap_difference(evaluate(scene), evaluate(scene), 50, 1, 1);
  EXPECT_EQ(d.samples, 50);
  for (const double value : flat(d)) EXPECT_EQ(value, 0);
  for (const Difference& one : d.coco) EXPECT_FALSE(one.significant());
}

TEST(CocoBootstrap, DependsOnTheSeedAndNotOnThreads) {
  const Scene scene = random_scene(2, kPictures, 3, 200);
  const CocoEvaluation a = evaluate(scene), b = evaluate(without(scene, 5));
  const std::vector<double> once = flat(bootstrap_difference(a, b, 40, 7, 1));
  EXPECT_EQ(flat(bootstrap_difference(a, b, 40, 7, 3)), once);
  EXPECT_NE(flat(bootstrap_difference(a, b, 40, 8, 1)), once);
}

// With many categories sums are rounded in another order; nothing else differs.
TEST(CocoBootstrap, ManyCategoriesAreSummedUpOneByOne) {
  const Scene scene = random_scene(5, kPictures, 1200, 6000);
  const CocoEvaluation coco = evaluate(scene);
  PortableRandom random(1);
  for (int sample = 0; sample < 20; ++sample) {
    std::vector<std::int32_t> weights(kPictures);
    for (std::int32_t& weight : weights) weight = static_cast<std::int32_t>(random.below(4));
    const auto exact = coco.numbers(weights).list(), quick = coco.resampled(weights).list();
    for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(quick[i], exact[i], 1e-12) << kCocoNumberNames[i];
  }
  const std::vector<std::int32_t> none(kPictures, 0);
  EXPECT_EQ(coco.resampled(none).list(), coco.numbers(none).list());
  const CocoEvaluation few = evaluate(random_scene(6, kPictures, 30, 600));
  const std::vector<std::int32_t> twice(kPictures, 2);
  EXPECT_EQ(few.resampled(twice).list(), few.numbers(twice).list()) << "the same to the last bit";
}

TEST(CocoBootstrap, SeesAClearDifferenceAndItsSign) {
  const Scene scene = random_scene(3, kPictures, 3, 200);
  Scene good = scene;
  good.found.clear();
  for (const Annotation& t : scene.truth.annotations) {
    good.box(t.x, t.y, t.w, t.h, .9);
    good.found.back().picture = t.picture;
    good.found.back().category = t.category;
  }
  const CocoEvaluation a = evaluate(scene), b = evaluate(good);
  const Differences up = bootstrap_difference(a, b, 200, 1, 2), down = bootstrap_difference(b, a, 200, 1, 2);
  EXPECT_DOUBLE_EQ(up.coco[0].value, b.numbers().ap - a.numbers().ap);
  EXPECT_GT(up.coco[0].low, 0);
  EXPECT_LT(up.coco[0].low, up.coco[0].value);
  EXPECT_GT(up.coco[0].high, up.coco[0].value);
  EXPECT_TRUE(up.coco[0].significant());
  EXPECT_DOUBLE_EQ(down.coco[0].low, -up.coco[0].high);
  EXPECT_TRUE(down.coco[0].significant());
}

// A picture with one object each, found or not: recall is a mean of yes and no, with a known standard error.
TEST(CocoBootstrap, WidthIsThatOfAMeanOfPictures) {
  constexpr int kMany = 400;
  Scene all(kMany, 1);
  for (int p = 0; p < kMany; ++p) {
    all.object(0, 0, 10, 10).picture = p;
    all.box(0, 0, 10, 10, .5).picture = p;
  }
  const Differences d = bootstrap_difference(evaluate(without(all, 2)), evaluate(all), 1000, 1, 2);
  const Difference& recall = d.coco[8];
  EXPECT_DOUBLE_EQ(recall.value, .5);
  const double expected = 1.96 * std::sqrt(.25 / kMany);  // .049
  EXPECT_NEAR(recall.high - recall.value, expected, .006);
  EXPECT_NEAR(recall.value - recall.low, expected, .006);
}

TEST(CocoBootstrap, WithoutSamplesThereIsNoInterval) {
  const Scene scene = random_scene(4, kPictures, 3, 100);
  const Differences d = bootstrap_difference(evaluate(scene), evaluate(without(scene, 3)), 0, 1, 1);
  EXPECT_EQ(d.samples, 0);
  EXPECT_EQ(d.coco[0].low, d.coco[0].value);
  EXPECT_EQ(d.coco[0].high, d.coco[0].value);
}

TEST(CocoBootstrap, WhatIsNotMeasuredDoesNotDiffer) {
  Scene scene(2, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 10, .5);
  const Differences d = bootstrap_difference(evaluate(Scene(2, 1)), evaluate(scene), 20, 1, 1);
  for (const double value : flat(d)) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace saker
