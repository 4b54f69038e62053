#include "synth/canvas.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "synth/glyphs.h"

namespace saker::synth {
namespace {

constexpr Color kRed = {1, 0, 0}, kWhite = {1, 1, 1};

Figure square(Color color = kRed) {
  Figure figure;
  figure.box({}, 1, 1, color);
  return figure;
}

Matrix3 upright(Point middle, double size) {
  return to_pixels({.middle = middle, .size = size});
}

TEST(Direction, IsCosineAndSine) {
  for (int i = -50; i <= 50; ++i) {
    const double turns = i / 17.0, angle = turns * 2 * std::numbers::pi;
    EXPECT_NEAR(direction(turns).x, std::cos(angle), 1e-13) << turns;
    EXPECT_NEAR(direction(turns).y, std::sin(angle), 1e-13) << turns;
  }
}

TEST(Layer, DistanceIsNegativeInside) {
  const Layer box = square().layers()[0];
  EXPECT_DOUBLE_EQ(distance(box, {0, 0}), -1);
  EXPECT_DOUBLE_EQ(distance(box, {3, 0}), 2);
  EXPECT_DOUBLE_EQ(distance(box, {4, 5}), 5);  // from the corner: 3, 4, 5
  Figure others;
  others.disc({1, 0}, 0.5, kRed).line({{0, 0}, {2, 0}}, 0.25, kRed).ring({0, 0}, 1, 0.1, kRed);
  EXPECT_DOUBLE_EQ(distance(others.layers()[0], {1, 2}), 1.5);
  EXPECT_DOUBLE_EQ(distance(others.layers()[1], {1, 1}), 0.75);
  EXPECT_DOUBLE_EQ(distance(others.layers()[2], {0, 0}), 0.9);
  EXPECT_DOUBLE_EQ(distance(others.layers()[2], {0, 1}), -0.1);
}

TEST(Glyphs, HasLettersAndDigitsWithinTheirCell) {
  for (const char letter : std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")) {
    const auto strokes = glyph(letter);
    EXPECT_FALSE(strokes.empty()) << letter;
    for (const auto& stroke : strokes) {
      EXPECT_GE(stroke.size(), 2U) << letter;
      for (const Point p : stroke) {
        EXPECT_TRUE(p.x >= 0 && p.x <= kGlyphWidth && p.y >= 0 && p.y <= kGlyphHeight) << letter;
      }
    }
  }
  EXPECT_TRUE(glyph('?').empty());
}

TEST(Canvas, BoxesAreWhatIsPainted) {
  Canvas canvas({100, 80});
  canvas.paint(square(), upright({40, 30}, 10), {}, canvas.add_object(7));
  const auto boxes = canvas.boxes(0.5, 1);
  ASSERT_EQ(boxes.size(), 1U);
  EXPECT_EQ(boxes[0].category, 7);
  EXPECT_EQ(boxes[0].x1, 30);
  EXPECT_EQ(boxes[0].y1, 20);
  EXPECT_EQ(boxes[0].x2, 50);
  EXPECT_EQ(boxes[0].y2, 40);
  EXPECT_EQ(canvas.at(40, 30).r, 1);
  EXPECT_EQ(canvas.at(60, 30).r, 0);
  EXPECT_TRUE(canvas.boxes(0.5, 21).empty());  // too small then
}

TEST(Canvas, EdgesAreAsMuchCoveredAsTheyAre) {
  Canvas canvas({40, 40});
  canvas.paint(square(), upright({20.25, 20}, 10));
  EXPECT_NEAR(canvas.at(10, 20).r, 0.75, 1e-9);
  EXPECT_NEAR(canvas.at(30, 20).r, 0.25, 1e-9);
}

TEST(Canvas, HidesWhatLiesBelow) {
  Canvas canvas({100, 80});
  canvas.paint(square(), upright({40, 30}, 10), {}, canvas.add_object(1));
  canvas.paint(square(kWhite), upright({48, 30}, 10));  // leaves 8 of 20 columns
  ASSERT_EQ(canvas.boxes(0.35, 1).size(), 1U);
  EXPECT_EQ(canvas.boxes(0.35, 1)[0].x2, 38);
  EXPECT_TRUE(canvas.boxes(0.45, 1).empty());
}

TEST(Canvas, CountsWhatHangsOverTheEdge) {
  Canvas canvas({100, 80});
  canvas.paint(square(), upright({-2, 30}, 10), {}, canvas.add_object(1));  // 8 of 20 columns are inside
  ASSERT_EQ(canvas.boxes(0.35, 1).size(), 1U);
  EXPECT_EQ(canvas.boxes(0.35, 1)[0].x1, 0);
  EXPECT_EQ(canvas.boxes(0.35, 1)[0].x2, 8);
  EXPECT_TRUE(canvas.boxes(0.45, 1).empty());
}

TEST(Pose, TurnsAndForeshortens) {
  const Matrix3 rolled = to_pixels({.middle = {10, 20}, .size = 2, .roll = 0.25});
  EXPECT_NEAR(mapped(rolled, {1, 0}).x, 10, 1e-12);
  EXPECT_NEAR(mapped(rolled, {1, 0}).y, 22, 1e-12);
  const Matrix3 yawed = to_pixels({.middle = {0, 0}, .size = 1, .yaw = 1.0 / 6, .depth = 0.25});
  EXPECT_NEAR(mapped(yawed, {1, 0}).x, 0.5 / (1 - 0.25 * std::sqrt(0.75)), 1e-12);  // the nearer side
  EXPECT_NEAR(mapped(yawed, {-1, 0}).x, -0.5 / (1 + 0.25 * std::sqrt(0.75)), 1e-12);
}

TEST(Canvas, LampsShineWhateverTheLight) {
  Canvas canvas({20, 20});
  Figure lamp = square();
  lamp.lamp();
  canvas.paint(lamp, upright({5, 10}, 4), {.light = {0.1, 0.1, 0.1}});
  canvas.paint(square(), upright({15, 10}, 4), {.light = {0.1, 0.1, 0.1}});
  EXPECT_EQ(canvas.at(5, 10).r, 1);
  EXPECT_NEAR(canvas.at(15, 10).r, 0.1, 1e-12);
}

}  // namespace
}  // namespace saker::synth
