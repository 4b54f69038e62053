// PNG through libspng.
#include <fmt/format.h>
#include <spng.h>

#include <cstdlib>
#include <memory>
#include <utility>

#include "media/exif.h"
#include "media/formats.h"

namespace saker {
namespace {

constexpr std::size_t kMaxChunkBytes = std::size_t{64} << 20;  // of texts, profiles and the like
constexpr int kCompressionLevel = 4;

struct ContextDeleter {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, ContextDeleter>;

struct FreeDeleter {
  void operator()(void* memory) const { std::free(memory); }
};

Error decode_error(int code) {
  switch (code) {
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
      return {ErrorCode::kInvalid, "truncated PNG file"};
    case SPNG_EMEM:
      return {ErrorCode::kLimit, "not enough memory to decode the PNG file"};
    case SPNG_ECHUNK_LIMITS:
      return {ErrorCode::kLimit, "the PNG file has too many or too long texts or profiles"};
    case SPNG_EOVERFLOW:
      return {ErrorCode::kLimit, "the PNG file declares more pixels than can be addressed"};
    default:
      return {ErrorCode::kInvalid, fmt::format("broken PNG file: {}", spng_strerror(code))};
  }
}

Error encode_error(int code) {
  return {code == SPNG_EMEM ? ErrorCode::kLimit : ErrorCode::kInternal,
          fmt::format("cannot encode PNG: {}", spng_strerror(code))};
}

// Deflate cannot shrink data by more than 1032 to 1, so a short file cannot hold a huge picture.
bool too_short(const spng_ihdr& header, std::size_t file_size) {
  constexpr double kMaxRatio = 1032.0;
  constexpr int kChannels[] = {1, 0, 3, 1, 2, 0, 4};  // by colour type
  const double bits = static_cast<double>(header.width) * kChannels[header.color_type] * header.bit_depth;
  return bits / 8.0 * header.height > static_cast<double>(file_size) * kMaxRatio;
}

// One row as RGB.
void copy_row_as_rgb(const ImageView& image, int y, std::vector<std::uint8_t>& row) {
  const std::uint8_t* from = image.data + y * image.stride_bytes;
  row.assign(from, from + std::ptrdiff_t{3} * image.width);
  if (image.format != PixelFormat::kBgr) return;
  for (std::size_t i = 0; i < row.size(); i += 3) std::swap(row[i], row[i + 2]);
}

int encode_rows(spng_ctx* context, const ImageView& image) {
  int code = spng_encode_image(context, nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE);
  std::vector<std::uint8_t> row;
  for (int y = 0; y < image.height && code == SPNG_OK; ++y) {
    copy_row_as_rgb(image, y, row);
    code = spng_encode_row(context, row.data(), row.size());
  }
  return code == SPNG_EOI ? SPNG_OK : code;
}

}  // namespace

Result<ImageSize> png_size(Bytes bytes, const ImageReadOptions& options) {
  const Context context(spng_ctx_new(0));
  if (context == nullptr) return decode_error(SPNG_EMEM);
  spng_ihdr header = {};
  int code = spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  if (code == SPNG_OK) code = spng_get_ihdr(context.get(), &header);
  if (code != SPNG_OK) return decode_error(code);
  auto size = checked_size(header.width, header.height, options);
  if (!size.ok()) return size;
  return upright(*size, png_orientation(bytes));
}

Result<Image> decode_png(Bytes bytes, const ImageReadOptions& options) {
  const Context context(spng_ctx_new(0));
  if (context == nullptr) return decode_error(SPNG_EMEM);
  spng_set_chunk_limits(context.get(), kMaxChunkBytes, kMaxChunkBytes);
  if (const int code = spng_set_png_buffer(context.get(), bytes.data(), bytes.size()); code != SPNG_OK) {
    return decode_error(code);
  }
  spng_ihdr header = {};
  if (const int code = spng_get_ihdr(context.get(), &header); code != SPNG_OK) return decode_error(code);
  if (auto size = check_picture_size(header.width, header.height, options); !size.ok()) return size.error();
  if (too_short(header, bytes.size())) return decode_error(SPNG_EOF);

  // libspng keeps the high byte of 16-bit samples and, without SPNG_DECODE_TRNS, drops alpha.
  Image image = blank_image(header.width, header.height);
  const int code = spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_RGB8, 0);
  if (code != SPNG_OK) return decode_error(code);
  return apply_orientation(std::move(image), png_orientation(bytes));
}

Result<std::vector<std::uint8_t>> encode_png(const ImageView& image) {
  const Context context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (context == nullptr) return encode_error(SPNG_EMEM);
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, kCompressionLevel);

  spng_ihdr header = {};
  header.width = static_cast<std::uint32_t>(image.width);
  header.height = static_cast<std::uint32_t>(image.height);
  header.bit_depth = 8;
  header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  int code = spng_set_ihdr(context.get(), &header);
  if (code == SPNG_OK) code = encode_rows(context.get(), image);
  if (code != SPNG_OK) return encode_error(code);

  std::size_t size = 0;
  const std::unique_ptr<void, FreeDeleter> buffer(spng_get_png_buffer(context.get(), &size, &code));
  if (buffer == nullptr || code != SPNG_OK) return encode_error(code);
  const auto* data = static_cast<const std::uint8_t*>(buffer.get());
  return std::vector<std::uint8_t>(data, data + size);
}

}  // namespace saker
