// Pictures and files that the tests of this folder make for themselves.
#include "support/test_pictures.h"

#include <cstdio>
#include <cstdlib>

// jpeglib.h needs the declarations of <cstdio>.
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <spng.h>
#include <webp/encode.h>

#include <algorithm>
#include <fstream>

namespace saker::test {

Image pattern(int width, int height) {
  Image image;
  image.width = width;
  image.height = height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.pixels.push_back(static_cast<std::uint8_t>(x * 11 + y));
      image.pixels.push_back(static_cast<std::uint8_t>(y * 17 + 40));
      image.pixels.push_back(static_cast<std::uint8_t>((x ^ y) * 5));
    }
  }
  return image;
}

void write_bytes(const std::string& path, const ByteVector& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good()) << path;
}

ByteVector to_bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

void append(ByteVector& bytes, const std::string& text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

void append_le(ByteVector& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void append_be(ByteVector& bytes, std::uint32_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

ByteVector make_jpeg(int width, int height, const ByteVector& samples, const JpegKind& kind) {
  jpeg_compress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = kind.components;
  info.in_color_space = kind.components == 1 ? JCS_GRAYSCALE : kind.components == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, kind.quality, TRUE);
  for (int c = 0; c < info.num_components; ++c) {
    info.comp_info[c].h_samp_factor = 1;
    info.comp_info[c].v_samp_factor = 1;
  }
  info.restart_interval = kind.restart_interval;
  if (kind.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(kind.components);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPLE*>(samples.data() + info.next_scanline * row_bytes);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  ByteVector bytes(buffer, buffer + size);
  std::free(buffer);
  return bytes;
}

ByteVector with_orientation(const ByteVector& jpeg, int orientation, bool big_endian) {
  const auto number = [&](ByteVector& to, std::uint32_t value, int count) {
    big_endian ? append_be(to, value, count) : append_le(to, value, count);
  };
  ByteVector tiff = to_bytes(big_endian ? "MM" : "II");
  number(tiff, 42, 2);
  number(tiff, 8, 4);
  number(tiff, 2, 2);  // entries: one that is not wanted, then the orientation
  for (const std::uint32_t tag : {0x0100U, 0x0112U}) {
    number(tiff, tag, 2);
    number(tiff, 3, 2);
    number(tiff, 1, 4);
    number(tiff, static_cast<std::uint32_t>(orientation), 2);
    number(tiff, 0, 2);
  }
  number(tiff, 0, 4);
  ByteVector result(jpeg.begin(), jpeg.begin() + 2);
  append_be(result, 0xFFE1, 2);
  append_be(result, static_cast<std::uint32_t>(tiff.size() + 8), 2);
  append(result, std::string("Exif\0\0", 6));
  result.insert(result.end(), tiff.begin(), tiff.end());
  result.insert(result.end(), jpeg.begin() + 2, jpeg.end());
  return result;
}

ByteVector make_png(int width, int height, const ByteVector& samples, const PngKind& kind) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header = {};
  header.width = static_cast<std::uint32_t>(width);
  header.height = static_cast<std::uint32_t>(height);
  header.bit_depth = static_cast<std::uint8_t>(kind.bit_depth);
  header.color_type = static_cast<std::uint8_t>(kind.color_type);
  header.interlace_method = kind.interlaced ? 1 : 0;
  EXPECT_EQ(spng_set_ihdr(context, &header), 0);
  if (!kind.palette.empty()) {
    spng_plte palette = {};
    palette.n_entries = static_cast<std::uint32_t>(kind.palette.size() / 3);
    for (std::size_t i = 0; i < palette.n_entries; ++i) {
      palette.entries[i] = {kind.palette[3 * i], kind.palette[3 * i + 1], kind.palette[3 * i + 2], 0};
    }
    EXPECT_EQ(spng_set_plte(context, &palette), 0);
  }
  if (!kind.alphas.empty()) {
    spng_trns transparency = {};
    transparency.n_type3_entries = static_cast<std::uint32_t>(kind.alphas.size());
    std::copy(kind.alphas.begin(), kind.alphas.end(), transparency.type3_alpha);
    EXPECT_EQ(spng_set_trns(context, &transparency), 0);
  }
  EXPECT_EQ(spng_encode_image(context, samples.data(), samples.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
  std::size_t size = 0;
  int code = 0;
  void* buffer = spng_get_png_buffer(context, &size, &code);
  const auto* data = static_cast<const std::uint8_t*>(buffer);
  ByteVector bytes(data, data + size);
  std::free(buffer);
  spng_ctx_free(context);
  return bytes;
}

ByteVector make_png_header(std::uint32_t width, std::uint32_t height) {
  ByteVector chunk = to_bytes("IHDR");
  append_be(chunk, width, 4);
  append_be(chunk, height, 4);
  append(chunk, std::string("\x08\x02\0\0\0", 5));
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : chunk) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  ByteVector bytes = to_bytes("\x89PNG\r\n\x1A\n");
  append_be(bytes, 13, 4);
  bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  append_be(bytes, ~crc, 4);
  append(bytes, std::string(100, '\0'));
  return bytes;
}

ByteVector make_webp(const Image& image, bool lossless) {
  std::uint8_t* buffer = nullptr;
  const int stride = 3 * image.width;
  const std::size_t size = lossless
                               ? WebPEncodeLosslessRGB(image.pixels.data(), image.width, image.height, stride, &buffer)
                               : WebPEncodeRGB(image.pixels.data(), image.width, image.height, stride, 90, &buffer);
  ByteVector bytes(buffer, buffer + size);
  WebPFree(buffer);
  return bytes;
}

ByteVector make_bmp(int width, int height, const ByteVector& pixels, const BmpKind& kind) {
  const auto begin = static_cast<std::uint32_t>(54 + kind.extra.size());
  ByteVector bytes = to_bytes("BM");
  append_le(bytes, begin + static_cast<std::uint32_t>(pixels.size()), 4);
  append_le(bytes, 0, 4);
  append_le(bytes, begin, 4);
  append_le(bytes, 40, 4);
  append_le(bytes, static_cast<std::uint32_t>(width), 4);
  append_le(bytes, static_cast<std::uint32_t>(height), 4);
  append_le(bytes, 1, 2);
  append_le(bytes, static_cast<std::uint32_t>(kind.bits), 2);
  append_le(bytes, static_cast<std::uint32_t>(kind.compression), 4);
  for (int i = 0; i < 5; ++i) append_le(bytes, 0, 4);
  bytes.insert(bytes.end(), kind.extra.begin(), kind.extra.end());
  bytes.insert(bytes.end(), pixels.begin(), pixels.end());
  return bytes;
}

}  // namespace saker::test
