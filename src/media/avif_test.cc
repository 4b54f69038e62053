// AVIF files that libavif writes.
#include <avif/avif.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "media/exif.h"
#include "support/compare_pictures.h"
#include "support/hurt_pictures.h"

namespace saker {
namespace {

using test::ByteVector;
using test::decoded;
using test::error_of;
using test::largest_difference;
using test::pattern;

struct Kind {
  int depth = 8;
  avifPixelFormat format = AVIF_PIXEL_FORMAT_YUV444;
  bool alpha = false;
  bool lossless = true;
  int pictures = 1;      // the later ones are black
  int quarters = 0;      // anticlockwise
  int mirror = -1;       // 0: top to bottom, 1: left to right
  bool cropped = false;  // to the middle
};

void transform(avifImage* yuv, const Kind& kind) {
  if (kind.quarters > 0) {
    yuv->transformFlags |= AVIF_TRANSFORM_IROT;
    yuv->irot.angle = static_cast<std::uint8_t>(kind.quarters);
  }
  if (kind.mirror >= 0) {
    yuv->transformFlags |= AVIF_TRANSFORM_IMIR;
    yuv->imir.mode = static_cast<std::uint8_t>(kind.mirror);
  }
  if (kind.cropped) {
    yuv->transformFlags |= AVIF_TRANSFORM_CLAP;
    yuv->clap = {yuv->width / 2, 1, yuv->height / 2, 1, 0, 1, 0, 1};
  }
}

avifImage* make_yuv(const Image& image, const Kind& kind) {
  avifImage* yuv = avifImageCreate(static_cast<std::uint32_t>(image.width), static_cast<std::uint32_t>(image.height),
                                   static_cast<std::uint32_t>(kind.depth), kind.format);
  if (kind.lossless) yuv->matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_IDENTITY;
  avifRGBImage rgb;
  avifRGBImageSetDefaults(&rgb, yuv);
  rgb.depth = 8;
  rgb.format = kind.alpha ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  ByteVector samples;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) samples.push_back(image.pixels[i + c]);
    if (kind.alpha) samples.push_back(static_cast<std::uint8_t>(i));
  }
  rgb.pixels = samples.data();
  rgb.rowBytes = static_cast<std::uint32_t>(samples.size()) / yuv->height;
  EXPECT_EQ(avifImageRGBToYUV(yuv, &rgb), AVIF_RESULT_OK);
  transform(yuv, kind);
  return yuv;
}

ByteVector make_avif(const Image& image, const Kind& kind = {}) {
  avifEncoder* encoder = avifEncoderCreate();
  encoder->speed = 10;
  encoder->minQuantizer = encoder->minQuantizerAlpha = 0;
  encoder->maxQuantizer = encoder->maxQuantizerAlpha = kind.lossless ? AVIF_QUANTIZER_LOSSLESS : 10;
  Image black = image;
  std::fill(black.pixels.begin(), black.pixels.end(), std::uint8_t{0});
  for (int i = 0; i < kind.pictures; ++i) {
    avifImage* yuv = make_yuv(i == 0 ? image : black, kind);
    const avifAddImageFlags flags = kind.pictures == 1 ? AVIF_ADD_IMAGE_FLAG_SINGLE : AVIF_ADD_IMAGE_FLAG_NONE;
    EXPECT_EQ(avifEncoderAddImage(encoder, yuv, 1, flags), AVIF_RESULT_OK);
    avifImageDestroy(yuv);
  }
  avifRWData output = AVIF_DATA_EMPTY;
  EXPECT_EQ(avifEncoderFinish(encoder, &output), AVIF_RESULT_OK);
  ByteVector bytes(output.data, output.data + output.size);
  avifRWDataFree(&output);
  avifEncoderDestroy(encoder);
  return bytes;
}

Image flat(int width, int height) {
  Image image = pattern(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = i % 3 == 0 ? 200 : 90;
  return image;
}

TEST(Avif, LosslessWithAndWithoutAlpha) {
  const Image image = pattern(24, 16);
  test::expect_same(decoded(make_avif(image)), image);
  test::expect_same(decoded(make_avif(image, {.alpha = true})), image);
}

TEST(Avif, DepthsAndHalvedColours) {
  const Image image = flat(24, 16);
  for (const int depth : {8, 10, 12}) {
    for (const auto format : {AVIF_PIXEL_FORMAT_YUV420, AVIF_PIXEL_FORMAT_YUV422, AVIF_PIXEL_FORMAT_YUV444}) {
      EXPECT_LE(
          largest_difference(decoded(make_avif(image, {.depth = depth, .format = format, .lossless = false})), image),
          3)
          << depth;
    }
  }
  Image grey = image;
  std::fill(grey.pixels.begin(), grey.pixels.end(), std::uint8_t{77});
  const Kind kind = {.format = AVIF_PIXEL_FORMAT_YUV400, .lossless = false};
  EXPECT_LE(largest_difference(decoded(make_avif(grey, kind)), grey), 2);
}

TEST(Avif, OnlyTheFirstPicture) {
  const Image image = pattern(24, 16);
  test::expect_same(decoded(make_avif(image, {.pictures = 3})), image);
}

TEST(Avif, TurnedThenMirrored) {
  const Image image = pattern(24, 16);
  constexpr int kTurns[] = {1, 8, 3, 6}, kMirrors[] = {1, 4, 2};  // as EXIF has them
  const test::TempFolder folder;
  for (int quarters = 0; quarters < 4; ++quarters) {
    for (int mirror = -1; mirror < 2; ++mirror) {
      const ByteVector bytes = make_avif(image, {.quarters = quarters, .mirror = mirror});
      test::expect_same(decoded(bytes),
                        apply_orientation(apply_orientation(image, kTurns[quarters]), kMirrors[mirror + 1]));
      test::write_bytes(folder.path("turned"), bytes);
      const auto size = read_image_size(folder.path("turned"));
      ASSERT_TRUE(size.ok()) << size.error().message;
      EXPECT_EQ(size->width, quarters % 2 == 1 ? 16 : 24);
    }
  }
}

TEST(Avif, CroppedToItsCleanAperture) {
  const Image image = pattern(24, 16);
  const Image middle = decoded(make_avif(image, {.cropped = true}));
  ASSERT_EQ(middle.width, 12);
  ASSERT_EQ(middle.height, 8);
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(middle.pixels[c], image.pixels[(4 * 24 + 6) * 3 + c]);
}

TEST(Avif, DamagedAndCut) {
  const ByteVector bytes = make_avif(pattern(24, 16), {.alpha = true});
  test::expect_refused_when_cut(bytes, 0);
  test::damage_every_byte(bytes);
}

// The size that the container declares, changed.
ByteVector with_size(ByteVector bytes, std::uint32_t width, std::uint32_t height) {
  const ByteVector name = test::to_bytes("ispe");
  const auto at = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  EXPECT_NE(at, bytes.end());
  ByteVector sides;
  test::append_be(sides, width, 4);
  test::append_be(sides, height, 4);
  std::copy(sides.begin(), sides.end(), at + 8);
  return bytes;
}

TEST(Avif, MorePixelsThanAllowedOrHeld) {
  const ByteVector bytes = make_avif(pattern(24, 16));
  EXPECT_EQ(error_of(bytes, {.max_pixels = 24 * 16 - 1}).setting, "max_pixels");
  EXPECT_EQ(error_of(with_size(bytes, 12000, 12000)).code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(with_size(bytes, 65535, 65535)).code, ErrorCode::kLimit);
  EXPECT_EQ(error_of(with_size(bytes, 8, 8)).code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace saker
