// Drawing on planes comes to what drawing on RGB does.
#include "media/surface.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "media/draw.h"
#include "support/test_pictures.h"

namespace saker {
namespace {

I420Image planes_of(const Image& image, bool bt709, bool full_range) {
  I420Image planes;
  planes.bt709 = bt709;
  from_rgb(image.view(), planes);
  if (!full_range) return planes;
  planes.full_range = true;  // other colours than those of `image`: for what does not compare them
  return planes;
}

Image plain(int width, int height, std::uint8_t grey) {
  Image image = test::pattern(width, height);
  std::fill(image.pixels.begin(), image.pixels.end(), grey);
  return image;
}

int most_different(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

const std::vector<DrawnBox>& some_boxes() {
  static const std::vector<DrawnBox> boxes = {{31, 43, 177, 158, "person 0.91", 0},
                                              {120.4F, 90.7F, 330.1F, 261.9F, "dog #12 0.55", 1},
                                              {-20, 180, 61, 400, "at the edge", 2},
                                              {251, 22, 322, 81, "", 7, true}};
  return boxes;
}

template <typename Draw>
void expect_like_rgb(const Draw& draw) {
  for (const bool bt709 : {false, true}) {
    for (const auto& [width, height] : {std::pair{360, 280}, {361, 281}}) {
      Image rgb = plain(width, height, 90);
      I420Image planes = planes_of(rgb, bt709, false);
      RgbSurface on_rgb(rgb);
      PlanarSurface on_planes(planes);
      draw(on_rgb);
      draw(on_planes);
      const I420Image expected = planes_of(rgb, bt709, false);
      // Colours are rounded once for each layer; where strokes meet inside one block, chroma takes them one after the
      // other instead of side by side.
      EXPECT_LE(most_different(planes.y, expected.y), 2);
      EXPECT_LE(most_different(planes.u, expected.u), 40);
      EXPECT_LE(most_different(planes.v, expected.v), 40);
      std::size_t far = 0;
      for (std::size_t i = 0; i < planes.u.size(); ++i) {
        far += std::abs(planes.u[i] - expected.u[i]) > 3 || std::abs(planes.v[i] - expected.v[i]) > 3 ? 1 : 0;
      }
      EXPECT_LE(far, planes.u.size() / 200);
    }
  }
}

TEST(PlanarSurface, BoxesAndLabelsAreThoseOfRgb) {
  expect_like_rgb([](Surface& surface) { draw_boxes(surface, some_boxes()); });
}

TEST(PlanarSurface, NotesAreThoseOfRgb) {
  const std::vector<std::string> lines = {"38.2 FPS", "yolov8n int8, saker"};
  expect_like_rgb([&](Surface& surface) { draw_note(surface, lines); });
}

TEST(PlanarSurface, OutlinesAreThoseOfRgb) {
  expect_like_rgb([](Surface& surface) {
    const ImageSize size = {surface.width(), surface.height()};
    Outline({{20, 30}, {300, 210}}, false, 3, size).draw(surface, "gate: 3");
    Outline({{40.5, 200}, {200, 120}, {350, 270}}, true, 5, size).draw(surface, "");
  });
}

TEST(PlanarSurface, FilledAreasHaveTheColourInEveryMatrixAndRange) {
  for (const bool bt709 : {false, true}) {
    for (const bool full_range : {false, true}) {
      for (const Rgb8 color : {Rgb8{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {0, 0, 0}, {40, 130, 220}}) {
        I420Image planes = planes_of(plain(21, 15, 60), bt709, full_range);
        PlanarSurface surface(planes);
        surface.fill({4, 2, 100, 100}, color);
        const Image rgb = to_rgb(planes.view());
        const std::uint8_t* pixel = rgb.pixels.data() + (10 * 21 + 12) * 3;
        EXPECT_NEAR(pixel[0], color.r, 3) << bt709 << full_range;
        EXPECT_NEAR(pixel[1], color.g, 3) << bt709 << full_range;
        EXPECT_NEAR(pixel[2], color.b, 3) << bt709 << full_range;
        const std::uint8_t* last = rgb.pixels.data() + (15 * 21 - 1) * 3;  // a block of one pixel
        EXPECT_EQ(last[0], pixel[0]);
        EXPECT_EQ(rgb.pixels[0], to_rgb(planes_of(plain(21, 15, 60), bt709, full_range).view()).pixels[0]);
      }
    }
  }
}

TEST(PlanarSurface, AHalfCoveredBlockTakesHalfOfTheColour) {
  I420Image planes = planes_of(plain(8, 8, 128), false, false);
  const int grey = planes.v[5];
  PlanarSurface surface(planes);
  surface.fill({2, 2, 4, 4}, {255, 0, 0});  // block 1, 1 as a whole
  surface.fill({5, 2, 6, 4}, {255, 0, 0});  // half of block 2, 1
  EXPECT_NEAR(planes.v[6] - grey, (planes.v[5] - grey) / 2, 1);
  EXPECT_EQ(planes.v[7], grey);
  EXPECT_EQ(planes.y[2 * 8 + 4], planes.y[0]);
  EXPECT_NE(planes.y[2 * 8 + 5], planes.y[0]);
}

TEST(PlanarSurface, PicturesOfAnySize) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {7, 1}, {2, 3}, {16, 17}, {1001, 2}, {2, 1001}}) {
    const auto w = static_cast<float>(width), h = static_cast<float>(height);
    I420Image planes = planes_of(plain(width, height, 128), false, false);
    PlanarSurface surface(planes);
    draw_boxes(surface,
               std::vector<DrawnBox>{{0, 0, w, h, "a label that is long", 0}, {-5, -5, 1e30F, kFar, "yy", -1}});
    draw_note(surface, std::vector<std::string>{"12.5 FPS", ""});
    Outline({{-1e9, 0.5}, {1e9, 0.5}}, false, 1, {width, height}).draw(surface, "x");
    Outline({{0.5, 0.5}}, true, 1, {width, height}).draw(surface, "x");
    EXPECT_NE(planes.y[0], planes_of(plain(1, 1, 128), false, false).y[0]) << width << " x " << height;
  }
}

TEST(PlanarSurface, ThatHasTooFewSamplesStaysAsItIs) {
  I420Image planes = planes_of(plain(4, 4, 128), false, false);
  const I420Image before = planes;
  planes.height = 400;
  PlanarSurface surface(planes);
  EXPECT_EQ(surface.width(), 0);
  draw_boxes(surface, some_boxes());
  draw_note(surface, std::vector<std::string>{"a"});
  surface.fill({0, 0, 4, 4}, {255, 0, 0});
  EXPECT_EQ(planes.y, before.y);
  EXPECT_EQ(planes.u, before.u);
}

TEST(Note, StandsInTheCornerAndLeavesTheRest) {
  Image image = plain(400, 300, 200);
  RgbSurface surface(image);
  draw_note(surface, std::vector<std::string>{"25.0 FPS", "a model"});
  EXPECT_LT(image.pixels[0], 120);                                              // darkened
  EXPECT_EQ(image.pixels[(150 * 400 + 200) * 3], 200);                          // not here
  EXPECT_GT(*std::max_element(image.pixels.begin(), image.pixels.end()), 240);  // letters
  Image untouched = plain(400, 300, 200);
  RgbSurface other(untouched);
  draw_note(other, {});
  EXPECT_EQ(untouched.pixels, plain(400, 300, 200).pixels);
}

}  // namespace
}  // namespace saker
