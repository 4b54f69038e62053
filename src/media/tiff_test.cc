// TIFF files that libtiff writes into memory: every layout gives the pixels that went in.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <algorithm>
#include <cstring>

#include "media/exif.h"
#include "support/compare_pictures.h"
#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::decoded;
using test::error_of;
using test::expect_same;
using test::grey_samples;
using test::pattern;
using test::wide_samples;
using test::widened;

constexpr int kWidth = 37, kHeight = 21;

struct Kind {
  int samples = 3, bits = 8;
  int photometric = PHOTOMETRIC_RGB;
  int compression = COMPRESSION_NONE;
  bool planes = false;
  unsigned rows = 5;  // of a strip
  unsigned tile = 0;  // side of a tile; 0: strips
  int extra = -1;     // what the last sample is
  int orientation = 1;
  ByteVector palette = {};  // RGB
  const char* mode = "w";   // l, b: byte order; 8: BigTIFF
};

// Memory that libtiff writes to.
struct Memory {
  ByteVector bytes;
  std::size_t at = 0;
};

tmsize_t read_memory(thandle_t handle, void* to, tmsize_t size) {
  auto& memory = *static_cast<Memory*>(handle);
  const std::size_t left = memory.bytes.size() - std::min(memory.at, memory.bytes.size());
  const std::size_t count = std::min<std::size_t>(left, static_cast<std::size_t>(size));
  if (count > 0) std::memcpy(to, memory.bytes.data() + memory.at, count);
  memory.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_memory(thandle_t handle, void* from, tmsize_t size) {
  auto& memory = *static_cast<Memory*>(handle);
  const auto count = static_cast<std::size_t>(size);
  memory.bytes.resize(std::max(memory.bytes.size(), memory.at + count));
  std::memcpy(memory.bytes.data() + memory.at, from, count);
  memory.at += count;
  return size;
}

toff_t seek_memory(thandle_t handle, toff_t offset, int whence) {
  auto& memory = *static_cast<Memory*>(handle);
  if (whence == SEEK_CUR) offset += memory.at;
  if (whence == SEEK_END) offset += memory.bytes.size();
  return memory.at = offset;
}

int close_memory(thandle_t /*handle*/) {
  return 0;
}

toff_t size_of_memory(thandle_t handle) {
  return static_cast<Memory*>(handle)->bytes.size();
}

// The part of `samples` (rows of `width` pixels of `each` bytes) that begins at x, y; what lies outside is 0.
ByteVector part_of(const ByteVector& samples, int width, std::size_t each, int x, int y, int part_width,
                   int part_height) {
  ByteVector part(static_cast<std::size_t>(part_width * part_height) * each);
  const int height = static_cast<int>(samples.size() / each) / width;
  for (int row = 0; row < std::min(part_height, height - y); ++row) {
    const auto* from = samples.data() + static_cast<std::size_t>((y + row) * width + x) * each;
    std::memcpy(part.data() + static_cast<std::size_t>(row * part_width) * each, from,
                static_cast<std::size_t>(std::min(part_width, width - x)) * each);
  }
  return part;
}

void write_plane(TIFF* tiff, int width, int height, const ByteVector& samples, std::size_t each, const Kind& kind,
                 std::uint16_t plane) {
  if (kind.tile > 0) {
    const int side = static_cast<int>(kind.tile);
    for (int y = 0; y < height; y += side) {
      for (int x = 0; x < width; x += side) {
        ByteVector tile = part_of(samples, width, each, x, y, side, side);
        TIFFWriteTile(tiff, tile.data(), static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y), 0, plane);
      }
    }
    return;
  }
  const std::size_t row = samples.size() / static_cast<std::size_t>(height);
  for (int y = 0; y < height; ++y) {
    ByteVector bytes(samples.begin() + static_cast<std::ptrdiff_t>(row) * y,
                     samples.begin() + static_cast<std::ptrdiff_t>(row) * (y + 1));
    TIFFWriteScanline(tiff, bytes.data(), static_cast<std::uint32_t>(y), plane);
  }
}

void set_fields(TIFF* tiff, int width, int height, const Kind& kind) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
  if (kind.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 100);
  }
  const auto extra = static_cast<std::uint16_t>(kind.extra);
  if (kind.extra >= 0) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &extra);
  if (kind.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows);
  }
  if (kind.palette.empty()) return;
  std::vector<std::uint16_t> columns[3];
  for (std::size_t i = 0; i < 256; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      columns[c].push_back(
          static_cast<std::uint16_t>(3 * i + c < kind.palette.size() ? kind.palette[3 * i + c] << 8 : 0));
  }
  TIFFSetField(tiff, TIFFTAG_COLORMAP, columns[0].data(), columns[1].data(), columns[2].data());
}

// `samples` are interleaved rows as the file holds them, 16-bit ones in the byte order of the machine.
ByteVector make_tiff(int width, int height, const ByteVector& samples, const Kind& kind = {}, bool preview = false) {
  Memory memory;
  TIFF* tiff = TIFFClientOpen("memory", kind.mode, &memory, read_memory, write_memory, seek_memory, close_memory,
                              size_of_memory, nullptr, nullptr);
  EXPECT_NE(tiff, nullptr);
  set_fields(tiff, width, height, kind);
  if (preview) TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
  const auto count = static_cast<std::size_t>(kind.samples), bytes = static_cast<std::size_t>(kind.bits) / 8;
  if (!kind.planes) {
    write_plane(tiff, width, height, samples, count * bytes, kind, 0);
  } else {
    for (std::size_t plane = 0; plane < count; ++plane) {
      ByteVector one;
      for (std::size_t at = plane * bytes; at < samples.size(); at += count * bytes)
        one.insert(one.end(), samples.begin() + static_cast<std::ptrdiff_t>(at),
                   samples.begin() + static_cast<std::ptrdiff_t>(at + bytes));
      write_plane(tiff, width, height, one, bytes, kind, static_cast<std::uint16_t>(plane));
    }
  }
  TIFFClose(tiff);
  return memory.bytes;
}

ByteVector with_alpha(const ByteVector& pixels, bool multiplied) {
  ByteVector samples;
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    const auto alpha = static_cast<std::uint8_t>(i % 5 == 0 ? 255 : i * 7);
    for (std::size_t c = 0; c < 3; ++c) {
      samples.push_back(static_cast<std::uint8_t>(multiplied ? pixels[i + c] * alpha / 255 : pixels[i + c]));
    }
    samples.push_back(alpha);
  }
  return samples;
}

TEST(Tiff, EveryLayoutAndCompression) {
  const Image image = pattern(kWidth, kHeight);
  for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    for (const Kind& kind :
         {Kind{}, Kind{.rows = 1}, Kind{.rows = 100}, Kind{.tile = 16}, Kind{.planes = true},
          Kind{.planes = true, .tile = 32}, Kind{.mode = "wb"}, Kind{.mode = "w8"}, Kind{.mode = "wb8"}}) {
      Kind compressed = kind;
      compressed.compression = compression;
      expect_same(decoded(make_tiff(kWidth, kHeight, image.pixels, compressed)), image);
    }
  }
  const Kind jpeg = {.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .rows = 16};
  Image flat = image;
  for (std::size_t i = 0; i < flat.pixels.size(); ++i) flat.pixels[i] = i % 3 == 0 ? 200 : 90;
  EXPECT_LE(test::largest_difference(decoded(make_tiff(kWidth, kHeight, flat.pixels, jpeg)), flat), 3);
}

TEST(Tiff, SixteenBitsKeepTheHighByte) {
  const Image image = pattern(kWidth, kHeight);
  for (const Kind& kind : {Kind{.bits = 16}, Kind{.bits = 16, .planes = true}, Kind{.bits = 16, .mode = "wb"}}) {
    expect_same(decoded(make_tiff(kWidth, kHeight, wide_samples(image.pixels), kind)), image);
  }
  const Kind grey = {.samples = 1, .bits = 16, .photometric = PHOTOMETRIC_MINISBLACK};
  expect_same(decoded(make_tiff(kWidth, kHeight, wide_samples(grey_samples(image)), grey)), widened(image));
}

TEST(Tiff, GreyBilevelAndPalette) {
  const Image image = pattern(kWidth, kHeight);
  const ByteVector grey = grey_samples(image);
  expect_same(decoded(make_tiff(kWidth, kHeight, grey, {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK})),
              widened(image));
  ByteVector inverted = grey;
  for (std::uint8_t& sample : inverted) sample = static_cast<std::uint8_t>(255 - sample);
  expect_same(decoded(make_tiff(kWidth, kHeight, inverted, {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE})),
              widened(image));
  const Kind bilevel = {
      .samples = 1, .bits = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4};
  const Image bits = decoded(make_tiff(8, 1, {0b10100001}, bilevel));
  for (std::size_t x = 0; x < 8; ++x) EXPECT_EQ(bits.pixels[3 * x], x == 0 || x == 2 || x == 7 ? 0 : 255);
  const Kind palette = {.samples = 1, .photometric = PHOTOMETRIC_PALETTE, .palette = {10, 20, 30, 200, 150, 100}};
  EXPECT_EQ(decoded(make_tiff(3, 1, {1, 0, 7}, palette)).pixels, (ByteVector{200, 150, 100, 10, 20, 30, 0, 0, 0}));
}

TEST(Tiff, AlphaIsDropped) {
  const Image image = pattern(kWidth, kHeight);
  for (const bool planes : {false, true}) {
    for (const int extra : {EXTRASAMPLE_UNASSALPHA, EXTRASAMPLE_UNSPECIFIED}) {
      const Kind kind = {.samples = 4, .planes = planes, .extra = extra};
      expect_same(decoded(make_tiff(kWidth, kHeight, with_alpha(image.pixels, false), kind)), image);
    }
  }
  const Kind multiplied = {.samples = 4, .extra = EXTRASAMPLE_ASSOCALPHA};
  EXPECT_EQ(decoded(make_tiff(3, 1, {10, 20, 40, 51, 7, 7, 7, 0, 1, 2, 3, 255}, multiplied)).pixels,
            (ByteVector{50, 100, 200, 0, 0, 0, 1, 2, 3}));
  const Kind wide = {.samples = 4, .bits = 16, .extra = EXTRASAMPLE_UNASSALPHA};
  expect_same(decoded(make_tiff(kWidth, kHeight, wide_samples(with_alpha(image.pixels, false)), wide)), image);
}

TEST(Tiff, Inks) {
  const Image image =
      decoded(make_tiff(2, 1, {0, 128, 255, 55, 0, 0, 0, 0}, {.samples = 4, .photometric = PHOTOMETRIC_SEPARATED}));
  EXPECT_EQ(image.pixels, (ByteVector{200, 200 * 127 / 255, 0, 255, 255, 255}));
}

TEST(Tiff, OrientationIsApplied) {
  const Image image = pattern(kWidth, kHeight);
  const test::TempFolder folder;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const ByteVector bytes = make_tiff(kWidth, kHeight, image.pixels, {.orientation = orientation});
    expect_same(decoded(bytes), apply_orientation(image, orientation));
    test::write_bytes(folder.path("turned"), bytes);
    const auto size = read_image_size(folder.path("turned"));
    ASSERT_TRUE(size.ok()) << size.error().message;
    EXPECT_EQ(size->width, orientation >= 5 ? kHeight : kWidth);
  }
}

TEST(Tiff, WhatIsNotReadIsNamed) {
  const Error deep = error_of(make_tiff(4, 1, ByteVector(16), {.samples = 1, .bits = 32, .photometric = 1}));
  EXPECT_EQ(deep.code, ErrorCode::kUnsupported);
  EXPECT_NE(deep.message.find("32-bit"), std::string::npos) << deep.message;
  const Error raw = error_of(make_tiff(4, 1, ByteVector(12), {}, true));
  EXPECT_EQ(raw.code, ErrorCode::kUnsupported);
  EXPECT_NE(raw.message.find("preview"), std::string::npos) << raw.message;
}

TEST(Tiff, DamagedAndCut) {
  const Image image = pattern(12, 9);
  for (const Kind& kind : {Kind{}, Kind{.compression = COMPRESSION_LZW}, Kind{.planes = true, .tile = 16},
                           Kind{.photometric = PHOTOMETRIC_YCBCR, .compression = COMPRESSION_JPEG, .rows = 16}}) {
    const ByteVector bytes = make_tiff(12, 9, image.pixels, kind);
    if (kind.compression != COMPRESSION_JPEG) test::expect_refused_when_cut(bytes, 0);
    test::damage_every_byte(bytes);
  }
}

// A directory of (tag, type, value), with its one strip or tile of no bytes behind it.
ByteVector lying(std::vector<std::array<std::uint32_t, 3>> fields) {
  std::ranges::sort(fields);
  ByteVector bytes = test::to_bytes("II*");
  test::append_le(bytes, 0, 1);
  test::append_le(bytes, 8, 4);
  test::append_le(bytes, static_cast<std::uint32_t>(fields.size()), 2);
  for (const auto& [tag, type, value] : fields) {
    test::append_le(bytes, tag, 2);
    test::append_le(bytes, type, 2);
    test::append_le(bytes, 1, 4);
    test::append_le(bytes, value, 4);
  }
  test::append_le(bytes, 8, 4);  // the next directory: this one again
  bytes.resize(bytes.size() + 100);
  return bytes;
}

ByteVector lying(std::uint32_t width, std::uint32_t height, std::uint32_t samples = 1) {
  return lying({{256, 4, width},
                {257, 4, height},
                {258, 3, 8},
                {262, 3, 1},
                {273, 4, 8},
                {277, 3, samples},
                {278, 4, height},
                {279, 4, 100}});
}

TEST(Tiff, MorePixelsThanAllowedOrHeld) {
  EXPECT_EQ(error_of(lying(65535, 65535)).code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(make_tiff(4, 1, ByteVector(12)), {.max_pixels = 3}).setting, "max_pixels");
  EXPECT_NE(error_of(lying(9000, 9000)).message.find("truncated"), std::string::npos);
  EXPECT_EQ(error_of(lying(9000, 9000, 65535)).code, ErrorCode::kInvalid);
  EXPECT_EQ(error_of(lying(0, 5)).code, ErrorCode::kInvalid);
  const Error tile = error_of(lying({{256, 4, 10},
                                     {257, 4, 10},
                                     {258, 3, 8},
                                     {262, 3, 1},
                                     {277, 3, 1},
                                     {322, 4, 65536},
                                     {323, 4, 65536},
                                     {324, 4, 8},
                                     {325, 4, 100}}));
  EXPECT_EQ(tile.code, ErrorCode::kLimit);
  EXPECT_NE(tile.message.find("tile"), std::string::npos) << tile.message;
}

}  // namespace
}  // namespace saker
