// GIF files written by hand: the first picture, on its canvas.
#include <gtest/gtest.h>

#include <chrono>

#include "support/compare_pictures.h"
#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::decoded;
using test::error_of;

// Colours of three bytes; a power of two of them, at least two.
const ByteVector kColors = {10, 20, 30, 200, 0, 0, 0, 200, 0, 0, 0, 200};
const ByteVector kOthers = {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4};
// 4 x 3 pixels.
const ByteVector kIndices = {1, 2, 3, 0, 0, 1, 2, 3, 3, 3, 1, 1};

struct Kind {
  int canvas_width = 4, canvas_height = 3;
  int left = 0, top = 0, width = 4, height = 3;
  ByteVector colors = kColors;  // of the file
  ByteVector own_colors = {};   // of the picture
  int transparent = -1;
  bool interlaced = false;
};

int table_bits(const ByteVector& colors) {
  int bits = 0;
  while ((std::size_t{2} << bits) * 3 < colors.size()) ++bits;
  return bits;
}

// Codes of nine bits, with the table of strings cleared before it grows.
ByteVector compressed(const ByteVector& indices) {
  ByteVector data;
  std::uint32_t waiting = 0;
  int bits = 0;
  const auto put = [&](std::uint32_t code) {
    waiting |= code << bits;
    for (bits += 9; bits >= 8; bits -= 8, waiting >>= 8) data.push_back(static_cast<std::uint8_t>(waiting));
  };
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (i % 200 == 0) put(256);
    put(indices[i]);
  }
  put(257);
  if (bits > 0) data.push_back(static_cast<std::uint8_t>(waiting));
  ByteVector blocks = {8};
  for (std::size_t at = 0; at < data.size(); at += 255) {
    const std::size_t size = std::min<std::size_t>(255, data.size() - at);
    blocks.push_back(static_cast<std::uint8_t>(size));
    blocks.insert(blocks.end(), data.begin() + static_cast<std::ptrdiff_t>(at),
                  data.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  blocks.push_back(0);
  return blocks;
}

// One picture, without the file's header and end.
ByteVector make_frame(const Kind& kind, const ByteVector& indices) {
  ByteVector bytes;
  if (kind.transparent >= 0)
    bytes.insert(bytes.end(), {0x21, 0xF9, 4, 1, 0, 0, static_cast<std::uint8_t>(kind.transparent), 0});
  bytes.push_back(',');
  for (const int value : {kind.left, kind.top, kind.width, kind.height})
    test::append_le(bytes, static_cast<std::uint32_t>(value), 2);
  const int own = kind.own_colors.empty() ? 0 : 0x80 | table_bits(kind.own_colors);
  bytes.push_back(static_cast<std::uint8_t>(own | (kind.interlaced ? 0x40 : 0)));
  bytes.insert(bytes.end(), kind.own_colors.begin(), kind.own_colors.end());
  const ByteVector data = compressed(indices);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

ByteVector make_header(const Kind& kind) {
  ByteVector bytes = test::to_bytes("GIF89a");
  test::append_le(bytes, static_cast<std::uint32_t>(kind.canvas_width), 2);
  test::append_le(bytes, static_cast<std::uint32_t>(kind.canvas_height), 2);
  bytes.push_back(static_cast<std::uint8_t>(kind.colors.empty() ? 0 : 0x80 | table_bits(kind.colors)));
  bytes.insert(bytes.end(), {2, 0});  // a background colour, which nobody paints
  bytes.insert(bytes.end(), kind.colors.begin(), kind.colors.end());
  return bytes;
}

ByteVector make_gif(const Kind& kind = {}, const ByteVector& indices = kIndices) {
  ByteVector bytes = make_header(kind);
  const ByteVector frame = make_frame(kind, indices);
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  bytes.push_back(';');
  return bytes;
}

// Pixels of colours.
ByteVector painted(const ByteVector& indices, const ByteVector& colors) {
  ByteVector pixels;
  for (const std::size_t index : indices) {
    for (std::size_t c = 0; c < 3; ++c) pixels.push_back(3 * index + c < colors.size() ? colors[3 * index + c] : 0);
  }
  return pixels;
}

TEST(Gif, ColoursOfTheFileOrOfThePicture) {
  EXPECT_EQ(decoded(make_gif()).pixels, painted(kIndices, kColors));
  EXPECT_EQ(decoded(make_gif({.own_colors = kOthers})).pixels, painted(kIndices, kOthers));
  EXPECT_EQ(decoded(make_gif({.colors = {}, .own_colors = kOthers})).pixels, painted(kIndices, kOthers));
  EXPECT_EQ(decoded(make_gif({.colors = {}})).pixels[0], 1);  // neither: greys
  EXPECT_EQ(decoded(make_gif({.colors = ByteVector(kColors.begin(), kColors.begin() + 6)})).pixels,
            painted(kIndices, ByteVector(kColors.begin(), kColors.begin() + 6)));  // indices without a colour
}

TEST(Gif, InterlacedRowsComeInOrder) {
  ByteVector stored, expected;
  for (const int row : {0, 8, 4, 2, 6, 1, 3, 5, 7}) stored.insert(stored.end(), 2, static_cast<std::uint8_t>(row % 4));
  for (std::uint8_t row = 0; row < 9; ++row) expected.insert(expected.end(), 2, row % 4);
  const Kind kind = {.canvas_width = 2, .canvas_height = 9, .width = 2, .height = 9, .interlaced = true};
  EXPECT_EQ(decoded(make_gif(kind, stored)).pixels, painted(expected, kColors));
}

TEST(Gif, ASmallerPictureStandsOnItsCanvas) {
  const Kind kind = {.canvas_width = 6, .canvas_height = 5, .left = 1, .top = 2, .transparent = 3};
  const Image image = decoded(make_gif(kind));
  ASSERT_EQ(image.width, 6);
  ASSERT_EQ(image.height, 5);
  ByteVector around(30, 3);  // the transparent colour
  for (std::size_t i = 0; i < kIndices.size(); ++i) around[(2 + i / 4) * 6 + 1 + i % 4] = kIndices[i];
  EXPECT_EQ(image.pixels, painted(around, kColors));
  const Image opaque = decoded(make_gif({.canvas_width = 6, .canvas_height = 5, .left = 1, .top = 2}));
  EXPECT_EQ(opaque.pixels[0], kColors[0]);
}

TEST(Gif, ACanvasThatIsTooSmallGrows) {
  const Image image = decoded(make_gif({.canvas_width = 3, .canvas_height = 2, .left = 2, .top = 1}));
  EXPECT_EQ(image.width, 6);
  EXPECT_EQ(image.height, 4);
}

TEST(Gif, OnlyTheFirstOfAMillionPicturesIsRead) {
  ByteVector bytes = make_header({});
  const ByteVector first = make_frame({}, kIndices), other = make_frame({.width = 1, .height = 1}, {2});
  bytes.insert(bytes.end(), first.begin(), first.end());
  for (int i = 0; i < 1'000'000; ++i) bytes.insert(bytes.end(), other.begin(), other.end());
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(decoded(bytes).pixels, painted(kIndices, kColors));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
}

TEST(Gif, DamagedAndCut) {
  test::expect_refused_when_cut(make_gif({.own_colors = kOthers, .transparent = 1}), 1);  // the end mark
  test::damage_every_byte(make_gif({.own_colors = kOthers, .transparent = 1}));
  EXPECT_EQ(error_of(test::to_bytes("GIF89a\x04\x00\x03\x00\x00\x00\x00;")).code, ErrorCode::kInvalid);
}

TEST(Gif, MorePixelsThanAllowedOrHeld) {
  EXPECT_EQ(error_of(make_gif(), {.max_pixels = 11}).code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(make_gif({.canvas_width = 65535, .canvas_height = 65535})).code, ErrorCode::kLimit);
  const Kind huge = {.canvas_width = 9000, .canvas_height = 9000, .width = 9000, .height = 9000};
  EXPECT_NE(error_of(make_gif(huge)).message.find("truncated"), std::string::npos);
  EXPECT_EQ(error_of(make_gif({.width = 0})).code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace saker
