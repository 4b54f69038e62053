// Windows bitmaps: uncompressed, 1 to 32 bits a pixel, with palettes or bit masks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "media/formats.h"

namespace saker {
namespace {

constexpr std::size_t kFileHeaderSize = 14;
constexpr std::size_t kMasksAt = 54;  // after a header of 40 bytes, or inside a longer one
constexpr std::uint32_t kCoreHeaderSize = 12;
constexpr std::uint32_t kRgb = 0;
constexpr std::uint32_t kRle8 = 1;
constexpr std::uint32_t kRle4 = 2;
constexpr std::uint32_t kBitFields = 3;
constexpr std::uint32_t kAlphaBitFields = 6;

using Rgb = std::array<std::uint8_t, 3>;

struct Header {
  std::uint32_t pixels_at = 0;
  std::uint32_t header_size = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;  // negative: the first row is the top one
  std::uint32_t bits = 0;   // of a pixel
  std::uint32_t compression = kRgb;
  std::uint32_t palette_size = 0;  // 0: the most that `bits` allow
  std::array<std::uint32_t, 3> masks = {};

  std::size_t rows() const { return static_cast<std::size_t>(height < 0 ? -height : height); }
  std::size_t row_bytes() const { return (static_cast<std::size_t>(width) * bits + 7) / 8; }
  std::size_t stride() const { return (row_bytes() + 3) / 4 * 4; }
};

Error truncated() {
  return {ErrorCode::kInvalid, "truncated BMP file"};
}
Error broken(const char* what) {
  return {ErrorCode::kInvalid, fmt::format("broken BMP file: {}", what)};
}

std::uint32_t u16(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8;
}
std::uint32_t u32(Bytes bytes, std::size_t at) {
  return u16(bytes, at) | u16(bytes, at + 2) << 16;
}

// One contiguous run of bits.
bool is_mask(std::uint32_t mask) {
  if (mask == 0) return false;
  const std::uint32_t low = mask >> std::countr_zero(mask);
  return (low & (low + 1)) == 0;
}

Status read_masks(Bytes bytes, Header& header) {
  if (header.compression == kRgb) {
    if (header.bits == 16) header.masks = {0x7C00, 0x03E0, 0x001F};
    if (header.bits == 32) header.masks = {0xFF0000, 0x00FF00, 0x0000FF};
    return {};
  }
  if (header.bits != 16 && header.bits != 32) return broken("bit masks need 16 or 32 bits a pixel");
  if (bytes.size() < kMasksAt + 12) return truncated();
  for (std::size_t i = 0; i < 3; ++i) {
    header.masks[i] = u32(bytes, kMasksAt + 4 * i);
    if (!is_mask(header.masks[i])) return broken("a bit mask with gaps or no bits");
  }
  return {};
}

Status check_kind(const Header& header) {
  switch (header.compression) {
    case kRgb:
    case kBitFields:
    case kAlphaBitFields:
      break;
    case kRle8:
    case kRle4:
      return Error{ErrorCode::kUnsupported, "run-length compressed BMP file"};
    default:
      return Error{ErrorCode::kUnsupported, fmt::format("BMP file with compression {}", header.compression)};
  }
  constexpr std::array<std::uint32_t, 6> kDepths = {1, 4, 8, 16, 24, 32};
  if (std::find(kDepths.begin(), kDepths.end(), header.bits) == kDepths.end()) {
    return Error{ErrorCode::kUnsupported, fmt::format("BMP file with {} bits a pixel", header.bits)};
  }
  return {};
}

Result<Header> read_header(Bytes bytes) {
  Header header;
  header.pixels_at = u32(bytes, 10);
  header.header_size = u32(bytes, 14);
  const bool core = header.header_size == kCoreHeaderSize;
  if (bytes.size() < kFileHeaderSize + (core ? kCoreHeaderSize : 40U)) return truncated();
  if (core) {
    header.width = u16(bytes, 18);
    header.height = u16(bytes, 20);
    header.bits = u16(bytes, 24);
  } else {
    header.width = static_cast<std::int32_t>(u32(bytes, 18));
    header.height = static_cast<std::int32_t>(u32(bytes, 22));
    header.bits = u16(bytes, 28);
    header.compression = u32(bytes, 30);
    header.palette_size = u32(bytes, 46);
  }
  if (auto kind = check_kind(header); !kind.ok()) return kind.error();
  if (auto masks = read_masks(bytes, header); !masks.ok()) return masks.error();
  if (header.pixels_at < kFileHeaderSize + header.header_size) return broken("the pixels begin inside the header");
  return header;
}

// Colours that the file does not give are black.
std::array<Rgb, 256> read_palette(Bytes bytes, const Header& header) {
  std::array<Rgb, 256> palette = {};
  const std::size_t entry = header.header_size == kCoreHeaderSize ? 3 : 4;
  const std::size_t at = kFileHeaderSize + header.header_size;
  std::size_t count = std::size_t{1} << header.bits;
  if (header.palette_size != 0) count = std::min<std::size_t>(count, header.palette_size);
  count = std::min(count, (std::min<std::size_t>(header.pixels_at, bytes.size()) - at) / entry);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* bgr = bytes.data() + at + i * entry;
    palette[i] = {bgr[2], bgr[1], bgr[0]};
  }
  return palette;
}

void palette_row(const std::uint8_t* from, const Header& header, const std::array<Rgb, 256>& palette,
                 std::uint8_t* rgb) {
  const std::uint32_t mask = (1U << header.bits) - 1;
  for (std::size_t x = 0; x < static_cast<std::size_t>(header.width); ++x, rgb += 3) {
    const std::size_t bit = x * header.bits;
    const auto shift = static_cast<unsigned>(8 - header.bits - bit % 8);
    std::copy_n(palette[from[bit / 8] >> shift & mask].begin(), 3, rgb);
  }
}

// The bits under the mask, stretched to 0..255.
std::uint8_t masked(std::uint32_t pixel, std::uint32_t mask) {
  const std::uint64_t most = mask >> std::countr_zero(mask);
  const std::uint64_t value = (pixel & mask) >> std::countr_zero(mask);
  if (most > 255) return static_cast<std::uint8_t>(value >> (std::bit_width(most) - 8));
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

void masked_row(const std::uint8_t* from, const Header& header, std::uint8_t* rgb) {
  const std::size_t bytes_per_pixel = header.bits / 8;
  for (std::size_t x = 0; x < static_cast<std::size_t>(header.width); ++x, rgb += 3, from += bytes_per_pixel) {
    const std::uint32_t pixel = bytes_per_pixel == 2 ? u16({from, 2}, 0) : u32({from, 4}, 0);
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = masked(pixel, header.masks[c]);
  }
}

void bgr_row(const std::uint8_t* from, const Header& header, std::uint8_t* rgb) {
  for (std::size_t x = 0; x < static_cast<std::size_t>(header.width); ++x, rgb += 3, from += 3) {
    rgb[0] = from[2];
    rgb[1] = from[1];
    rgb[2] = from[0];
  }
}

}  // namespace

Result<ImageSize> bmp_size(Bytes bytes, const ImageReadOptions& options) {
  auto header = read_header(bytes);
  if (!header.ok()) return header.error();
  return checked_size(header->width, static_cast<std::int64_t>(header->rows()), options);
}

Result<Image> decode_bmp(Bytes bytes, const ImageReadOptions& options) {
  auto read = read_header(bytes);
  if (!read.ok()) return read.error();
  const Header& header = *read;
  const std::int64_t height = header.height < 0 ? -header.height : header.height;
  if (auto size = check_picture_size(header.width, height, options); !size.ok()) return size.error();

  // The padding of the last row may be missing.
  const std::size_t rows = header.rows();
  const std::size_t needed = header.stride() * (rows - 1) + header.row_bytes();
  if (header.pixels_at > bytes.size() || bytes.size() - header.pixels_at < needed) return truncated();

  std::array<Rgb, 256> palette = {};
  if (header.bits <= 8) palette = read_palette(bytes, header);
  Image image = blank_image(header.width, height);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint8_t* from = bytes.data() + header.pixels_at + row * header.stride();
    const std::size_t y = header.height < 0 ? row : rows - 1 - row;
    std::uint8_t* rgb = image.pixels.data() + y * static_cast<std::size_t>(header.width) * 3;
    if (header.bits <= 8) {
      palette_row(from, header, palette, rgb);
    } else if (header.bits == 24) {
      bgr_row(from, header, rgb);
    } else {
      masked_row(from, header, rgb);
    }
  }
  return image;
}

}  // namespace saker
