// Sizes from headers: equal to what decoding gives, and from the header alone.
#include <gtest/gtest.h>

#include "support/test_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::TempFolder;

Result<ImageSize> size_of(const TempFolder& folder, const ByteVector& bytes) {
  const std::string path = folder.path("picture");
  test::write_bytes(path, bytes);
  return read_image_size(path);
}

ByteVector pnm(const std::string& header, std::size_t samples) {
  ByteVector bytes = test::to_bytes(header);
  bytes.resize(bytes.size() + samples, 7);
  return bytes;
}

TEST(ImageSize, EveryFormat) {
  const Image image = test::pattern(24, 10);
  ByteVector rows = image.pixels;
  const TempFolder folder;
  for (const ByteVector& bytes :
       {test::make_jpeg(24, 10, image.pixels), test::make_jpeg(24, 10, image.pixels, {.progressive = true}),
        test::make_png(24, 10, image.pixels), test::make_webp(image, true), test::make_webp(image, false),
        test::make_bmp(24, 10, rows), test::make_bmp(24, -10, rows), pnm("P6 24 # wide\n10 255\n", 720),
        pnm("P5 24 10 255\n", 240)}) {
    const auto size = size_of(folder, bytes);
    ASSERT_TRUE(size.ok()) << size.error().message;
    EXPECT_EQ(size->width, 24);
    EXPECT_EQ(size->height, 10);
    EXPECT_TRUE(read_image(folder.path("picture")).ok());
  }
}

TEST(ImageSize, OfTheUprightPicture) {
  const ByteVector jpeg = test::make_jpeg(24, 10, test::pattern(24, 10).pixels);
  const TempFolder folder;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto size = size_of(folder, test::with_orientation(jpeg, orientation, true));
    ASSERT_TRUE(size.ok()) << size.error().message;
    const auto image = read_image(folder.path("picture"));
    ASSERT_TRUE(image.ok());
    EXPECT_EQ(size->width, image->width) << orientation;
    EXPECT_EQ(size->height, image->height) << orientation;
  }
}

// The header of this JPEG file lies behind 300 KB of application data; that of the PNG file needs no pixels.
TEST(ImageSize, LateHeadersAndMissingPixels) {
  const ByteVector jpeg = test::make_jpeg(24, 10, test::pattern(24, 10).pixels);
  ByteVector late(jpeg.begin(), jpeg.begin() + 2);
  for (int i = 0; i < 5; ++i) {
    test::append_be(late, 0xFFE2, 2);
    test::append_be(late, 60002, 2);
    late.resize(late.size() + 60000, 1);
  }
  late.insert(late.end(), jpeg.begin() + 2, jpeg.end());
  const TempFolder folder;
  const auto size = size_of(folder, late);
  ASSERT_TRUE(size.ok()) << size.error().message;
  EXPECT_EQ(size->width, 24);
  EXPECT_EQ(size_of(folder, test::make_png_header(5, 6))->height, 6);
}

TEST(ImageSize, WhatIsNotAPictureIsRefused) {
  const TempFolder folder;
  EXPECT_EQ(size_of(folder, {}).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(size_of(folder, test::to_bytes("hello, world")).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(size_of(folder, ByteVector(100000, 'x')).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(size_of(folder, test::make_png_header(60000, 60000)).error().code, ErrorCode::kLimit);
  EXPECT_EQ(size_of(folder, test::make_png_header(0, 6)).error().code, ErrorCode::kInvalid);
  ByteVector cut = test::make_jpeg(24, 10, test::pattern(24, 10).pixels);
  cut.resize(30);
  const auto truncated = size_of(folder, cut);
  ASSERT_FALSE(truncated.ok());
  EXPECT_NE(truncated.error().message.find(folder.path("picture")), std::string::npos) << truncated.error().message;
  EXPECT_EQ(read_image_size(folder.path("none")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_image_size(folder.path("")).error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace saker
