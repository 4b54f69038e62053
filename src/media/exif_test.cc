// The eight EXIF orientations, in both byte orders, and blocks that are broken.
#include "media/exif.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>

#include "support/test_files.h"
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

// A TIFF directory with nothing but the orientation, as SHORT (3) or LONG (4).
ByteVector directory(int orientation, int type) {
  const auto o = static_cast<std::uint8_t>(orientation), t = static_cast<std::uint8_t>(type);
  return {'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, t, 0, 1, 0, 0, 0, o, 0, 0, 0, 0, 0, 0, 0};
}

std::uint32_t crc_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

void append_big_endian(ByteVector& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

// With an eXIf chunk behind the header or in front of the end.
ByteVector with_exif_chunk(const ByteVector& png, const ByteVector& exif, bool behind_pixels) {
  constexpr std::size_t kHeaderEnd = 33, kEnd = 12;
  ByteVector named = {'e', 'X', 'I', 'f'};
  named.insert(named.end(), exif.begin(), exif.end());
  ByteVector chunk;
  append_big_endian(chunk, static_cast<std::uint32_t>(exif.size()));
  chunk.insert(chunk.end(), named.begin(), named.end());
  append_big_endian(chunk, crc_of(named));
  ByteVector whole = png;
  const std::size_t at = behind_pixels ? png.size() - kEnd : kHeaderEnd;
  whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(at), chunk.begin(), chunk.end());
  return whole;
}

TEST(Exif, OfPngBeforeOrBehindThePixels) {
  const test::DataFolder folder;
  const std::string plain = folder.write_picture("plain.png", 9, 5);
  std::ifstream file(plain, std::ios::binary);
  const ByteVector png((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const bool behind : {false, true}) {
    for (const int type : {3, 4}) {
      const ByteVector turned = with_exif_chunk(png, directory(6, type), behind);
      const auto image = decode_image(turned, "turned");
      ASSERT_TRUE(image.ok()) << image.error().message;
      EXPECT_EQ(image->width, 5);
      EXPECT_EQ(image->height, 9);
      const std::string path =
          folder.write("turned.png", {reinterpret_cast<const char*>(turned.data()), turned.size()});
      EXPECT_EQ(read_image_size(path)->width, 5);
      for (std::size_t size = 0; size < turned.size(); ++size) png_orientation(std::span(turned).first(size));
    }
  }
  EXPECT_EQ(png_orientation(with_exif_chunk(png, directory(6, 2), false)), 1);  // another type
}

TEST(Exif, OfWebpWithAndWithoutTheSignature) {
  for (const bool is_signed : {false, true}) {
    ByteVector exif = directory(8, 3);
    if (is_signed) exif.insert(exif.begin(), {'E', 'x', 'i', 'f', 0, 0});
    ByteVector webp = {'R', 'I', 'F', 'F', 0, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8', ' ', 3, 0, 0, 0, 1, 2, 3, 0};
    webp.insert(webp.end(), {'E', 'X', 'I', 'F', static_cast<std::uint8_t>(exif.size()), 0, 0, 0});
    webp.insert(webp.end(), exif.begin(), exif.end());
    EXPECT_EQ(webp_orientation(webp), 8);
    for (std::size_t size = 0; size < webp.size(); ++size) EXPECT_EQ(webp_orientation(std::span(webp).first(size)), 1);
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
