// AVIF through libavif: the first picture of the file, cropped and turned as the file says. Alpha is dropped.
#include <avif/avif.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "media/exif.h"
#include "media/formats.h"
#include "media/late_library.h"

namespace saker {
namespace {

struct LibAvif : LateLibrary {
  LibAvif() : LateLibrary("AVIF", SAKER_AVIF_LIBRARY) {}
  SAKER_LATE_FUNCTION(avifCropRectConvertCleanApertureBox)
  SAKER_LATE_FUNCTION(avifDecoderCreate)
  SAKER_LATE_FUNCTION(avifDecoderDestroy)
  SAKER_LATE_FUNCTION(avifDecoderNextImage)
  SAKER_LATE_FUNCTION(avifDecoderParse)
  SAKER_LATE_FUNCTION(avifDecoderSetIOMemory)
  SAKER_LATE_FUNCTION(avifImageYUVToRGB)
  SAKER_LATE_FUNCTION(avifRGBImageSetDefaults)
  SAKER_LATE_FUNCTION(avifResultToString)
};

const LibAvif& libavif() {
  static const LibAvif library;
  return library;
}

struct DecoderDeleter {
  void operator()(avifDecoder* decoder) const { libavif().avifDecoderDestroy(decoder); }
};
using Decoder = std::unique_ptr<avifDecoder, DecoderDeleter>;

Error decode_error(avifResult result) {
  switch (result) {
    case AVIF_RESULT_TRUNCATED_DATA:
      return {ErrorCode::kInvalid, "truncated AVIF file"};
    case AVIF_RESULT_OUT_OF_MEMORY:
      return {ErrorCode::kLimit, "not enough memory to decode the AVIF file"};
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
    case AVIF_RESULT_UNSUPPORTED_DEPTH:
    case AVIF_RESULT_NOT_IMPLEMENTED:
      return {ErrorCode::kUnsupported,
              fmt::format("AVIF file of an unsupported kind: {}", libavif().avifResultToString(result))};
    default:
      return {ErrorCode::kInvalid, fmt::format("broken AVIF file: {}", libavif().avifResultToString(result))};
  }
}

// `max_pixels` bounds what the AV1 decoder may take.
Result<Decoder> open(Bytes bytes, std::uint32_t max_pixels) {
  Decoder decoder(libavif().avifDecoderCreate());
  if (decoder == nullptr) return decode_error(AVIF_RESULT_OUT_OF_MEMORY);
  decoder->codecChoice = AVIF_CODEC_CHOICE_DAV1D;  // the one that heeds the limit
  decoder->maxThreads = 1;
  decoder->ignoreExif = AVIF_TRUE;  // its orientation does not count in this format
  decoder->ignoreXMP = AVIF_TRUE;
  decoder->imageSizeLimit = max_pixels;
  avifResult result = libavif().avifDecoderSetIOMemory(decoder.get(), bytes.data(), bytes.size());
  if (result == AVIF_RESULT_OK) result = libavif().avifDecoderParse(decoder.get());
  if (std::string_view(decoder->diag.error).find("too large") != std::string_view::npos) {
    return Error{ErrorCode::kLimit, fmt::format("the AVIF file declares more pixels than the limit of {}", max_pixels)};
  }
  if (result != AVIF_RESULT_OK) return decode_error(result);
  return decoder;
}

// What the container declares, before any pixel is decoded.
Result<ImageSize> stored_size(Bytes bytes, const ImageReadOptions& options) {
  SAKER_ASSIGN(const Decoder decoder, open(bytes, AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
  return checked_size(decoder->image->width, decoder->image->height, options);
}

Result<avifCropRect> crop_of(const avifImage& image, ImageSize size) {
  const auto width = static_cast<std::uint32_t>(size.width), height = static_cast<std::uint32_t>(size.height);
  avifCropRect crop = {0, 0, width, height};
  if ((image.transformFlags & AVIF_TRANSFORM_CLAP) == 0) return crop;
  avifDiagnostics ignored;
  if (libavif().avifCropRectConvertCleanApertureBox(&crop, &image.clap, width, height, image.yuvFormat, &ignored) ==
      AVIF_FALSE) {
    return Error{ErrorCode::kInvalid, "broken AVIF file: it is cropped to nothing"};
  }
  return crop;
}

// Turned first, then mirrored; as EXIF's orientations.
int turn_of(const avifImage& image) {
  constexpr int kTurns[] = {1, 8, 3, 6};  // by quarters anticlockwise
  return (image.transformFlags & AVIF_TRANSFORM_IROT) != 0 ? kTurns[image.irot.angle % 4] : 1;
}
int mirror_of(const avifImage& image) {
  if ((image.transformFlags & AVIF_TRANSFORM_IMIR) == 0) return 1;
  return image.imir.mode == 0 ? 4 : 2;
}

Image cropped(Image image, const avifCropRect& crop) {
  if (static_cast<int>(crop.width) == image.width && static_cast<int>(crop.height) == image.height) return image;
  Image part = blank_image(crop.width, crop.height);
  const std::size_t row = std::size_t{crop.width} * 3, stored_row = static_cast<std::size_t>(image.width) * 3;
  for (std::size_t y = 0; y < crop.height; ++y) {
    std::memcpy(part.pixels.data() + y * row, image.pixels.data() + (crop.y + y) * stored_row + std::size_t{crop.x} * 3,
                row);
  }
  return part;
}

Result<Image> rgb_of(const avifImage& yuv) {
  Image image = blank_image(yuv.width, yuv.height);
  avifRGBImage rgb;
  libavif().avifRGBImageSetDefaults(&rgb, &yuv);
  rgb.depth = 8;
  // Without room for alpha the library would multiply the colours by it.
  const bool alpha = yuv.alphaPlane != nullptr;
  const std::size_t channels = alpha ? 4 : 3, pixels = image.pixels.size() / 3;
  std::vector<std::uint8_t> with_alpha(alpha ? pixels * 4 : 0);
  rgb.format = alpha ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB;
  rgb.pixels = alpha ? with_alpha.data() : image.pixels.data();
  rgb.rowBytes = static_cast<std::uint32_t>(channels * yuv.width);
  if (const avifResult result = libavif().avifImageYUVToRGB(&yuv, &rgb); result != AVIF_RESULT_OK)
    return decode_error(result);
  for (std::size_t i = 0; i < with_alpha.size() / 4; ++i) {
    std::copy_n(with_alpha.data() + 4 * i, 3, image.pixels.data() + 3 * i);
  }
  return image;
}

}  // namespace

Result<ImageSize> avif_size(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(libavif().status());
  SAKER_ASSIGN(const Decoder decoder, open(bytes, AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
  SAKER_ASSIGN(const ImageSize stored, checked_size(decoder->image->width, decoder->image->height, options));
  SAKER_ASSIGN(const avifCropRect crop, crop_of(*decoder->image, stored));
  return upright({static_cast<int>(crop.width), static_cast<int>(crop.height)}, turn_of(*decoder->image));
}

Result<Image> decode_avif(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(libavif().status());
  SAKER_ASSIGN(const ImageSize stored, stored_size(bytes, options));
  const auto pixels = static_cast<std::uint32_t>(std::int64_t{stored.width} * stored.height);
  SAKER_ASSIGN(const Decoder decoder, open(bytes, pixels));
  if (const avifResult result = libavif().avifDecoderNextImage(decoder.get()); result != AVIF_RESULT_OK) {
    return decode_error(result);
  }
  const avifImage& yuv = *decoder->image;
  if (yuv.width != static_cast<std::uint32_t>(stored.width) ||
      yuv.height != static_cast<std::uint32_t>(stored.height)) {
    return Error{ErrorCode::kInvalid, "broken AVIF file: its pixels are not as many as it declares"};
  }
  SAKER_ASSIGN(const avifCropRect crop, crop_of(yuv, stored));
  auto image = rgb_of(yuv);
  if (!image.ok()) return image.error();
  return apply_orientation(apply_orientation(cropped(std::move(*image), crop), turn_of(yuv)), mirror_of(yuv));
}

}  // namespace saker
