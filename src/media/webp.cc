// WebP through libwebp. Still pictures only; alpha is dropped.
#include <fmt/format.h>
#include <webp/decode.h>

#include <utility>

#include "media/exif.h"
#include "media/formats.h"

namespace saker {
namespace {

Error decode_error(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return {ErrorCode::kInvalid, "truncated WebP file"};
    case VP8_STATUS_OUT_OF_MEMORY:
      return {ErrorCode::kLimit, "not enough memory to decode the WebP file"};
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return {ErrorCode::kUnsupported, "WebP file of an unsupported kind"};
    default:
      return {ErrorCode::kInvalid, "broken WebP file"};
  }
}

// The RIFF header says how long the file is.
bool shorter_than_declared(Bytes bytes) {
  const std::size_t declared =
      std::size_t{bytes[4]} | std::size_t{bytes[5]} << 8 | std::size_t{bytes[6]} << 16 | std::size_t{bytes[7]} << 24;
  return declared + 8 > bytes.size();
}

}  // namespace

Result<ImageSize> webp_size(Bytes bytes, const ImageReadOptions& options) {
  WebPBitstreamFeatures features;
  if (const auto status = WebPGetFeatures(bytes.data(), bytes.size(), &features); status != VP8_STATUS_OK) {
    return decode_error(status);
  }
  auto size = checked_size(features.width, features.height, options);
  if (!size.ok()) return size;
  return upright(*size, webp_orientation(bytes));
}

Result<Image> decode_webp(Bytes bytes, const ImageReadOptions& options) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) {
    return Error{ErrorCode::kInternal, "the installed libwebp does not fit this build"};
  }
  if (const auto status = WebPGetFeatures(bytes.data(), bytes.size(), &config.input); status != VP8_STATUS_OK) {
    return decode_error(status);
  }
  if (auto size = check_picture_size(config.input.width, config.input.height, options); !size.ok()) {
    return size.error();
  }
  if (config.input.has_animation != 0) return Error{ErrorCode::kUnsupported, "animated WebP file"};
  if (shorter_than_declared(bytes)) return decode_error(VP8_STATUS_NOT_ENOUGH_DATA);

  Image image = blank_image(config.input.width, config.input.height);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.pixels.data();
  config.output.u.RGBA.stride = 3 * image.width;
  config.output.u.RGBA.size = image.pixels.size();
  const VP8StatusCode status = WebPDecode(bytes.data(), bytes.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) return decode_error(status);
  return apply_orientation(std::move(image), webp_orientation(bytes));
}

}  // namespace saker
