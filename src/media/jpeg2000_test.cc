// JPEG 2000 files that OpenJPEG writes, lossless.
#include <gtest/gtest.h>
#include <openjpeg.h>

#include <algorithm>
#include <cstring>

#include "support/compare_pictures.h"
#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::decoded;
using test::error_of;
using test::pattern;
using test::widened;

struct Kind {
  bool bare = false;  // a codestream without the boxes of JP2
  unsigned bits = 8;
  OPJ_COLOR_SPACE space = OPJ_CLRSPC_SRGB;
  unsigned halved = 1;  // pixels a side for one sample of the components behind the first
  int tile = 0;
};

// Memory that OpenJPEG writes to.
struct Memory {
  ByteVector bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T write_memory(void* from, OPJ_SIZE_T size, void* user) {
  auto& memory = *static_cast<Memory*>(user);
  memory.bytes.resize(std::max(memory.bytes.size(), memory.at + size));
  std::memcpy(memory.bytes.data() + memory.at, from, size);
  memory.at += size;
  return size;
}

OPJ_OFF_T skip_memory(OPJ_OFF_T count, void* user) {
  static_cast<Memory*>(user)->at += static_cast<std::size_t>(count);
  return count;
}

OPJ_BOOL seek_memory(OPJ_OFF_T offset, void* user) {
  static_cast<Memory*>(user)->at = static_cast<std::size_t>(offset);
  return OPJ_TRUE;
}

opj_image_t* make_picture(unsigned width, unsigned height, const std::vector<std::vector<int>>& planes,
                          const Kind& kind) {
  std::vector<opj_image_cmptparm_t> components(planes.size());
  for (std::size_t c = 0; c < planes.size(); ++c) {
    const unsigned step = c == 0 ? 1 : kind.halved;
    components[c].dx = components[c].dy = step;
    components[c].w = (width + step - 1) / step;
    components[c].h = (height + step - 1) / step;
    components[c].prec = kind.bits;
  }
  opj_image_t* picture = opj_image_create(static_cast<OPJ_UINT32>(planes.size()), components.data(), kind.space);
  picture->x1 = width;
  picture->y1 = height;
  for (std::size_t c = 0; c < planes.size(); ++c) std::copy(planes[c].begin(), planes[c].end(), picture->comps[c].data);
  return picture;
}

ByteVector make_jpeg2000(unsigned width, unsigned height, const std::vector<std::vector<int>>& planes,
                         const Kind& kind = {}) {
  opj_image_t* picture = make_picture(width, height, planes, kind);
  opj_cparameters_t parameters;
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = width < 8 ? 1 : 3;
  parameters.tcp_mct = planes.size() >= 3 && kind.halved == 1 ? 1 : 0;
  if (kind.tile > 0) {
    parameters.tile_size_on = OPJ_TRUE;
    parameters.cp_tdx = parameters.cp_tdy = kind.tile;
  }
  opj_codec_t* codec = opj_create_compress(kind.bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2);
  EXPECT_TRUE(opj_setup_encoder(codec, &parameters, picture));
  Memory memory;
  opj_stream_t* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_user_data(stream, &memory, nullptr);
  opj_stream_set_write_function(stream, write_memory);
  opj_stream_set_skip_function(stream, skip_memory);
  opj_stream_set_seek_function(stream, seek_memory);
  EXPECT_TRUE(opj_start_compress(codec, picture, stream) && opj_encode(codec, stream) &&
              opj_end_compress(codec, stream));
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(picture);
  return memory.bytes;
}

// Samples as `bits` deep ones; the low bits of deep ones are noise.
std::vector<std::vector<int>> planes_of(const Image& image, unsigned bits = 8, std::size_t count = 3) {
  std::vector<std::vector<int>> planes(count);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    for (std::size_t c = 0; c < count; ++c) {
      const int sample = c < 3 ? image.pixels[i + c] : static_cast<int>(i % 256);
      planes[c].push_back((sample << (bits - 8)) + static_cast<int>(i % (std::size_t{1} << (bits - 8))));
    }
  }
  return planes;
}

ByteVector make_plain(const Image& image, const Kind& kind = {}, std::size_t components = 3) {
  return make_jpeg2000(static_cast<unsigned>(image.width), static_cast<unsigned>(image.height),
                       planes_of(image, kind.bits, components), kind);
}

TEST(Jpeg2000, FilesAndCodestreamsOfEveryDepth) {
  const Image image = pattern(37, 21);
  for (const bool bare : {false, true}) {
    for (const unsigned bits : {8U, 12U, 16U}) {
      test::expect_same(decoded(make_plain(image, {.bare = bare, .bits = bits})), image);
    }
    test::expect_same(decoded(make_plain(image, {.bare = bare, .tile = 16})), image);
    test::expect_same(decoded(make_plain(image, {.bare = bare}, 4)), image);  // alpha is dropped
  }
}

TEST(Jpeg2000, GreyIsWidened) {
  const Image image = pattern(37, 21);
  std::vector<std::vector<int>> grey = {planes_of(image)[1]};
  for (const bool bare : {false, true}) {
    const Kind kind = {.bare = bare, .space = OPJ_CLRSPC_GRAY};
    test::expect_same(decoded(make_jpeg2000(37, 21, grey, kind)), widened(image));
    test::expect_same(decoded(make_jpeg2000(37, 21, {grey[0], planes_of(image)[0]}, kind)), widened(image));
  }
  EXPECT_EQ(decoded(make_jpeg2000(4, 1, {{0, 1, 2, 3}}, {.bits = 2, .space = OPJ_CLRSPC_GRAY})).pixels,
            (ByteVector{0, 0, 0, 85, 85, 85, 170, 170, 170, 255, 255, 255}));
}

TEST(Jpeg2000, LuminanceAndHalvedColours) {
  const std::vector<int> luminance = {80, 80, 90, 100, 80, 80, 90, 100};
  for (const bool bare : {false, true}) {
    const Kind kind = {.bare = bare, .space = OPJ_CLRSPC_SYCC, .halved = 2};
    const Image image = decoded(make_jpeg2000(4, 2, {luminance, {128, 100}, {128, 200}}, kind));
    ASSERT_EQ(image.pixels.size(), 24U);
    EXPECT_EQ(image.pixels[0], 80);
    EXPECT_EQ(image.pixels[4], 80);
    EXPECT_EQ(image.pixels[6], 191);  // 90 + 1.402 * 72
    EXPECT_EQ(image.pixels[7], 48);   // 90 + 0.344136 * 28 - 0.714136 * 72
    EXPECT_EQ(image.pixels[8], 40);   // 90 - 1.772 * 28
  }
}

TEST(Jpeg2000, DamagedAndCut) {
  for (const Kind& kind : {Kind{}, Kind{.bare = true}, Kind{.tile = 8}}) {
    const ByteVector bytes = make_plain(pattern(12, 9), kind);
    test::expect_refused_when_cut(bytes, 2);  // the end mark
    test::damage_every_byte(bytes);
  }
}

// The sizes of picture and tiles that the codestream declares, changed.
ByteVector with_sizes(ByteVector bytes, std::uint32_t side, std::uint32_t tile) {
  const ByteVector mark = {0xFF, 0x4F, 0xFF, 0x51};
  const auto at = std::search(bytes.begin(), bytes.end(), mark.begin(), mark.end());
  EXPECT_NE(at, bytes.end());
  ByteVector sides;
  for (const std::uint32_t value : {side, side, 0U, 0U, tile, tile}) test::append_be(sides, value, 4);
  std::copy(sides.begin(), sides.end(), at + 8);
  return bytes;
}

TEST(Jpeg2000, MorePixelsThanAllowedOrHeld) {
  const ByteVector bytes = make_plain(pattern(12, 9), {.bare = true});
  EXPECT_EQ(error_of(bytes, {.max_pixels = 107}).setting, "max_pixels");
  EXPECT_EQ(error_of(with_sizes(bytes, 65535, 65535)).code, ErrorCode::kLimit);
  for (const std::uint32_t tile : {1U, 64U, 9000U})
    EXPECT_EQ(error_of(with_sizes(bytes, 9000, tile)).code, ErrorCode::kInvalid) << tile;
}

}  // namespace
}  // namespace saker
