// Resizing, warping and moving pixels against slow ways of doing it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "augment/colors.h"
#include "augment/resize.h"
#include "augment/warp.h"
#include "base/random.h"

namespace saker::augment {
namespace {

Image noise(int width, int height, std::uint64_t seed) {
  PortableRandom random(seed);
  Image image{width, height, {}, {}};
  image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random.below(256));
  return image;
}

double value_at(const Image& image, int x, int y, int channel, double outside) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return outside;
  return image
      .pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) * 3 +
              static_cast<std::size_t>(channel)];
}

double blended(const Image& image, double x, double y, int channel) {
  const double left = std::floor(x), top = std::floor(y), u = x - left, v = y - top;
  const auto at = [&](int dx, int dy) {
    return value_at(image, static_cast<int>(left) + dx, static_cast<int>(top) + dy, channel, kBackground);
  };
  return (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
}

TEST(Resize, IsBilinearBetweenTheMiddlesOfPixels) {
  for (const auto& [from, to] : {std::pair<ImageSize, ImageSize>{{37, 23}, {64, 40}},
                                 {{64, 48}, {32, 24}},
                                 {{100, 71}, {31, 63}},
                                 {{1, 1}, {5, 3}},
                                 {{2, 9}, {1, 1}}}) {
    const Image source = noise(from.width, from.height, 1);
    const Image result = resize(source.view(), to);
    ASSERT_EQ(result.pixels.size(), static_cast<std::size_t>(to.width) * static_cast<std::size_t>(to.height) * 3);
    EXPECT_EQ(result.file_size.width, from.width);
    for (int y = 0; y < to.height; ++y) {
      for (int x = 0; x < to.width; ++x) {
        const double sx = std::clamp((x + 0.5) * from.width / to.width - 0.5, 0.0, from.width - 1.0);
        const double sy = std::clamp((y + 0.5) * from.height / to.height - 0.5, 0.0, from.height - 1.0);
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(value_at(result, x, y, c, 0), blended(source, sx, sy, c), 1.01);
      }
    }
  }
}

TEST(Resize, HalvesByTheRoundedMeanOfFourPixels) {  // as OpenCV does
  const Image source = noise(8, 6, 3), result = resize(source.view(), {4, 3});
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double sum = value_at(source, 2 * x, 2 * y, c, 0) + value_at(source, 2 * x + 1, 2 * y, c, 0) +
                           value_at(source, 2 * x, 2 * y + 1, c, 0) + value_at(source, 2 * x + 1, 2 * y + 1, c, 0);
        EXPECT_EQ(value_at(result, x, y, c, 0), std::floor((sum + 2) / 4));
      }
    }
  }
}

void expect_warped(const Image& source, const Matrix& back, ImageSize size) {
  Image result{size.width, size.height, {}, {}};
  result.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  warp(source.view(), back, size, result.pixels.data());
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double w = back[6] * x + back[7] * y + back[8];
      const double sx = (back[0] * x + back[1] * y + back[2]) / w, sy = (back[3] * x + back[4] * y + back[5]) / w;
      // A step of 1/256 pixel in both directions, and rounding.
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(value_at(result, x, y, c, 0), blended(source, sx, sy, c), 3.5) << x << "," << y;
      }
    }
  }
}

TEST(Warp, ShowsTheSourceThroughTheMatrixAndGreyAround) {
  const Image source = noise(40, 30, 5);
  expect_warped(source, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {40, 30});
  expect_warped(source, {1, 0, -7, 0, 1, 4, 0, 0, 1}, {50, 50});
  expect_warped(source, {0.31, 0, 3.3, 0, 0.31, 2.7, 0, 0, 1}, {64, 64});
  expect_warped(source, {-1, 0, 39, 0, -1, 29, 0, 0, 1}, {40, 30});
  expect_warped(source, {1.7, 0.4, -9.1, -0.6, 1.3, 11.9, 0, 0, 1}, {33, 47});
  expect_warped(source, {1.1, 0.1, -3, 0.05, 0.9, 2, 0.002, -0.003, 1}, {40, 40});
  expect_warped(source, {1, 0, 1000, 0, 1, 0, 0, 0, 1}, {9, 9});
  PortableRandom random(11);
  for (int i = 0; i < 200; ++i) {
    const auto any = [&](double reach) { return random.between(-reach, reach); };
    expect_warped(source, {any(2), any(2), any(40), any(2), any(2), any(40), 0, 0, 1}, {21, 17});
  }
}

TEST(Warp, OfOnePixelIsThatPixelFadingIntoGrey) {
  expect_warped(noise(1, 1, 2), {0.5, 0, -1, 0, 0.5, -1, 0, 0, 1}, {8, 8});
}

TEST(Compose, PutsTilesOnTheBackgroundAndCutsThemAtItsEdges) {
  const Image a = noise(60, 50, 1), b = noise(20, 10, 2);
  const Tile tiles[] = {{a.view(), -30, -20}, {b.view(), 40, 60}, {b.view(), 64, 0}, {b.view(), 0, -10}};
  std::vector<std::uint8_t> pixels(7, 1);  // of before
  const ImageView canvas = compose(tiles, {64, 64}, pixels);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const double wanted = x >= 40 && y >= 60 && x < 60 ? value_at(b, x - 40, y - 60, 1, 0)
                                                         : value_at(a, x + 30, y + 20, 1, kBackground);
      ASSERT_EQ(canvas.data[y * canvas.stride_bytes + x * 3 + 1], wanted) << x << "," << y;
    }
  }
}

TEST(Flips, MovePixelsAndComeBack) {
  for (const ImageSize size : {ImageSize{7, 5}, ImageSize{8, 4}, ImageSize{1, 1}}) {
    const Image image = noise(size.width, size.height, 9);
    Image turned = image;
    mirror(size, turned.pixels.data());
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        EXPECT_EQ(value_at(turned, x, 0, c, 0), value_at(image, size.width - 1 - x, 0, c, 0));
      }
    }
    mirror(size, turned.pixels.data());
    EXPECT_EQ(turned.pixels, image.pixels);
    turn_over(size, turned.pixels.data());
    for (int y = 0; y < size.height; ++y) {
      EXPECT_EQ(value_at(turned, 0, y, 1, 0), value_at(image, 0, size.height - 1 - y, 1, 0));
    }
  }
}

TEST(Mixing, TakesShares) {
  const Image a = noise(9, 9, 1), b = noise(9, 9, 2);
  for (const double share : {0.0, 0.25, 0.4, 0.5, 1.0}) {
    Image mixed = a;
    mix_pixels(share, b.pixels.data(), b.pixels.size(), mixed.pixels.data());
    for (std::size_t i = 0; i < mixed.pixels.size(); ++i) {
      EXPECT_NEAR(mixed.pixels[i], a.pixels[i] * share + b.pixels[i] * (1 - share), 1.01);
    }
  }
}

}  // namespace
}  // namespace saker::augment
