// Pictures: 8-bit interleaved pixels, and reading them from files.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace saker {

enum class PixelFormat : std::uint8_t { kRgb, kBgr };  // 3 bytes a pixel

struct ImageSize {
  int width = 0;   // pixels, > 0
  int height = 0;  // pixels, > 0
};

// Somebody else's pixels. Row y starts at data + y * stride_bytes.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;   // pixels, > 0
  int height = 0;  // pixels, > 0
  std::ptrdiff_t stride_bytes = 0;
  PixelFormat format = PixelFormat::kRgb;
  ImageSize file_size = {};  // of the picture that these pixels are a smaller copy of: boxes are in its pixels; 0: they
                             // are all there is
};

// RGB, rows without gaps.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // width * height * 3
  ImageSize file_size = {};  // set by reading; larger if it was decoded smaller (ImageReadOptions::target_width)

  ImageView view() const {
    return {pixels.data(), width, height, std::ptrdiff_t{3} * width, PixelFormat::kRgb, file_size};
  }
};

struct ImageReadOptions {
  // Pictures with more pixels are refused before any of them is decoded (kLimit).
  std::int64_t max_pixels = 100'000'000;
  // If both are set: a JPEG picture that will be made smaller to fit into so many pixels, or with `fill` to fill them
  // with both sides, may be decoded at 1/2, 1/4 or 1/8 of its size, the smallest that need not be made larger again.
  // Takes less time; the pixels are not those of the whole picture made smaller.
  int target_width = 0, target_height = 0;
  bool fill = false;
  // Read what is no regular file, too, a pipe or a device: for a path that somebody typed, not for one that was found.
  bool pipes = false;
};

// JPEG, PNG, WebP, BMP, PPM/PGM, and what the build has of TIFF, GIF, AVIF and JPEG 2000 (the first picture); found by
// content, orientation applied. Grey is widened to RGB, 16 bits become 8 (the high byte), alpha is dropped.
// Errors: kNotFound, kIo (also: not a regular file), kInvalid (broken or unknown format), kLimit. Messages name the
// file.
Result<Image> read_image(const std::string& path, const ImageReadOptions& options = {});

// The same from memory; `name` is used in messages.
Result<Image> decode_image(std::span<const std::uint8_t> bytes, const std::string& name,
                           const ImageReadOptions& options = {});

// The size that read_image would give without a target, from the file's header alone. Pixels that are broken go
// unnoticed.
Result<ImageSize> read_image_size(const std::string& path, const ImageReadOptions& options = {});

// JPEG (quality 1..100) or PNG by the extension of the path. Written to a temporary name first.
Status write_image(const std::string& path, const ImageView& image, int jpeg_quality = 95);

}  // namespace saker
