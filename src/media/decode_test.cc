// Every format and kind of picture, against pixels that are known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "support/compare_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::decoded;
using test::expect_same;
using test::grey_samples;
using test::largest_difference;
using test::pattern;
using test::wide_samples;
using test::widened;

TEST(DecodeJpeg, ColourBaselineProgressiveAndRestarts) {
  const Image image = pattern(21, 13);
  for (const test::JpegKind& kind :
       {test::JpegKind{}, test::JpegKind{.progressive = true}, test::JpegKind{.restart_interval = 1}}) {
    const Image got = decoded(test::make_jpeg(21, 13, image.pixels, kind));
    EXPECT_LE(largest_difference(got, image), 6);
  }
}

TEST(DecodeJpeg, GreyIsWidened) {
  const Image image = pattern(21, 13);
  const Image got = decoded(test::make_jpeg(21, 13, grey_samples(image), {.components = 1}));
  EXPECT_LE(largest_difference(got, widened(image)), 3);
}

TEST(DecodeJpeg, CmykWithAdobeMarkerIsInverted) {
  ByteVector ink;
  for (int i = 0; i < 64; ++i) ink.insert(ink.end(), {255, 128, 0, 200});
  const Image got = decoded(test::make_jpeg(8, 8, ink, {.components = 4}));
  ASSERT_EQ(got.width, 8);
  EXPECT_NEAR(got.pixels[0], 200, 3);
  EXPECT_NEAR(got.pixels[1], 128 * 200 / 255, 3);
  EXPECT_NEAR(got.pixels[2], 0, 3);
}

TEST(DecodeJpeg, MissingEndMarkerOfACompletePictureIsTolerated) {
  ByteVector bytes = test::make_jpeg(16, 16, pattern(16, 16).pixels);
  const Image whole = decoded(bytes);
  bytes.resize(bytes.size() - 2);
  expect_same(decoded(bytes), whole);
}

TEST(DecodePng, ColourAndInterlaced) {
  const Image image = pattern(19, 11);
  expect_same(decoded(test::make_png(19, 11, image.pixels)), image);
  expect_same(decoded(test::make_png(19, 11, image.pixels, {.interlaced = true})), image);
}

TEST(DecodePng, GreyIsWidened) {
  const Image image = pattern(19, 11);
  expect_same(decoded(test::make_png(19, 11, grey_samples(image), {.color_type = 0})), widened(image));
}

TEST(DecodePng, OneBitGreyIsBlackAndWhite) {
  const Image got = decoded(test::make_png(8, 1, {0b10100001}, {.bit_depth = 1, .color_type = 0}));
  ASSERT_EQ(got.pixels.size(), 24U);
  for (std::size_t x = 0; x < 8; ++x) EXPECT_EQ(got.pixels[3 * x], x == 0 || x == 2 || x == 7 ? 255 : 0);
}

TEST(DecodePng, SixteenBitsKeepTheHighByte) {
  const Image image = pattern(19, 11);
  expect_same(decoded(test::make_png(19, 11, wide_samples(image.pixels), {.bit_depth = 16})), image);
  const ByteVector grey = wide_samples(grey_samples(image));
  expect_same(decoded(test::make_png(19, 11, grey, {.bit_depth = 16, .color_type = 0})), widened(image));
}

TEST(DecodePng, AlphaIsDropped) {
  const Image image = pattern(19, 11);
  ByteVector with_alpha;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    with_alpha.insert(with_alpha.end(), {image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]});
    with_alpha.push_back(static_cast<std::uint8_t>(i));
  }
  expect_same(decoded(test::make_png(19, 11, with_alpha, {.color_type = 6})), image);
}

TEST(DecodePng, PaletteWithTransparentEntries) {
  const ByteVector palette = {10, 20, 30, 200, 150, 100, 0, 255, 0};
  const Image got =
      decoded(test::make_png(4, 1, {2, 1, 0, 1}, {.color_type = 3, .palette = palette, .alphas = {0, 128, 255}}));
  EXPECT_EQ(got.pixels, (ByteVector{0, 255, 0, 200, 150, 100, 10, 20, 30, 200, 150, 100}));
}

TEST(DecodeWebp, LosslessAndLossy) {
  const Image image = pattern(23, 17);
  expect_same(decoded(test::make_webp(image, true)), image);
  Image flat = image;
  for (std::size_t i = 0; i < flat.pixels.size(); ++i) flat.pixels[i] = i % 3 == 0 ? 200 : 90;
  EXPECT_LE(largest_difference(decoded(test::make_webp(flat, false)), flat), 6);
}

TEST(DecodeBmp, ColourBottomUpAndTopDown) {
  // 3 x 2 pixels; rows are padded to 12 bytes. B, G, R.
  const ByteVector rows = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0, 0, 0};
  const ByteVector first = {3, 2, 1, 6, 5, 4, 9, 8, 7};
  const ByteVector second = {13, 12, 11, 16, 15, 14, 19, 18, 17};
  ByteVector top_down = first;
  top_down.insert(top_down.end(), second.begin(), second.end());
  ByteVector bottom_up = second;
  bottom_up.insert(bottom_up.end(), first.begin(), first.end());
  EXPECT_EQ(decoded(test::make_bmp(3, 2, rows)).pixels, bottom_up);
  EXPECT_EQ(decoded(test::make_bmp(3, -2, rows)).pixels, top_down);
}

TEST(DecodeBmp, ThirtyTwoBitsDropTheFourthByte) {
  EXPECT_EQ(decoded(test::make_bmp(2, 1, {1, 2, 3, 99, 4, 5, 6, 0}, {.bits = 32})).pixels,
            (ByteVector{3, 2, 1, 6, 5, 4}));
}

TEST(DecodeBmp, SixteenBitMasks) {
  // 5-6-5 by masks: full red, full green, full blue, black.
  ByteVector masks;
  for (const std::uint32_t mask : {0xF800U, 0x07E0U, 0x001FU}) test::append_le(masks, mask, 4);
  const ByteVector pixels = {0x00, 0xF8, 0xE0, 0x07, 0x1F, 0x00, 0x00, 0x00};
  EXPECT_EQ(decoded(test::make_bmp(4, 1, pixels, {.bits = 16, .compression = 3, .extra = masks})).pixels,
            (ByteVector{255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0}));
  // 5-5-5 without masks: full green.
  EXPECT_EQ(decoded(test::make_bmp(1, 1, {0xE0, 0x03, 0, 0}, {.bits = 16})).pixels, (ByteVector{0, 255, 0}));
}

TEST(DecodeBmp, Palettes) {
  const ByteVector palette = {1, 2, 3, 0, 4, 5, 6, 0};  // B, G, R, unused
  const ByteVector expected = {6, 5, 4, 3, 2, 1, 6, 5, 4};
  EXPECT_EQ(decoded(test::make_bmp(3, 1, {0b10100000, 0, 0, 0}, {.bits = 1, .extra = palette})).pixels, expected);
  EXPECT_EQ(decoded(test::make_bmp(3, 1, {0x10, 0x10, 0, 0}, {.bits = 4, .extra = palette})).pixels, expected);
  EXPECT_EQ(decoded(test::make_bmp(3, 1, {1, 0, 1, 0}, {.bits = 8, .extra = palette})).pixels, expected);
  // An index without a colour is black.
  EXPECT_EQ(decoded(test::make_bmp(1, 1, {200, 0, 0, 0}, {.bits = 8, .extra = palette})).pixels, (ByteVector{0, 0, 0}));
}

TEST(DecodePnm, BinaryAndText) {
  const ByteVector colours = {10, 20, 30, 40, 50, 60};
  EXPECT_EQ(decoded(test::to_bytes("P6\n# a comment\n2 1\n255\n\x0A\x14\x1E\x28\x32\x3C")).pixels, colours);
  EXPECT_EQ(decoded(test::to_bytes("P3 2 1 255 10 20 30 # here too\n40 50 60")).pixels, colours);
  EXPECT_EQ(decoded(test::to_bytes("P5 2 1 255 \x0A\x14")).pixels, (ByteVector{10, 10, 10, 20, 20, 20}));
  EXPECT_EQ(decoded(test::to_bytes("P2\n2 1\n255\n10 20\n")).pixels, (ByteVector{10, 10, 10, 20, 20, 20}));
}

TEST(DecodePnm, OtherDepths) {
  EXPECT_EQ(decoded(test::to_bytes("P5 2 1 65535\n\x12\xFF\xAB\x01")).pixels,
            (ByteVector{0x12, 0x12, 0x12, 0xAB, 0xAB, 0xAB}));
  EXPECT_EQ(decoded(test::to_bytes("P2 3 1 4 0 2 4")).pixels, (ByteVector{0, 0, 0, 128, 128, 128, 255, 255, 255}));
  EXPECT_EQ(decoded(test::to_bytes("P2 2 1 1023 1023 9999")).pixels, (ByteVector{255, 255, 255, 255, 255, 255}));
}

TEST(ReadImage, ContentDecidesNotTheName) {
  const test::TempFolder folder;
  const Image image = pattern(5, 4);
  test::write_bytes(folder.path("really_png.jpg"), test::make_png(5, 4, image.pixels));
  auto got = read_image(folder.path("really_png.jpg"));
  ASSERT_TRUE(got.ok()) << got.error().message;
  expect_same(*got, image);
}

TEST(ReadImage, AssetPhotographHasItsSize) {
  const char* assets = std::getenv("SAKER_ASSETS");
  const auto source = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  const std::filesystem::path folder = assets != nullptr ? std::filesystem::path(assets) : source / "../shared/assets";
  const std::string path = (folder / "images/bus.jpg").string();
  auto image = read_image(path);
  if (!image.ok() && image.error().code == ErrorCode::kNotFound) GTEST_SKIP() << "no " << path;
  ASSERT_TRUE(image.ok()) << image.error().message;
  EXPECT_EQ(image->width, 810);
  EXPECT_EQ(image->height, 1080);
}

}  // namespace
}  // namespace saker
