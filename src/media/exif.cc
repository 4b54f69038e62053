// EXIF orientation, by a bounded walk over the markers or chunks of the file and one TIFF directory.
// Facts: CIPA DC-008 (Exif 3.0), PNG third edition (eXIf), Google's WebP container specification (EXIF).
#include "media/exif.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "media/formats.h"

namespace saker {
namespace {

constexpr std::array<std::uint8_t, 6> kExifSignature = {'E', 'x', 'i', 'f', 0, 0};
constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShortType = 3, kLongType = 4;  // some writers store a LONG

// Big or little endian integers; reads past the end give 0.
class TiffReader {
 public:
  TiffReader(Bytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::uint32_t u16(std::size_t offset) const { return read(offset, 2); }
  std::uint32_t u32(std::size_t offset) const { return read(offset, 4); }

 private:
  std::uint32_t read(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value = value << 8 | bytes_[offset + (big_endian_ ? i : count - 1 - i)];
    }
    return value;
  }

  Bytes bytes_;
  bool big_endian_;
};

int tiff_orientation(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const bool big_endian = tiff[0] == 'M' && tiff[1] == 'M';
  if (!big_endian && !(tiff[0] == 'I' && tiff[1] == 'I')) return 1;
  const TiffReader reader(tiff, big_endian);
  if (reader.u16(2) != 42) return 1;
  const std::size_t directory = reader.u32(4);
  const std::size_t entries = reader.u16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (reader.u16(entry) != kOrientationTag) continue;
    const std::uint32_t type = reader.u16(entry + 2);
    const std::uint32_t value = type == kLongType ? reader.u32(entry + 8) : reader.u16(entry + 8);
    const bool valid = (type == kShortType || type == kLongType) && value >= 1 && value <= 8;
    return valid ? static_cast<int>(value) : 1;
  }
  return 1;
}

bool has_name(Bytes bytes, std::size_t offset, const char* name) {
  return std::memcmp(bytes.data() + offset, name, 4) == 0;
}

bool has_signature(Bytes exif) {
  return exif.size() >= kExifSignature.size() &&
         std::memcmp(exif.data(), kExifSignature.data(), kExifSignature.size()) == 0;
}

// A TIFF directory, with or without the signature that JPEG files put in front.
int exif_orientation(Bytes exif) {
  return tiff_orientation(has_signature(exif) ? exif.subspan(kExifSignature.size()) : exif);
}

}  // namespace

// Chunks of length, name, data and checksum behind the signature.
int png_orientation(Bytes png) {
  const TiffReader reader(png, true);
  constexpr std::size_t kSignature = 8, kAround = 12;
  for (std::size_t at = kSignature; at <= png.size() && png.size() - at >= kAround;) {
    const std::size_t length = reader.u32(at);
    if (length > png.size() - at - kAround || has_name(png, at + 4, "IEND")) return 1;
    if (has_name(png, at + 4, "eXIf")) return exif_orientation(png.subspan(at + 8, length));
    at += kAround + length;
  }
  return 1;
}

// Chunks of name, length and data, padded to even lengths, behind "RIFF", the length and "WEBP".
int webp_orientation(Bytes webp) {
  const TiffReader reader(webp, false);
  constexpr std::size_t kSignature = 12, kHeader = 8;
  for (std::size_t at = kSignature; at <= webp.size() && webp.size() - at >= kHeader;) {
    const std::size_t length = reader.u32(at + 4);
    if (length > webp.size() - at - kHeader) return 1;
    if (has_name(webp, at, "EXIF")) return exif_orientation(webp.subspan(at + kHeader, length));
    at += kHeader + length + length % 2;
  }
  return 1;
}

int jpeg_orientation(Bytes jpeg) {
  std::size_t at = 2;  // after the start-of-image marker
  while (at < jpeg.size() && jpeg.size() - at >= 4) {
    if (jpeg[at] != 0xFF || jpeg[at + 1] == 0xFF) {  // between segments, or a fill byte
      ++at;
      continue;
    }
    const std::uint8_t marker = jpeg[at + 1];
    if (marker == 0xDA || marker == 0xD9) return 1;              // pixels begin, or the end
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // no length follows
      at += 2;
      continue;
    }
    const std::size_t length = std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
    if (length < 2 || length > jpeg.size() - at - 2) return 1;
    const Bytes body = jpeg.subspan(at + 4, length - 2);
    if (marker == 0xE1 && has_signature(body)) return tiff_orientation(body.subspan(kExifSignature.size()));
    at += 2 + length;
  }
  return 1;
}

Image apply_orientation(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // Orientations 5..8 swap the axes; the others mirror one or both.
  const bool transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  Image upright = transposed ? blank_image(image.height, image.width) : blank_image(image.width, image.height);
  const std::ptrdiff_t stored_row = std::ptrdiff_t{3} * image.width;
  const std::ptrdiff_t step_x = from_right ? -3 : 3;
  const std::ptrdiff_t step_y = from_bottom ? -stored_row : stored_row;
  const std::ptrdiff_t first = (from_right ? stored_row - 3 : 0) + (from_bottom ? stored_row * (image.height - 1) : 0);
  const std::ptrdiff_t along = transposed ? step_y : step_x;
  const std::ptrdiff_t down = transposed ? step_x : step_y;

  std::uint8_t* out = upright.pixels.data();
  for (int y = 0; y < upright.height; ++y) {
    std::ptrdiff_t from = first + y * down;
    for (int x = 0; x < upright.width; ++x, from += along, out += 3) {
      std::memcpy(out, image.pixels.data() + from, 3);
    }
  }
  return upright;
}

}  // namespace saker
