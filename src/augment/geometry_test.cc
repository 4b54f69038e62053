#include "augment/geometry.h"

#include <gtest/gtest.h>

#include <limits>

namespace saker::augment {
namespace {

TEST(Geometry, AnInverseUndoes) {
  const Matrix m = {1.2, 0.3, -40, -0.2, 0.9, 17, 0.0003, -0.0002, 1};
  const Matrix one = product(m, inverse(m));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(one[i], i % 4 == 0 ? 1 : 0, 1e-9);
}

TEST(Geometry, TheMiddleGoesNearTheMiddle) {
  PortableRandom random(1);
  Augmentation augmentation;
  augmentation.degrees = 45;
  augmentation.shear = 10;
  double least = 1, most = 0;
  for (int i = 0; i < 1000; ++i) {
    const Map map = draw_map(augmentation, {400, 300}, {320, 320}, random);
    const double x = (map.matrix[0] * 200 + map.matrix[1] * 150 + map.matrix[2]) / 320;
    EXPECT_GE(x, 0.4 - 1e-9);
    EXPECT_LE(x, 0.6 + 1e-9);
    EXPECT_GE(map.scale, 0.5);
    EXPECT_LE(map.scale, 1.5);
    least = std::min(least, x);
    most = std::max(most, x);
  }
  EXPECT_LT(least, 0.41);
  EXPECT_GT(most, 0.59);
}

TEST(Geometry, YoloxTurnsAboutTheCorner) {
  PortableRandom random(1);
  Augmentation augmentation;
  augmentation.yolox = true;
  augmentation.degrees = 10;
  augmentation.shear = 2;
  double least = 10;
  for (int i = 0; i < 1000; ++i) {
    const Map map = draw_yolox_map(augmentation, {320, 320}, random);
    EXPECT_LE(std::abs(map.matrix[2]), 32);
    EXPECT_LE(std::abs(map.matrix[5]), 32);
    EXPECT_GE(map.scale, 0.1);
    EXPECT_LE(map.scale, 2);
    least = std::min(least, map.scale);
  }
  EXPECT_LT(least, 0.12);
}

TEST(Geometry, BoxesBecomeTheHullOfTheirCornersWithinTheResult) {
  std::vector<EdgeBox> boxes = {{10, 20, 30, 60, 4}, {90, 90, 150, 95, 5}};
  map_boxes({0, -1, 100, 1, 0, 0, 0, 0, 1}, {100, 100}, boxes);  // a quarter turn: x' = 100 - y, y' = x
  EXPECT_EQ(boxes[0].x1, 40);
  EXPECT_EQ(boxes[0].x2, 80);
  EXPECT_EQ(boxes[0].y1, 10);
  EXPECT_EQ(boxes[0].y2, 30);
  EXPECT_EQ(boxes[0].category, 4);
  EXPECT_EQ(boxes[1].y2, 100);
  boxes = {{10, 20, 300, 60, 4}};
  map_boxes({1, 0, 0, 0, 1, 0, -0.01, 0, 1}, {100, 100}, boxes);  // a corner behind the eye
  keep_longer_than(0, boxes);
  EXPECT_TRUE(boxes.empty());
}

std::size_t kept(const EdgeBox& before, const EdgeBox& after, double scale = 1) {
  std::vector<EdgeBox> boxes = {after};
  keep_plain({before}, scale, boxes);
  return boxes.size();
}

TEST(Geometry, BoxesThatAreTooSmallTooThinOrMostlyGoneAreLeftOut) {
  EXPECT_EQ(kept({0, 0, 10, 10}, {0, 0, 10, 10}), 1U);
  EXPECT_EQ(kept({0, 0, 2, 10}, {0, 0, 2, 10}), 0U);  // more than 2 pixels
  EXPECT_EQ(kept({0, 0, 2.1, 10}, {0, 0, 2.1, 10}), 1U);
  EXPECT_EQ(kept({0, 0, 10, 2}, {0, 0, 10, 2}), 0U);
  EXPECT_EQ(kept({0, 0, 100, 100}, {0, 0, 9.9, 100}), 0U);  // more than a tenth
  EXPECT_EQ(kept({0, 0, 100, 100}, {0, 0, 10.1, 100}), 1U);
  EXPECT_EQ(kept({0, 0, 100, 100}, {0, 0, 10.1, 100}, 1.5), 0U);  // of what it would be
  EXPECT_EQ(kept({0, 0, 100, 100}, {0, 0, 5, 50}, 0.5), 0U);
  EXPECT_EQ(kept({0, 0, 100, 100}, {0, 0, 5.1, 50}, 0.5), 1U);
  EXPECT_EQ(kept({0, 0, 299, 3}, {0, 0, 299, 3}), 1U);  // under 100 times as long
  EXPECT_EQ(kept({0, 0, 301, 3}, {0, 0, 301, 3}), 0U);
}

TEST(Geometry, ClippingLeavesOutWhatLiesOutside) {
  std::vector<EdgeBox> boxes = {{-5, 2, 5, 8, 0}, {-9, 0, -1, 9, 1}, {12, 3, 20, 5, 2}, {1, 1, 9, 99, 3}};
  clip({10, 10}, boxes);
  ASSERT_EQ(boxes.size(), 2U);
  EXPECT_EQ(boxes[0].x1, 0);
  EXPECT_EQ(boxes[1].y2, 10);
}

TEST(Augmentations, AreCheckedByName) {
  EXPECT_TRUE(check(Augmentation{}).ok());
  EXPECT_TRUE(check(no_augmentation()).ok());
  Augmentation bad;
  bad.degrees = 400;
  EXPECT_EQ(check(bad).error().setting, "degrees");
  bad = {};
  bad.hsv_s = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(check(bad).error().setting, "hsv_s");
  bad = {};
  bad.mixup = -0.1;
  EXPECT_EQ(check(bad).error().setting, "mixup");
  bad = {};
  bad.mosaic_scale[1] = 0.05;  // under the lower
  EXPECT_EQ(check(bad).error().setting, "mosaic_scale");
}

}  // namespace
}  // namespace saker::augment
