// Boxes and labels: where pixels change, and where they must not.
#include "media/draw.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <random>
#include <set>
#include <tuple>

#include "media/label_layout.h"
#include "media/palette.h"
#include "media/text.h"
#include "support/test_pictures.h"

namespace saker {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Image plain(int width, int height) {
  Image image = test::pattern(width, height);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{128});
  return image;
}

Rgb8 pixel(const Image& image, int x, int y) {
  const std::uint8_t* rgb = image.pixels.data() + (y * image.width + x) * 3;
  return {rgb[0], rgb[1], rgb[2]};
}

// Pixels no channel of which is farther from `color` than `most`.
int count_near(const Image& image, Rgb8 color, int most) {
  int found = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const Rgb8 got = pixel(image, x, y);
      const int farthest = std::max({std::abs(got.r - color.r), std::abs(got.g - color.g), std::abs(got.b - color.b)});
      found += farthest <= most ? 1 : 0;
    }
  }
  return found;
}

int count(const Image& image, Rgb8 color) {
  int found = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) found += pixel(image, x, y) == color ? 1 : 0;
  }
  return found;
}

Image drawn(Image image, const std::vector<DrawnBox>& boxes) {
  draw_boxes(image, boxes);
  return image;
}

TEST(DrawBoxes, OnlyTheFrameIsTouched) {
  const Image image = drawn(plain(200, 220), {{50, 60, 150, 160, "", 3}});
  constexpr int kReach = 3;  // half a line and its dark rim
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const bool outside = x < 50 - kReach || x >= 150 + kReach || y < 60 - kReach || y >= 160 + kReach;
      const bool inside = x >= 50 + kReach && x < 150 - kReach && y >= 60 + kReach && y < 160 - kReach;
      if (outside || inside) {
        ASSERT_EQ(pixel(image, x, y), (Rgb8{128, 128, 128})) << x << ", " << y;
      }
    }
  }
  EXPECT_EQ(pixel(image, 50, 100), class_color(3));
  EXPECT_EQ(pixel(image, 100, 60), class_color(3));
}

TEST(DrawBoxes, GapsOfADashedFrameShowWhatIsBeneath) {
  const Image solid = drawn(plain(400, 400), {{50, 50, 350, 350, "", 2}});
  const Image both = drawn(plain(400, 400), {{50, 50, 350, 350, "", 1, true}, {50, 50, 350, 350, "", 2}});
  const int all = count(solid, class_color(2));
  EXPECT_GT(count(both, class_color(1)), all / 3);
  EXPECT_GT(count(both, class_color(2)), all / 5);
  const Image small = drawn(plain(400, 400), {{50, 50, 60, 60, "", 1, true}});
  EXPECT_EQ(small.pixels, drawn(plain(400, 400), {{50, 50, 60, 60, "", 1}}).pixels);  // too small for gaps
}

TEST(DrawBoxes, BoxesWithoutAPlaceAreLeftOut) {
  const Image image = plain(80, 60);
  for (const DrawnBox& box : std::vector<DrawnBox>{{-50, -50, -10, -10, "left above", 0},
                                                   {90, 10, 120, 30, "right", 1},
                                                   {10, 70, 30, 1e9F, "below", 2},
                                                   {1e30F, 1e30F, 2e30F, 2e30F, "far", 2},
                                                   {kNan, 10, 20, 20, "nan", 3},
                                                   {10, 10, kNan, 20, "nan", 3},
                                                   {-kInf, 10, kInf, 20, "inf", 4},
                                                   {10, -kInf, 20, kInf, "inf", 4},
                                                   {30, 10, 20, 20, "reversed", 5},
                                                   {10, 30, 20, 20, "reversed", 5}}) {
    EXPECT_EQ(drawn(image, {box}).pixels, image.pixels) << box.text;
  }
  EXPECT_EQ(drawn(image, {}).pixels, image.pixels);
}

TEST(DrawBoxes, BoxesPartlyOutsideAreClipped) {
  const Image image = drawn(plain(300, 300), {{-1e9F, 100, 150, 3e38F, "a", 0}, {250, -20, 1e6F, 40, "b", 1}});
  EXPECT_EQ(pixel(image, 150, 200), class_color(0));
  EXPECT_EQ(pixel(image, 0, 200), class_color(0));
  EXPECT_EQ(pixel(image, 100, 299), class_color(0));
  EXPECT_EQ(pixel(image, 299, 39), class_color(1));
}

TEST(DrawBoxes, PicturesOfAnySize) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {7, 1}, {2, 3}, {16, 16}, {3000, 2}, {2, 3000}}) {
    const auto w = static_cast<float>(width);
    const auto h = static_cast<float>(height);
    const Image image = drawn(plain(width, height), {{0, 0, w, h, "a label that is long", 0},
                                                     {w / 2, h / 2, w / 2, h / 2, "x", 1},
                                                     {-5, -5, 1000, 1000, "yy", -1}});
    EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    EXPECT_GT(count(image, class_color(0)), 0) << width << " x " << height;
  }
  Image empty;
  draw_boxes(empty, std::vector<DrawnBox>{{0, 0, 5, 5, "a", 0}});
  EXPECT_TRUE(empty.pixels.empty());
  Image lying = plain(4, 4);
  lying.height = 400;  // more than there are pixels for
  draw_boxes(lying, std::vector<DrawnBox>{{0, 0, 5, 300, "a", 0}});
  EXPECT_EQ(lying.pixels, plain(4, 4).pixels);
}

TEST(DrawBoxes, LabelsHaveBackgroundAndReadableText) {
  for (const int side : {64, 400, 2000}) {
    const auto unit = static_cast<float>(side) / 10;
    const DrawnBox box = {unit, 5 * unit, 9 * unit, 9 * unit, "cat 0.90", 7};
    const Image image = drawn(plain(side, side), {box});
    const Rgb8 text = text_color_on(class_color(7));
    EXPECT_GT(count_near(image, text, 60), 40) << side;
    DrawnBox bare = box;
    bare.text.clear();
    EXPECT_GT(count(image, class_color(7)), count(drawn(plain(side, side), {bare}), class_color(7))) << side;
  }
}

TEST(DrawBoxes, EarlierBoxesLieOnTop) {
  const Image image = drawn(plain(300, 300), {{50, 50, 200, 200, "", 0}, {50, 50, 200, 200, "", 1}});
  EXPECT_EQ(pixel(image, 50, 100), class_color(0));
  EXPECT_EQ(count(image, class_color(1)), 0);
}

TEST(LabelLayout, LabelsStayInThePictureAndApart) {
  std::mt19937 random(1);
  const auto between = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int i = 0; i < 2000; ++i) {
    const PixelRect picture = {0, 0, between(20, 200), between(20, 200)};
    const int width = between(1, picture.x1);
    const int height = between(1, picture.y1);
    PixelRect box = {between(0, picture.x1 - 1), between(0, picture.y1 - 1), 0, 0};
    box.x1 = between(box.x0 + 1, picture.x1);
    box.y1 = between(box.y0 + 1, picture.y1);
    const PixelRect place = place_label(box, width, height, picture, {});
    ASSERT_TRUE(place.x0 >= 0 && place.y0 >= 0 && place.x1 <= picture.x1 && place.y1 <= picture.y1);
    ASSERT_EQ(place.width(), width);
    ASSERT_EQ(place.height(), height);
  }
  const PixelRect picture = {0, 0, 300, 300};
  const PixelRect box = {100, 100, 200, 200};
  std::vector<PixelRect> taken;
  for (int i = 0; i < 4; ++i) {
    const PixelRect place = place_label(box, 60, 20, picture, taken);
    for (const PixelRect& other : taken) EXPECT_NE(std::tuple(place.x0, place.y0), std::tuple(other.x0, other.y0));
    taken.push_back(place);
  }
  EXPECT_EQ(taken[0].y1, box.y0);                                         // the first one stands above
  EXPECT_EQ(place_label({100, 5, 200, 200}, 60, 20, picture, {}).y0, 5);  // no room above: inside
}

TEST(LabelLayout, LongTextShrinksThenLosesLetters) {
  const std::u32string text = U"a very long name of a class";
  const float full = text_width(text, 40);
  EXPECT_EQ(fit_text(text, 40, static_cast<int>(full) + 1).size, 40);
  const FittedText smaller = fit_text(text, 40, static_cast<int>(full * 0.8F));
  EXPECT_EQ(smaller.text, text);
  EXPECT_LT(smaller.size, 40);
  for (const int room : {5, 20, 50, 150}) {
    const FittedText cut = fit_text(text, 40, room);
    EXPECT_LE(text_width(cut.text, cut.size), static_cast<float>(room));
    EXPECT_LT(cut.text.size(), text.size());
    if (!cut.text.empty()) {
      EXPECT_EQ(cut.text.back(), U'\u2026');
    }
  }
  EXPECT_TRUE(fit_text(text, 40, 0).text.empty());
}

TEST(Text, Utf8) {
  EXPECT_EQ(decode_label("abc", 10), U"abc");
  EXPECT_EQ(decode_label("Gr\xC3\xB6\xC3\x9F"
                         "e \xE6\x97\xA5 \xF0\x9F\x98\x80",
                         20),
            U"Gr\u00F6\u00DFe \u65E5 \U0001F600");
  EXPECT_EQ(decode_label("a\nb\t\x7F", 10), U"a b  ");
  EXPECT_EQ(decode_label("\xC0\x80", 10), U"\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(decode_label("\xED\xA0\x80", 10), U"\uFFFD\uFFFD\uFFFD");  // half of a surrogate pair
  EXPECT_EQ(decode_label("x\xE6\x97", 10), U"x\uFFFD\uFFFD");          // cut
  EXPECT_EQ(decode_label("abcdef", 3), U"abc");
  EXPECT_GT(text_width(U"\u03A9", 20), 5);
}

TEST(Palette, ColoursDiffer) {
  std::set<std::tuple<int, int, int>> seen;
  for (int i = 0; i < 200; ++i) {
    const Rgb8 color = class_color(i);
    EXPECT_TRUE(seen.insert({color.r, color.g, color.b}).second) << i;
    EXPECT_EQ(color, class_color(i));
  }
  class_color(-1);
  class_color(std::numeric_limits<int>::min());
  class_color(std::numeric_limits<int>::max());
  EXPECT_EQ(text_color_on({255, 255, 0}), (Rgb8{0, 0, 0}));
  EXPECT_EQ(text_color_on({20, 20, 120}), (Rgb8{255, 255, 255}));
}

TEST(Crop, ClippedAndNeverEmpty) {
  const Image image = test::pattern(10, 8);
  const Image middle = crop(image.view(), 2.2F, 3.0F, 4.1F, 5.0F);
  EXPECT_EQ(middle.width, 3);
  EXPECT_EQ(middle.height, 2);
  EXPECT_EQ(pixel(middle, 0, 0), pixel(image, 2, 3));
  EXPECT_EQ(pixel(middle, 2, 1), pixel(image, 4, 4));
  EXPECT_EQ(crop(image.view(), -5, -5, 50, 50).pixels, image.pixels);
  EXPECT_EQ(crop(image.view(), -kInf, -kInf, kInf, kInf).pixels, image.pixels);
  for (const auto& [from, to] : {std::pair{50.0F, 60.0F}, {-9.0F, -5.0F}, {5.0F, 2.0F}, {kNan, kNan}, {kInf, -kInf}}) {
    const Image part = crop(image.view(), from, from, to, to);
    EXPECT_EQ(part.width, 1);
    EXPECT_EQ(part.height, 1);
    EXPECT_EQ(part.pixels.size(), 3U);
  }
  EXPECT_TRUE(crop({}, 0, 0, 1, 1).pixels.empty());
}

TEST(Crop, BgrBecomesRgb) {
  const std::vector<std::uint8_t> bgr = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12, 99, 99};
  EXPECT_EQ(crop({bgr.data(), 2, 2, 8, PixelFormat::kBgr}, 1, 0, 2, 2).pixels,
            (std::vector<std::uint8_t>{6, 5, 4, 12, 11, 10}));
}

}  // namespace
}  // namespace saker
