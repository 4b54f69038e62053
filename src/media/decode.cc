// Reads pictures: finds the format by content and hands the bytes to its decoder.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <stdexcept>
#include <string_view>

#include "base/files.h"
#include "media/formats.h"

namespace saker {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

using Decoder = Result<Image> (*)(Bytes, const ImageReadOptions&);

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

Decoder find_decoder(Bytes bytes) {
  if (has_at(bytes, 0, "\xFF\xD8\xFF")) return decode_jpeg;
  if (has_at(bytes, 0, "\x89PNG")) return decode_png;
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return decode_webp;
  if (looks_like_bmp(bytes)) return decode_bmp;
  if (looks_like_pnm(bytes)) return decode_pnm;
  return nullptr;
}

Result<Image> decode_by_content(Bytes bytes, const ImageReadOptions& options) {
  if (bytes.empty()) return Error{ErrorCode::kInvalid, "empty, not a picture"};
  const Decoder decoder = find_decoder(bytes);
  if (decoder == nullptr) {
    return Error{ErrorCode::kInvalid, "not a picture this build can read (JPEG, PNG, WebP, BMP, PPM)"};
  }
  return decoder(bytes, options);
}

Error out_of_memory(const std::string& name) {
  return {ErrorCode::kLimit, fmt::format("{}: not enough memory to decode the picture", name)};
}

}  // namespace

Status check_picture_size(std::int64_t width, std::int64_t height, const ImageReadOptions& options) {
  constexpr std::int64_t kMaxSide = std::numeric_limits<int>::max();
  constexpr std::int64_t kMaxPixels = std::int64_t{1} << 36;  // keeps every size computed from it in range
  const std::int64_t limit = std::min(options.max_pixels, kMaxPixels);
  if (width <= 0 || height <= 0) {
    return Error{ErrorCode::kInvalid, fmt::format("the header declares {} x {} pixels", width, height)};
  }
  if (width > kMaxSide || height > kMaxSide || width > limit / height) {
    return Error{ErrorCode::kLimit,
                 fmt::format("{} x {} pixels are more than the limit of {} pixels", width, height, limit)};
  }
  return {};
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
    auto file = read_file(path, kMaxFileBytes);
    if (!file.ok()) return file.error();
    return decode_image({reinterpret_cast<const std::uint8_t*>(file->data.get()), file->size}, path, options);
  } catch (const std::bad_alloc&) {
    return out_of_memory(path);
  }
}

}  // namespace saker
