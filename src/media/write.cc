// Writes pictures: checks the arguments, encodes in memory, then puts the file in place.
#include <fmt/format.h>

#include <new>
#include <stdexcept>

#include "base/files.h"
#include "base/text.h"
#include "media/formats.h"

namespace saker {
namespace {

Status check_view(const ImageView& image) {
  if (image.data == nullptr || image.width <= 0 || image.height <= 0) {
    return Error{ErrorCode::kInvalid, "a picture without pixels cannot be written"};
  }
  const std::ptrdiff_t stride = image.stride_bytes < 0 ? -image.stride_bytes : image.stride_bytes;
  if (image.height > 1 && stride < std::ptrdiff_t{3} * image.width) {
    return Error{ErrorCode::kInvalid, fmt::format("rows of {} pixels cannot lie {} bytes apart", image.width, stride)};
  }
  return {};
}

Result<std::vector<std::uint8_t>> encode(const std::string& path, const ImageView& image, int jpeg_quality) {
  if (auto view = check_view(image); !view.ok()) return view.error();
  const std::string extension = lower_extension(path);
  if (extension == ".png") return encode_png(image);
  if (extension != ".jpg" && extension != ".jpeg") {
    return Error{ErrorCode::kInvalid, "the name of a picture to write must end in .jpg, .jpeg or .png"};
  }
  if (jpeg_quality < 1 || jpeg_quality > 100) {
    return Error{ErrorCode::kInvalid, fmt::format("JPEG quality {} is not in 1..100", jpeg_quality)};
  }
  return encode_jpeg(image, jpeg_quality);
}

}  // namespace

Status write_image(const std::string& path, const ImageView& image, int jpeg_quality) {
  try {
    auto bytes = encode(path, image, jpeg_quality);
    if (!bytes.ok()) return bytes.error().with_context(path);
    return write_file(path, std::as_bytes(std::span<const std::uint8_t>(*bytes)));
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, fmt::format("{}: not enough memory to encode the picture", path)};
  } catch (const std::length_error&) {
    return Error{ErrorCode::kLimit, fmt::format("{}: not enough memory to encode the picture", path)};
  }
}

}  // namespace saker
