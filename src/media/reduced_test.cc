// JPEG pictures decoded smaller: which size is taken, and that the pixels are those of the whole picture.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "support/quadrant_model.h"
#include "support/test_pictures.h"

namespace saker {
namespace {

using test::ByteVector;

// 40x24 pixels with `channels` samples each, blocks of 8x8 of one colour: made smaller they stay sharp.
ByteVector blocks(int channels) {
  ByteVector samples;
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 40; ++x) {
      for (int c = 0; c < channels; ++c)
        samples.push_back(static_cast<std::uint8_t>((x / 8 * 37 + y / 8 * 91 + c * 53) % 200 + 20));
    }
  }
  return samples;
}

ByteVector blocks_jpeg(const test::JpegKind& kind = {}) {
  return test::make_jpeg(40, 24, blocks(kind.components), kind);
}

Image decoded(const ByteVector& bytes, const ImageReadOptions& options) {
  auto image = decode_image(bytes, "picture", options);
  EXPECT_TRUE(image.ok()) << image.error().message;
  return image.ok() ? *image : Image{};
}

// Width of what comes out, and a check of everything else.
int width_for(const ByteVector& bytes, const ImageReadOptions& options) {
  const Image whole = decoded(bytes, {}), image = decoded(bytes, options);
  EXPECT_EQ(image.file_size.width, whole.width);
  EXPECT_EQ(image.file_size.height, whole.height);
  EXPECT_EQ(whole.file_size.width, whole.width);
  const int by = whole.width / std::max(image.width, 1);
  EXPECT_EQ(image.height, whole.height / by);
  EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  int largest = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const int x = static_cast<int>(i) / 3 % image.width * by, y = static_cast<int>(i) / 3 / image.width * by;
    const std::size_t at =
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(whole.width) + static_cast<std::size_t>(x)) * 3 + i % 3;
    largest = std::max(largest, std::abs(image.pixels[i] - whole.pixels[at]));
  }
  EXPECT_LE(largest, 2);
  return image.width;
}

TEST(ReducedJpeg, TheSmallestThatNeedNotGrowAgain) {
  const ByteVector jpeg = blocks_jpeg();
  EXPECT_EQ(width_for(jpeg, {.target_width = 40, .target_height = 24}), 40);
  EXPECT_EQ(width_for(jpeg, {.target_width = 21, .target_height = 13}), 40);
  EXPECT_EQ(width_for(jpeg, {.target_width = 20, .target_height = 20}), 20);
  EXPECT_EQ(width_for(jpeg, {.target_width = 100, .target_height = 12}), 20);
  EXPECT_EQ(width_for(jpeg, {.target_width = 6, .target_height = 100}), 10);
  EXPECT_EQ(width_for(jpeg, {.target_width = 5, .target_height = 100}), 5);
  EXPECT_EQ(width_for(jpeg, {.target_width = 1, .target_height = 1}), 5);
  EXPECT_EQ(width_for(jpeg, {.target_width = 1}), 40);
}

TEST(ReducedJpeg, FillingNeedsBothSides) {
  const ByteVector jpeg = blocks_jpeg();
  EXPECT_EQ(width_for(jpeg, {.target_width = 20, .target_height = 20, .fill = true}), 40);
  EXPECT_EQ(width_for(jpeg, {.target_width = 10, .target_height = 12, .fill = true}), 20);
  EXPECT_EQ(width_for(jpeg, {.target_width = 5, .target_height = 3, .fill = true}), 5);
}

TEST(ReducedJpeg, EveryKindAndOrientation) {
  for (const test::JpegKind& kind :
       {test::JpegKind{.components = 1}, test::JpegKind{.components = 4}, test::JpegKind{.progressive = true}}) {
    EXPECT_EQ(width_for(blocks_jpeg(kind), {.target_width = 10, .target_height = 6}), 10);
  }
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const ByteVector jpeg = test::with_orientation(blocks_jpeg(), orientation, false);
    const bool upright = orientation <= 4;
    EXPECT_EQ(width_for(jpeg, {.target_width = upright ? 20 : 30, .target_height = upright ? 30 : 20}),
              upright ? 20 : 12);
  }
}

TEST(ReducedJpeg, SidesAreRoundedUpAndTheLimitIsOfTheFile) {
  const Image image = test::pattern(37, 21);
  const ByteVector jpeg = test::make_jpeg(37, 21, image.pixels);
  const Image small = decoded(jpeg, {.target_width = 9, .target_height = 9});
  EXPECT_EQ(small.width, 10);
  EXPECT_EQ(small.height, 6);
  EXPECT_EQ(decode_image(jpeg, "", {.max_pixels = 776, .target_width = 9, .target_height = 9}).error().code,
            ErrorCode::kLimit);
}

TEST(ReducedJpeg, BoxesAreInPixelsOfTheFile) {
  const Image half = test_support::picture_of({2, 4, 28, 30, 1, 7}, {0, 0, 0, 0, 0, 0});
  ByteVector whole;
  for (std::size_t y = 0; y < 64; ++y) {
    for (std::size_t x = 0; x < 64; ++x) {
      const std::size_t from = (y / 2 * 32 + x / 2) * 3;
      whole.insert(whole.end(), {half.pixels[from], half.pixels[from + 1], half.pixels[from + 2]});
    }
  }
  const ByteVector jpeg = test::make_jpeg(64, 64, whole);
  DetectorOptions options;
  options.spec.preprocess = Preprocess{.scale = 1};
  auto detector = Detector::create(test_support::QuadrantModel{}.model().value(), options);
  ASSERT_TRUE(detector.ok()) << detector.error().message;
  const Image reduced = decoded(jpeg, {.target_width = 32, .target_height = 32});
  ASSERT_EQ(reduced.width, 32);
  for (const Image& image : {decoded(jpeg, {}), reduced}) {
    const auto found = detector->detect(image.view());
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_FALSE(found->boxes.empty());
    EXPECT_NEAR(found->boxes[0].x2, 56, 4);  // JPEG's colours are about right
    EXPECT_NEAR(found->boxes[0].y2, 60, 4);
  }
}

TEST(ReducedJpeg, OtherFormatsComeWhole) {
  const Image image = test::pattern(40, 24);
  EXPECT_EQ(decoded(test::make_png(40, 24, image.pixels), {.target_width = 5, .target_height = 3}).width, 40);
}

}  // namespace
}  // namespace saker
