// The eight EXIF orientations, in both byte orders, and blocks that are broken.
#include "media/exif.h"

#include <gtest/gtest.h>

#include <array>

#include "support/test_pictures.h"

namespace saker {
namespace {

using test::ByteVector;

constexpr int kWidth = 32;
constexpr int kHeight = 16;

// The quarters: R, G in the upper half, B, W in the lower one.
ByteVector quarters() {
  ByteVector samples;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const bool right = x >= kWidth / 2;
      const bool low = y >= kHeight / 2;
      const auto channel = [](bool on) { return static_cast<std::uint8_t>(on ? 255 : 0); };
      samples.push_back(channel(right == low));
      samples.push_back(channel(right));
      samples.push_back(channel(low));
    }
  }
  return test::make_jpeg(kWidth, kHeight, samples);
}

char color_at(const Image& image, int x, int y) {
  const std::uint8_t* rgb = image.pixels.data() + (y * image.width + x) * 3;
  if (rgb[0] > 128 && rgb[1] > 128) return 'W';
  if (rgb[0] > 128) return 'R';
  return rgb[1] > 128 ? 'G' : 'B';
}

std::string corners(const Image& image) {
  const int right = image.width - 1;
  const int low = image.height - 1;
  return {color_at(image, 0, 0), color_at(image, right, 0), color_at(image, 0, low), color_at(image, right, low)};
}

TEST(Exif, AllOrientations) {
  const std::array<const char*, 8> upright = {"RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      auto image = decode_image(test::with_orientation(quarters(), orientation, big_endian), "turned");
      ASSERT_TRUE(image.ok()) << image.error().message;
      EXPECT_EQ(image->width, orientation < 5 ? kWidth : kHeight) << orientation;
      EXPECT_EQ(image->height, orientation < 5 ? kHeight : kWidth) << orientation;
      EXPECT_EQ(corners(*image), upright[static_cast<std::size_t>(orientation - 1)]) << orientation;
    }
  }
}

TEST(Exif, EveryPixelMoves) {
  const Image image = test::pattern(5, 3);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    // 6 and 8 undo each other; the others undo themselves.
    const int inverse = orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
    EXPECT_EQ(apply_orientation(apply_orientation(image, orientation), inverse).pixels, image.pixels) << orientation;
  }
}

TEST(Exif, WrongValuesAreIgnored) {
  for (const int orientation : {0, 9, 255, 65535}) {
    auto image = decode_image(test::with_orientation(quarters(), orientation, true), "turned");
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(corners(*image), "RGBW");
  }
}

TEST(Exif, BrokenBlocksAreIgnored) {
  const ByteVector whole = test::with_orientation(quarters(), 6, false);
  ASSERT_EQ(jpeg_orientation(whole), 6);
  EXPECT_EQ(jpeg_orientation(quarters()), 1);
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_EQ(jpeg_orientation(std::span(whole).first(size)), 1) << size;
  }
  ByteVector far = whole;  // a directory far behind the block
  far[2 + 4 + 6 + 4] = 0xF0;
  EXPECT_EQ(jpeg_orientation(far), 1);
  ByteVector order = whole;
  order[2 + 4 + 6] = 'X';
  EXPECT_EQ(jpeg_orientation(order), 1);
}

}  // namespace
}  // namespace saker
