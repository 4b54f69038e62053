// The rasteriser: which pixels lines and texts touch.
#include "report/canvas.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace saker {
namespace {

constexpr Rgb8 kBlack{0, 0, 0}, kWhite{255, 255, 255};

Rgb8 pixel(const Image& image, int x, int y) {
  const std::uint8_t* rgb = image.pixels.data() + (y * image.width + x) * 3;
  return {rgb[0], rgb[1], rgb[2]};
}

double ink_of(const Image& image) {  // in whole black pixels
  double sum = 0;
  for (const std::uint8_t v : image.pixels) sum += 255 - v;
  return sum / 3 / 255;
}

Image stroked(std::vector<Place> path, double width) {
  Canvas canvas(100, 80);
  canvas.stroke(path, width, kBlack, canvas.whole());
  return canvas.take();
}

TEST(Canvas, SizesAreBroughtIntoBounds) {
  EXPECT_EQ(Canvas(-5, 0).whole().x1, 64);
  EXPECT_EQ(Canvas(1'000'000, 70).whole().x1, 8192);
  EXPECT_EQ(Canvas(1'000'000, 70).whole().y1, 70);
}

TEST(Canvas, LineCoversItsAreaOnly) {
  const Image image = stroked({{10, 40.5}, {90, 40.5}}, 3);
  for (const int y : {39, 40, 41}) EXPECT_EQ(pixel(image, 50, y), kBlack) << y;
  for (const int y : {37, 43}) EXPECT_EQ(pixel(image, 50, y), kWhite) << y;
  EXPECT_EQ(pixel(image, 5, 40), kWhite);
  EXPECT_NEAR(ink_of(image), 80 * 3 + 3.14 * 1.5 * 1.5, 2);  // and two round ends
}

TEST(Canvas, SlopedLinesHaveTheSameWidth) {
  for (const Place end : {Place{90, 70}, Place{90, 12}, Place{12, 70}}) {
    const double length = std::hypot(end.x - 10, end.y - 10);
    EXPECT_NEAR(ink_of(stroked({{10, 10}, end}, 4)), 4 * length + 3.14 * 4, length * 0.08) << end.x << ", " << end.y;
    EXPECT_NEAR(ink_of(stroked({end, {10, 10}}, 4)), 4 * length + 3.14 * 4, length * 0.08) << end.x << ", " << end.y;
  }
}

TEST(Canvas, ManyShortSegmentsLookLikeOneLine) {
  std::vector<Place> path;
  for (int i = 0; i <= 400; ++i) path.push_back({10 + i * 0.2, 20 + i * 0.1});
  EXPECT_EQ(stroked(path, 2.6).pixels, stroked({path.front(), path.back()}, 2.6).pixels);
}

TEST(Canvas, OnePointIsADot) {
  EXPECT_NEAR(ink_of(stroked({{50, 40}}, 8)), 3.14 * 16, 2);
  EXPECT_EQ(ink_of(stroked({}, 8)), 0);
}

TEST(Canvas, EndsFarOutsideAndClipping) {
  const Image image = stroked({{-1e90, 40.5}, {1e90, 40.5}}, 3);
  EXPECT_EQ(pixel(image, 0, 40), kBlack);
  EXPECT_EQ(pixel(image, 99, 40), kBlack);

  Canvas canvas(100, 80);
  const Place path[] = {{0, 40}, {100, 40}};
  canvas.stroke(path, 9, kBlack, {20, 38, 30, 42});
  EXPECT_NEAR(ink_of(canvas.take()), 10 * 4, 1e-9);
}

TEST(Canvas, ClipSegment) {
  Place a{-10, 5}, b{30, 5};
  ASSERT_TRUE(clip_segment(a, b, {0, 0, 20, 10}));
  EXPECT_DOUBLE_EQ(a.x, 0);
  EXPECT_DOUBLE_EQ(b.x, 20);
  a = {-10, 15}, b = {30, 15};
  EXPECT_FALSE(clip_segment(a, b, {0, 0, 20, 10}));
  a = b = {3, 3};
  EXPECT_TRUE(clip_segment(a, b, {0, 0, 20, 10}));
}

// Left, right, upper, lower edge of what is not white.
PixelRect inked(const Image& image) {
  PixelRect box = {image.width, image.height, 0, 0};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (pixel(image, x, y) == kWhite) continue;
      box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x + 1), std::max(box.y1, y + 1)};
    }
  }
  return box;
}

TEST(Canvas, TextStandsWhereItIsAligned) {
  for (const Align align : {Align::kLeft, Align::kCenter, Align::kRight}) {
    Canvas lying(200, 200), upright(200, 200);
    lying.text(U"HEH", 24, 100, 100, kBlack, align);
    upright.text_up(U"HEH", 24, 100, 100, kBlack, align);
    const PixelRect a = inked(lying.take()), b = inked(upright.take());
    EXPECT_NEAR((a.y0 + a.y1) / 2.0, 100, 1.5);  // capitals are centred
    EXPECT_NEAR((b.x0 + b.x1) / 2.0, 100, 1.5);
    EXPECT_NEAR(a.width(), b.height(), 1);
    const double start = align == Align::kLeft ? 0 : align == Align::kCenter ? a.width() / 2.0 : a.width();
    EXPECT_NEAR(a.x0, 100 - start, 4) << static_cast<int>(align);
    EXPECT_NEAR(b.y1, 100 + start, 4) << static_cast<int>(align);
  }
}

TEST(Canvas, TextOutsideIsLeftOut) {
  Canvas canvas(100, 80);
  canvas.text(U"outside", 20, 500, 40, kBlack);
  canvas.text_up(U"outside", 20, -500, 40, kBlack);
  canvas.text_up(std::u32string(5000, U'x'), 20, 50, 40, kBlack);
  EXPECT_EQ(canvas.take().pixels.size(), 100U * 80 * 3);
}

}  // namespace
}  // namespace saker
