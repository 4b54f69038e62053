// Smaller pictures: sizes, means, formats.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "media/draw.h"
#include "support/test_pictures.h"

namespace saker {
namespace {

double mean(const Image& image) {
  return std::accumulate(image.pixels.begin(), image.pixels.end(), 0.0) / static_cast<double>(image.pixels.size());
}

TEST(Shrink, SmallPicturesStayAsTheyAre) {
  const Image image = test::pattern(30, 20);
  EXPECT_EQ(shrink(image.view(), 30).pixels, image.pixels);
  EXPECT_EQ(shrink(image.view(), 900).width, 30);
}

TEST(Shrink, HalfTheSizeIsTheMeanOfFourPixels) {
  Image image = test::pattern(4, 2);
  std::fill(image.pixels.begin(), image.pixels.end(), std::uint8_t{0});
  image.pixels[0] = 200;               // red of the first pixel
  image.pixels[(4 + 3) * 3 + 1] = 40;  // green of the last
  const Image small = shrink(image.view(), 2);
  EXPECT_EQ(small.width, 2);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.pixels, (std::vector<std::uint8_t>{50, 0, 0, 0, 10, 0}));
}

TEST(Shrink, KeepsProportionAndBrightness) {
  const Image image = test::pattern(1000, 333);
  for (const int side : {999, 617, 100, 7, 1}) {
    const Image small = shrink(image.view(), side);
    EXPECT_EQ(small.width, side);
    EXPECT_NEAR(small.height, std::max(1.0, side * 0.333), 0.51);
    EXPECT_NEAR(mean(small), mean(image), 1.5) << side;
  }
  EXPECT_EQ(shrink(test::pattern(1, 5000).view(), 10).width, 1);
}

TEST(Shrink, BlueFirstPictures) {
  const Image image = test::pattern(50, 40);
  Image swapped = image;
  for (std::size_t i = 0; i < swapped.pixels.size(); i += 3) std::swap(swapped.pixels[i], swapped.pixels[i + 2]);
  ImageView view = swapped.view();
  view.format = PixelFormat::kBgr;
  EXPECT_EQ(shrink(view, 20).pixels, shrink(image.view(), 20).pixels);
}

}  // namespace
}  // namespace saker
