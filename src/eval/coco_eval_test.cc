// Each rule of the metric with numbers that can be checked by eye.
#include "eval/coco_eval.h"

#include <gtest/gtest.h>

#include "support/coco_scene.h"

namespace saker {
namespace {

CocoEvaluation evaluate(const Scene& scene) {
  return CocoEvaluation::match(scene.truth, scene.found, 1);
}

CocoNumbers numbers(const Scene& scene) {
  return evaluate(scene).numbers();
}

void expect_list(const CocoNumbers& numbers, const std::array<double, 12>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(numbers.list()[i], expected[i], 1e-15) << kCocoNumberNames[i];
}

TEST(CocoEval, FindsTheOnlyBox) {
  Scene scene(1, 1);
  scene.object(10, 10, 20, 20);
  scene.box(10, 10, 20, 20, .5);
  expect_list(numbers(scene), {1, 1, 1, 1, -1, -1, 1, 1, 1, 1, -1, -1});
}

TEST(CocoEval, NothingFoundIsZeroAndNothingToFindIsNotMeasured) {
  Scene scene(2, 2);
  expect_list(numbers(scene), {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
  scene.box(0, 0, 5, 5, .9);
  expect_list(numbers(scene), {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
  scene.found.clear();
  scene.object(10, 10, 50, 50);
  expect_list(numbers(scene), {0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, -1});
  expect_list(numbers(Scene(0, 0)), {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
}

TEST(CocoEval, ThresholdsBelongToTheBoxesAboveThem) {
  const auto ap = [](double height) {  // the overlap is height / 20
    Scene scene(1, 1);
    scene.object(0, 0, 20, 20);
    scene.box(0, 0, 20, height, .5);
    return numbers(scene).ap;
  };
  EXPECT_DOUBLE_EQ(ap(9.99), 0);
  EXPECT_DOUBLE_EQ(ap(10), .1);
  EXPECT_DOUBLE_EQ(ap(12.9), .3);
  EXPECT_DOUBLE_EQ(ap(15), .6);
  EXPECT_DOUBLE_EQ(ap(18), .9);
  EXPECT_DOUBLE_EQ(ap(19), 1);
}

TEST(CocoEval, PrecisionAtEachRecallIsTheBestFromThereOn) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.object(20, 0, 10, 10);
  scene.box(0, 0, 10, 10, .9);
  scene.box(70, 0, 10, 10, .8);
  scene.box(20, 0, 10, 10, .7);
  // Recall 0 to .5 at precision 1, .51 to 1 at 2 of 3.
  EXPECT_NEAR(numbers(scene).ap, (51 + 50 * (2. / 3)) / 101, 1e-15);
  const std::vector<double> curve = evaluate(scene).precision_curve(0, 0);
  EXPECT_NEAR(curve[50], 1, 1e-15);
  EXPECT_NEAR(curve[51], 2. / 3, 1e-15);

  scene.found[1].score = .95;  // now wrong, right, right: 2 of 3 is the best everywhere
  EXPECT_NEAR(numbers(scene).ap, 2. / 3, 1e-15);
  scene.found.pop_back();  // wrong, right: half found with precision 1 of 2
  EXPECT_NEAR(numbers(scene).ap, 51 * .5 / 101, 1e-15);
}

TEST(CocoEval, OneBoxFindsOneObject) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 10, .9);
  scene.box(0, 0, 10, 10, .8);
  scene.object(50, 0, 10, 10);
  scene.box(50, 0, 10, 10, .7);
  EXPECT_NEAR(numbers(scene).ap, (51 + 50 * (2. / 3)) / 101, 1e-15);  // the second box is a mistake
}

TEST(CocoEval, CountsTheBest1And10And100OfAPicture) {
  Scene scene(1, 1);
  for (int i = 0; i < 12; ++i) {
    scene.object(20. * i, 0, 10, 10);
    scene.box(20. * i, 0, 10, 10, .9 - .01 * i);
  }
  EXPECT_DOUBLE_EQ(numbers(scene).ar1, 1. / 12);
  EXPECT_DOUBLE_EQ(numbers(scene).ar10, 10. / 12);
  EXPECT_DOUBLE_EQ(numbers(scene).ar100, 1);
  for (int i = 0; i < 89; ++i) scene.box(0, 50, 10, 10, .95);  // one of the twelve is now the 101st
  EXPECT_DOUBLE_EQ(numbers(scene).ar10, 0);
  EXPECT_DOUBLE_EQ(numbers(scene).ar100, 11. / 12);
}

TEST(CocoEval, BoundsOfAreaBelongToBothRanges) {
  Scene scene(1, 1);
  scene.object(0, 0, 5, 5).area = 1024;  // the area of the annotation counts, not that of its box
  expect_list(numbers(scene), {0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, -1});
  scene.truth.annotations[0].area = 9216;
  expect_list(numbers(scene), {0, 0, 0, -1, 0, 0, 0, 0, 0, -1, 0, 0});
  scene.truth.annotations[0].area = 9216.001;
  expect_list(numbers(scene), {0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1, 0});
  scene.truth.annotations[0].area = 1e10 + 1e5;  // beyond every range
  expect_list(numbers(scene), {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
}

TEST(CocoEval, MistakesOfOtherSizesAreForgiven) {
  Scene scene(1, 1);
  scene.object(0, 0, 200, 200);   // large
  scene.box(0, 0, 200, 200, .5);  // finds it
  scene.box(300, 0, 10, 10, .9);  // a small mistake
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
  EXPECT_NEAR(numbers(scene).ap_large, 1, 1e-15);
  scene.box(300, 0, 200, 200, .8);  // a large one
  EXPECT_NEAR(numbers(scene).ap_large, .5, 1e-15);
  // A box that finds an object of another size is no mistake either.
  scene.found = {scene.found[0]};
  scene.object(300, 0, 90, 90);
  scene.box(300, 0, 100, 100, .9);                                     // of large area, the object is medium
  EXPECT_NEAR(numbers(scene).ap_large, (7 * 1 + 3 * .5) / 10, 1e-15);  // IoU .81: no match from .85 on
}

TEST(CocoEval, CrowdsForgiveAnyNumberOfBoxes) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.object(100, 0, 100, 100).crowd = true;
  scene.box(0, 0, 10, 10, .5);
  for (int i = 0; i < 5; ++i) scene.box(100. + 20 * i, 0, 20, 20, .9);  // a 25th of the crowd, but inside it
  EXPECT_NEAR(numbers(scene).ap, 1, 1e-15);
  scene.box(85, 0, 20, 20, .9);  // a quarter inside
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
}

TEST(CocoEval, ObjectsComeBeforeCrowds) {
  Scene scene(1, 1);
  scene.object(0, 0, 100, 100).crowd = true;
  scene.object(0, 0, 20, 10);
  scene.box(0, 0, 20, 20, .9);  // half the object, wholly inside the crowd
  EXPECT_NEAR(numbers(scene).ap50, 1, 1e-15);
  EXPECT_DOUBLE_EQ(numbers(scene).ap75, 0);  // the crowd has it there
}

TEST(CocoEval, OfEqualOverlapsTheLaterObjectIsTaken) {
  Scene scene(1, 1);
  scene.object(0, 0, 12, 10);
  scene.object(4, 0, 12, 10);
  scene.box(2, 0, 12, 10, .9);                                      // 10 / 14 of both
  scene.box(0, 0, 12, 10, .8);                                      // the first object; half of the second
  EXPECT_NEAR(numbers(scene).ar100, (5 * 1 + 5 * .5) / 10, 1e-15);  // both found up to .7
  std::swap(scene.truth.annotations[0], scene.truth.annotations[1]);
  EXPECT_NEAR(numbers(scene).ar100, (1 * 1 + 9 * .5) / 10, 1e-15);  // both found at .5 only
}

TEST(CocoEval, EqualScoresKeepTheOrderOfTheList) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 10, .5);
  scene.box(50, 0, 10, 10, .5);
  EXPECT_NEAR(numbers(scene).ap, 1, 1e-15);
  std::swap(scene.found[0], scene.found[1]);
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
}

TEST(CocoEval, EqualScoresOfPicturesAreInTheOrderOfIds) {
  Scene scene(2, 1);
  scene.object(0, 0, 10, 10);
  scene.box(50, 0, 10, 10, .5).picture = 1;  // a mistake
  scene.box(0, 0, 10, 10, .5);
  EXPECT_NEAR(numbers(scene).ap, 1, 1e-15);
  scene.truth.pictures[0].id = 7;  // the picture with the mistake comes first
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
}

TEST(CocoEval, CategoriesWithoutObjectsAreNotInTheMean) {
  Scene scene(1, 3);
  scene.object(0, 0, 10, 10);
  scene.object(50, 0, 10, 10).category = 2;
  scene.box(0, 0, 10, 10, .5);
  scene.box(0, 0, 10, 10, .9).category = 1;  // a mistake that costs nothing
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
  const std::vector<CocoNumbers> rows = evaluate(scene).per_category();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NEAR(rows[0].ap, 1, 1e-15);
  EXPECT_EQ(rows[1].ap, -1);
  EXPECT_EQ(rows[2].ap, 0);
  EXPECT_EQ(evaluate(scene).precision_curve(1, 0), std::vector<double>(kCocoRecalls, -1));
}

TEST(CocoEval, PicturesWithoutObjectsCountTheirMistakes) {
  Scene scene(2, 1);
  scene.object(0, 0, 10, 10);
  scene.box(0, 0, 10, 10, .5);
  scene.box(0, 0, 10, 10, .9).picture = 1;
  EXPECT_NEAR(numbers(scene).ap, .5, 1e-15);
  const std::vector<double> pictures = evaluate(scene).per_picture_ap();
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_NEAR(pictures[0], 1, 1e-15);
  EXPECT_EQ(pictures[1], -1);
}

TEST(CocoEval, FindersOfAnnotationZeroCountAsMistakes) {
  Scene scene(1, 1);
  scene.object(0, 0, 10, 10).id = 0;
  scene.box(0, 0, 10, 10, .5);
  EXPECT_EQ(numbers(scene).ap, 0);
  EXPECT_EQ(evaluate(scene).zero_ids(), 1U);
  scene.truth.annotations[0].id = -1;
  EXPECT_NEAR(numbers(scene).ap, 1, 1e-15);
  EXPECT_EQ(evaluate(scene).zero_ids(), 0U);
}

TEST(CocoEval, BoxesWithoutAreaFindNothing) {
  Scene scene(1, 1);
  scene.object(0, 0, 0, 10);
  scene.object(0, 0, 10, 0);
  scene.object(5, 5, 0, 0);
  scene.box(0, 0, 0, 10, .9);
  scene.box(5, 5, 0, 0, .8);
  scene.box(0, 0, 10, 10, .8);
  expect_list(numbers(scene), {0, 0, 0, 0, -1, -1, 0, 0, 0, 0, -1, -1});
}

}  // namespace
}  // namespace saker
