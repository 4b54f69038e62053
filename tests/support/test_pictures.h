// Pictures and files that tests make for themselves.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/temp_folder.h"

namespace saker::test {

using ByteVector = std::vector<std::uint8_t>;

// A picture in which neighbouring pixels and channels differ.
Image pattern(int width, int height);

void write_bytes(const std::string& path, const ByteVector& bytes);
ByteVector to_bytes(const std::string& text);
void append(ByteVector& bytes, const std::string& text);
void append_le(ByteVector& bytes, std::uint32_t value, int count);
void append_be(ByteVector& bytes, std::uint32_t value, int count);

struct JpegKind {
  int components = 3;  // 1 grey, 3 RGB, 4 CMYK (with an Adobe marker)
  int quality = 100;
  bool progressive = false;
  unsigned restart_interval = 0;
};
// `samples` are interleaved. Colour planes have full size.
ByteVector make_jpeg(int width, int height, const ByteVector& samples, const JpegKind& kind = {});

// The JPEG with an EXIF block that holds an orientation.
ByteVector with_orientation(const ByteVector& jpeg, int orientation, bool big_endian);

struct PngKind {
  int bit_depth = 8;
  int color_type = 2;
  bool interlaced = false;
  ByteVector palette = {};  // RGB
  ByteVector alphas = {};   // of the palette
};
// `samples` as the file holds them, but 16-bit ones in the byte order of the machine.
ByteVector make_png(int width, int height, const ByteVector& samples, const PngKind& kind = {});
// Only a signature and a header.
ByteVector make_png_header(std::uint32_t width, std::uint32_t height);

ByteVector make_webp(const Image& image, bool lossless);

struct BmpKind {
  int bits = 24;
  int compression = 0;
  ByteVector extra = {};  // masks or a palette, after the header
};
// `pixels` are rows with padding, as the file holds them.
ByteVector make_bmp(int width, int height, const ByteVector& pixels, const BmpKind& kind = {});

}  // namespace saker::test
