// Reads pictures: finds the format by content and hands the bytes to its decoder.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <new>
#include <stdexcept>
#include <string_view>

#include "base/files.h"
#include "base/try.h"
#include "media/formats.h"

namespace saker {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

// Headers end within this, but for JPEG files with large profiles and previews in front.
constexpr std::size_t kHeaderBytes = std::size_t{64} << 10;

struct Format {
  Result<Image> (*decode)(Bytes, const ImageReadOptions&) = nullptr;
  Result<ImageSize> (*size)(Bytes, const ImageReadOptions&) = nullptr;
  bool in_front = true;  // all that the size hangs on stands before the pixels
};

bool has_at(Bytes bytes, std::size_t offset, std::string_view signature) {
  return bytes.size() >= offset + signature.size() &&
         std::equal(signature.begin(), signature.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// "BM" alone could begin a text, so the size of the information header is looked at as well.
bool looks_like_bmp(Bytes bytes) {
  constexpr std::array<std::uint8_t, 7> kHeaderSizes = {12, 40, 52, 56, 64, 108, 124};
  return has_at(bytes, 0, "BM") && has_at(bytes, 15, std::string_view("\0\0\0", 3)) &&
         std::find(kHeaderSizes.begin(), kHeaderSizes.end(), bytes[14]) != kHeaderSizes.end();
}

bool looks_like_pnm(Bytes bytes) {
  if (bytes.size() < 3 || bytes[0] != 'P') return false;
  return std::string_view("2356").find(static_cast<char>(bytes[1])) != std::string_view::npos &&
         std::string_view(" \t\n\v\f\r#").find(static_cast<char>(bytes[2])) != std::string_view::npos;
}

// "II" or "MM", then 42, or 43 for BigTIFF, in that byte order.
bool looks_like_tiff(Bytes bytes) {
  constexpr std::array<std::string_view, 4> kBegins = {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                                       std::string_view("II+\0", 4), std::string_view("MM\0+", 4)};
  return std::ranges::any_of(kBegins, [&](std::string_view begin) { return has_at(bytes, 0, begin); });
}

bool looks_like_gif(Bytes bytes) {
  return has_at(bytes, 0, "GIF87a") || has_at(bytes, 0, "GIF89a");
}

// A box "ftyp" that names a brand of AVIF, first or among those it is compatible with.
bool looks_like_avif(Bytes bytes) {
  if (!has_at(bytes, 4, "ftyp")) return false;
  const std::size_t end = std::min<std::size_t>({bytes.size(), 256, std::size_t{bytes[2]} << 8 | bytes[3]});
  for (std::size_t at = 8; at + 4 <= end; at += 4) {
    if (has_at(bytes, at, "avif") || has_at(bytes, at, "avis")) return true;
  }
  return false;
}

bool looks_like_jpeg2000(Bytes bytes) {
  return has_at(bytes, 0, std::string_view("\0\0\0\x0CjP  \r\n\x87\n", 12)) || has_at(bytes, 0, "\xFF\x4F\xFF\x51");
}

// Formats that a build may lack (cmake/picture_formats.cmake); theirs are empty then.
constexpr Format kTiff = {
#if SAKER_HAS_TIFF
    decode_tiff, tiff_size
#endif
};
constexpr Format kGif = {
#if SAKER_HAS_GIF
    decode_gif, gif_size
#endif
};
constexpr Format kAvif = {
#if SAKER_HAS_AVIF
    decode_avif, avif_size
#endif
};
constexpr Format kJpeg2000 = {
#if SAKER_HAS_JPEG2000
    decode_jpeg2000, jpeg2000_size
#endif
};

struct OptionalFormat {
  const char* name;
  const char* library;
  bool (*is)(Bytes);
  Format format;
};

constexpr std::array<OptionalFormat, 4> kOptionalFormats = {{
    {"TIFF", "libtiff", looks_like_tiff, kTiff},
    {"GIF", "giflib", looks_like_gif, kGif},
    {"AVIF", "libavif", looks_like_avif, kAvif},
    {"JPEG 2000", "OpenJPEG", looks_like_jpeg2000, kJpeg2000},
}};

Error not_a_picture() {
  std::string formats = "JPEG, PNG, WebP, BMP, PPM";
  for (const OptionalFormat& optional : kOptionalFormats) {
    if (optional.format.decode != nullptr) formats += std::string(", ") + optional.name;
  }
  return {ErrorCode::kInvalid, fmt::format("not a picture this build can read ({})", formats)};
}

Result<Format> find_optional_format(Bytes bytes) {
  for (const OptionalFormat& optional : kOptionalFormats) {
    if (!optional.is(bytes)) continue;
    if (optional.format.decode != nullptr) return optional.format;
    return Error{ErrorCode::kUnsupported,
                 fmt::format("this build reads no {}; build it with {}, or convert the picture to PNG or JPEG",
                             optional.name, optional.library)};
  }
  return not_a_picture();
}

Result<Format> find_format(Bytes bytes) {
  if (bytes.empty()) return Error{ErrorCode::kInvalid, "empty, not a picture"};
  if (has_at(bytes, 0, "\xFF\xD8\xFF")) return Format{decode_jpeg, jpeg_size};
  if (has_at(bytes, 0, "\x89PNG")) return Format{decode_png, png_size, false};
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return Format{decode_webp, webp_size, false};
  if (looks_like_bmp(bytes)) return Format{decode_bmp, bmp_size};
  if (looks_like_pnm(bytes)) return Format{decode_pnm, pnm_size};
  return find_optional_format(bytes);
}

Result<Image> decode_by_content(Bytes bytes, const ImageReadOptions& options) {
  SAKER_ASSIGN(const Format format, find_format(bytes));
  auto image = format.decode(bytes, options);
  if (image.ok() && image->file_size.width == 0) image->file_size = {image->width, image->height};
  return image;
}

Result<ImageSize> size_by_content(Bytes bytes, const ImageReadOptions& options) {
  SAKER_ASSIGN(const Format format, find_format(bytes));
  return format.size(bytes, options);
}

Bytes as_bytes(const FileBytes& file) {
  return {reinterpret_cast<const std::uint8_t*>(file.data.get()), file.size};
}

// A file that is no picture is not read to its end.
Result<FileBytes> read_picture_file(const std::string& path, const ImageReadOptions& options) {
  return (options.pipes ? read_named_file : read_file)(path, kMaxFileBytes, may_be_a_picture);
}

Error out_of_memory(const std::string& name) {
  return {ErrorCode::kLimit, fmt::format("{}: not enough memory to decode the picture", name)};
}

}  // namespace

Status may_be_a_picture(std::span<const std::byte> first) {
  SAKER_TRY(find_format({reinterpret_cast<const std::uint8_t*>(first.data()), first.size()}));
  return {};
}

Status check_picture_size(std::int64_t width, std::int64_t height, const ImageReadOptions& options) {
  constexpr std::int64_t kMaxSide = std::numeric_limits<int>::max();
  constexpr std::int64_t kMaxPixels = std::int64_t{1} << 36;  // keeps every size computed from it in range
  const std::int64_t limit = std::min(options.max_pixels, kMaxPixels);
  if (width <= 0 || height <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("the header declares {} x {} pixels", width, height)};
  }
  if (width > kMaxSide || height > kMaxSide || width > limit / height) {
    return Error{
        ErrorCode::kLimit,
        fmt::format("{} x {} pixels are more than the limit of {} pixels (`max_pixels`)", width, height, limit),
        "max_pixels"};
  }
  return {};
}

Result<ImageSize> checked_size(std::int64_t width, std::int64_t height, const ImageReadOptions& options) {
  SAKER_TRY(check_picture_size(width, height, options));
  return ImageSize{static_cast<int>(width), static_cast<int>(height)};
}

Image blank_image(std::int64_t width, std::int64_t height) {
  Image image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  return image;
}

Result<Image> decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                           const ImageReadOptions& options) {
  try {
    auto image = decode_by_content(bytes, options);
    if (!image.ok()) return image.error().with_context(name);
    return image;
  } catch (const std::bad_alloc&) {
    return out_of_memory(name);
  } catch (const std::length_error&) {
    return out_of_memory(name);
  }
}

Result<Image> read_image(const std::string& path, const ImageReadOptions& options) {
  try {
    SAKER_ASSIGN(const FileBytes file, read_picture_file(path, options));
    return decode_image(as_bytes(file), path, options);
  } catch (const std::bad_alloc&) {
    return out_of_memory(path);
  }
}

Result<ImageSize> read_image_size(const std::string& path, const ImageReadOptions& options) {
  try {
    std::error_code ignored;
    const std::uintmax_t file_size = std::filesystem::file_size(path, ignored);
    if (!ignored && file_size > kHeaderBytes) {
      SAKER_ASSIGN(const FileBytes begin, read_file_range(path, 0, kHeaderBytes));
      const auto format = find_format(as_bytes(begin));
      if (format.ok() && format->in_front) {
        if (auto size = format->size(as_bytes(begin), options); size.ok()) return size;
      }
    }
    SAKER_ASSIGN(const FileBytes file, read_picture_file(path, options));
    auto size = size_by_content(as_bytes(file), options);
    if (!size.ok()) return size.error().with_context(path);
    return size;
  } catch (const std::bad_alloc&) {
    return out_of_memory(path);
  }
}

}  // namespace saker
