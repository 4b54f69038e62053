// JPEG 2000 through OpenJPEG: JP2 files and bare codestreams. Alpha is dropped.
#include <fmt/format.h>
#include <openjpeg.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "base/try.h"
#include "media/formats.h"
#include "media/late_library.h"

namespace saker {
namespace {

struct OpenJpeg : LateLibrary {
  OpenJpeg() : LateLibrary("JPEG 2000", SAKER_JPEG2000_LIBRARY) {}
  SAKER_LATE_FUNCTION(opj_create_decompress)
  SAKER_LATE_FUNCTION(opj_decode)
  SAKER_LATE_FUNCTION(opj_destroy_codec)
  SAKER_LATE_FUNCTION(opj_image_destroy)
  SAKER_LATE_FUNCTION(opj_read_header)
  SAKER_LATE_FUNCTION(opj_set_default_decoder_parameters)
  SAKER_LATE_FUNCTION(opj_set_error_handler)
  SAKER_LATE_FUNCTION(opj_setup_decoder)
  SAKER_LATE_FUNCTION(opj_stream_default_create)
  SAKER_LATE_FUNCTION(opj_stream_destroy)
  SAKER_LATE_FUNCTION(opj_stream_set_read_function)
  SAKER_LATE_FUNCTION(opj_stream_set_seek_function)
  SAKER_LATE_FUNCTION(opj_stream_set_skip_function)
  SAKER_LATE_FUNCTION(opj_stream_set_user_data)
  SAKER_LATE_FUNCTION(opj_stream_set_user_data_length)
};

const OpenJpeg& openjpeg() {
  static const OpenJpeg library;
  return library;
}

constexpr OPJ_UINT32 kMostBits = 24;        // more is no picture, and not exact in the library's arithmetic
constexpr OPJ_UINT32 kMostComponents = 4;   // all of them are decoded; others than colours would be of no use
constexpr OPJ_UINT32 kMostSeparation = 16;  // pixels between samples; real ones are 1, 2 or 4

// What OpenJPEG reads from, and what it had to say.
struct Source {
  Bytes bytes;
  std::size_t at = 0;
  bool hit_end = false;
  std::array<char, 200> message = {};
};

OPJ_SIZE_T read_bytes(void* target, OPJ_SIZE_T wanted, void* user) {
  Source& source = *static_cast<Source*>(user);
  const std::size_t taken = std::min(source.bytes.size() - source.at, wanted);
  if (taken == 0) {
    source.hit_end = true;
    return static_cast<OPJ_SIZE_T>(-1);
  }
  std::memcpy(target, source.bytes.data() + source.at, taken);
  source.at += taken;
  return taken;
}

OPJ_OFF_T skip_bytes(OPJ_OFF_T count, void* user) {
  Source& source = *static_cast<Source*>(user);
  if (count < 0 || static_cast<std::uint64_t>(count) > source.bytes.size() - source.at) {
    source.hit_end = true;
    return -1;
  }
  source.at += static_cast<std::size_t>(count);
  return count;
}

OPJ_BOOL seek(OPJ_OFF_T offset, void* user) {
  Source& source = *static_cast<Source*>(user);
  if (offset < 0 || static_cast<std::uint64_t>(offset) > source.bytes.size()) return OPJ_FALSE;
  source.at = static_cast<std::size_t>(offset);
  return OPJ_TRUE;
}

// The first message is the cause.
void keep_message(const char* message, void* user) {
  Source& source = *static_cast<Source*>(user);
  if (source.message[0] == '\0') std::strncpy(source.message.data(), message, source.message.size() - 1);
}

struct CodecDeleter {
  void operator()(opj_codec_t* codec) const { openjpeg().opj_destroy_codec(codec); }
};
struct StreamDeleter {
  void operator()(opj_stream_t* stream) const { openjpeg().opj_stream_destroy(stream); }
};
struct PictureDeleter {
  void operator()(opj_image_t* picture) const { openjpeg().opj_image_destroy(picture); }
};

// A file whose header has been read.
struct Opened {
  std::unique_ptr<opj_codec_t, CodecDeleter> codec;
  std::unique_ptr<opj_stream_t, StreamDeleter> stream;
  std::unique_ptr<opj_image_t, PictureDeleter> picture;
};

Error broken(const Source& source) {
  const std::string_view message = trimmed(source.message.data());
  const bool compares_with_end = message.find("stream length") != std::string_view::npos ||
                                 message.find("bytes remaining") != std::string_view::npos;
  if (source.hit_end || compares_with_end) return {ErrorCode::kInvalid, "truncated JPEG 2000 file"};
  return {ErrorCode::kInvalid, fmt::format("broken JPEG 2000 file: {}", printable_line(message))};
}

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 |
         bytes[at + 3];
}

// Where the codestream begins: at once, or in a box "jp2c" of length, name and contents (ISO/IEC 15444-1, annex I).
std::size_t codestream_begin(Bytes bytes) {
  if (bytes[0] == 0xFF) return 0;
  std::size_t at = 0;
  while (bytes.size() - at >= 16) {
    const bool found = std::memcmp(bytes.data() + at + 4, "jp2c", 4) == 0;
    const std::uint64_t length = big_endian(bytes, at);
    if (found) return at + (length == 1 ? 16 : 8);
    if (length < 8 || length > bytes.size() - at) break;
    at += static_cast<std::size_t>(length);
  }
  return bytes.size();
}

// Each tile has two markers and the first one's segment, so a short file cannot hold many of them; the library would
// take memory for all, and those that are missing for black. The sizes stand behind the markers SOC and SIZ (A.5.1).
bool too_short_for_its_tiles(Bytes bytes) {
  constexpr std::uint64_t kTileBytes = 14;
  const std::size_t sizes = codestream_begin(bytes) + 8;
  if (sizes > bytes.size() || bytes.size() - sizes < 32) return false;  // the library says what is wrong
  const auto tiles_along = [&](std::size_t axis) -> std::uint64_t {
    const std::uint64_t end = big_endian(bytes, sizes + axis), tile = big_endian(bytes, sizes + 16 + axis);
    const std::uint64_t begin = big_endian(bytes, sizes + 24 + axis);
    return tile == 0 || end < begin ? 0 : (end - begin + tile - 1) / tile;
  };
  const std::uint64_t most = bytes.size() / kTileBytes;
  return tiles_along(0) > most || tiles_along(4) > most || tiles_along(0) * tiles_along(4) > most;
}

Result<Opened> open(Source& source) {
  if (too_short_for_its_tiles(source.bytes)) return Error{ErrorCode::kInvalid, "truncated JPEG 2000 file"};
  Opened file;
  const bool bare = source.bytes[0] == 0xFF;
  file.codec.reset(openjpeg().opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2));
  file.stream.reset(openjpeg().opj_stream_default_create(OPJ_TRUE));
  if (file.codec == nullptr || file.stream == nullptr) {
    return Error{ErrorCode::kLimit, "not enough memory to decode the JPEG 2000 file"};
  }
  openjpeg().opj_set_error_handler(file.codec.get(), keep_message, &source);  // without handlers the rest goes nowhere
  openjpeg().opj_stream_set_user_data(file.stream.get(), &source, nullptr);
  openjpeg().opj_stream_set_user_data_length(file.stream.get(), source.bytes.size());
  openjpeg().opj_stream_set_read_function(file.stream.get(), read_bytes);
  openjpeg().opj_stream_set_skip_function(file.stream.get(), skip_bytes);
  openjpeg().opj_stream_set_seek_function(file.stream.get(), seek);
  opj_dparameters_t parameters;
  openjpeg().opj_set_default_decoder_parameters(&parameters);
  opj_image_t* picture = nullptr;
  const bool read = openjpeg().opj_setup_decoder(file.codec.get(), &parameters) != 0 &&
                    openjpeg().opj_read_header(file.stream.get(), file.codec.get(), &picture) != 0;
  file.picture.reset(picture);
  if (!read || picture == nullptr) return broken(source);
  return file;
}

Result<ImageSize> size_of(const opj_image_t& picture, const ImageReadOptions& options) {
  SAKER_ASSIGN(const ImageSize size,
               checked_size(std::int64_t{picture.x1} - picture.x0, std::int64_t{picture.y1} - picture.y0, options));
  for (OPJ_UINT32 i = 0; i < std::min(picture.numcomps, kMostComponents); ++i) {
    const opj_image_comp_t& component = picture.comps[i];
    if (component.prec > kMostBits || component.dx > kMostSeparation || component.dy > kMostSeparation) {
      return Error{ErrorCode::kUnsupported, fmt::format("JPEG 2000 file with {} bits a sample, one for {} x {} pixels",
                                                        component.prec, component.dx, component.dy)};
    }
  }
  if (picture.numcomps == 0 || picture.numcomps > kMostComponents) {
    return Error{ErrorCode::kUnsupported, fmt::format("JPEG 2000 file with {} colour components", picture.numcomps)};
  }
  return size;
}

// How the first components make a colour.
enum class Colors : std::uint8_t { kGrey, kRgb, kYcc, kCmyk };

// Bare codestreams do not say; luminance has more samples than its colour differences.
Result<Colors> colors_of(const opj_image_t& picture) {
  switch (picture.color_space) {
    case OPJ_CLRSPC_GRAY:
      return Colors::kGrey;
    case OPJ_CLRSPC_CMYK:
      if (picture.numcomps >= 4) return Colors::kCmyk;
      break;
    case OPJ_CLRSPC_SYCC:
      if (picture.numcomps >= 3) return Colors::kYcc;
      break;
    case OPJ_CLRSPC_EYCC:
      return Error{ErrorCode::kUnsupported, "JPEG 2000 file of the colour space e-YCC"};
    default:
      break;
  }
  if (picture.numcomps < 3) return Colors::kGrey;
  const opj_image_comp_t &first = picture.comps[0], &second = picture.comps[1];
  return second.dx > first.dx || second.dy > first.dy ? Colors::kYcc : Colors::kRgb;
}

// The samples of a component as bytes at the pixels of the picture; the nearest one where they are fewer.
class Plane {
 public:
  Plane(const opj_image_t& picture, const opj_image_comp_t& component)
      : component_(component),
        top_(picture.y0),
        columns_(picture.x1 - picture.x0),
        offset_(component.sgnd != 0 ? std::int64_t{1} << (component.prec - 1) : 0),
        most_((std::int64_t{1} << component.prec) - 1) {
    for (std::size_t x = 0; x < columns_.size(); ++x) {
      columns_[x] = at(picture.x0, static_cast<std::int64_t>(x), component.dx, component.w);
    }
  }

  bool complete() const { return component_.data != nullptr && component_.w > 0 && component_.h > 0; }

  void row(int y, std::vector<std::uint8_t>& out) const {
    const OPJ_INT32* samples = component_.data + std::size_t{at(top_, y, component_.dy, component_.h)} * component_.w;
    for (std::size_t x = 0; x < out.size(); ++x) out[x] = to_byte(samples[columns_[x]]);
  }

 private:
  static OPJ_UINT32 at(std::int64_t first, std::int64_t pixel, std::int64_t step, OPJ_UINT32 count) {
    const std::int64_t index = (first + pixel) / step - (first + step - 1) / step;
    return static_cast<OPJ_UINT32>(std::clamp<std::int64_t>(index, 0, std::int64_t{count} - 1));
  }

  // The high bits of deep samples; shallow ones are spread until white is 255.
  std::uint8_t to_byte(std::int64_t sample) const {
    const std::int64_t value = std::clamp<std::int64_t>(sample + offset_, 0, most_);
    if (component_.prec >= 8) return static_cast<std::uint8_t>(value >> (component_.prec - 8));
    return static_cast<std::uint8_t>((value * 255 + most_ / 2) / most_);
  }

  const opj_image_comp_t& component_;
  std::int64_t top_;
  std::vector<OPJ_UINT32> columns_;  // the sample of each pixel of a row
  std::int64_t offset_, most_;
};

std::uint8_t rounded(double value) {
  return static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

// One pixel of up to four samples as RGB. The factors are those of JFIF, which is what sYCC has (IEC 61966-2-1).
std::array<std::uint8_t, 3> rgb(Colors colors, const std::array<std::uint8_t, 4>& s) {
  switch (colors) {
    case Colors::kGrey:
      return {s[0], s[0], s[0]};
    case Colors::kRgb:
      return {s[0], s[1], s[2]};
    case Colors::kYcc: {
      const double y = s[0], cb = s[1] - 128.0, cr = s[2] - 128.0;
      return {rounded(y + 1.402 * cr), rounded(y - 0.344136 * cb - 0.714136 * cr), rounded(y + 1.772 * cb)};
    }
    default: {
      const double paper = (255 - s[3]) / 255.0;
      return {rounded((255 - s[0]) * paper), rounded((255 - s[1]) * paper), rounded((255 - s[2]) * paper)};
    }
  }
}

std::size_t components_of(Colors colors) {
  return colors == Colors::kGrey ? 1 : colors == Colors::kCmyk ? 4 : 3;
}

Result<Image> image_of(const opj_image_t& picture, ImageSize size, Colors colors, const Source& source) {
  std::vector<Plane> planes;
  for (std::size_t c = 0; c < components_of(colors); ++c) planes.emplace_back(picture, picture.comps[c]);
  for (const Plane& plane : planes) {
    if (!plane.complete()) return broken(source);
  }
  Image image = blank_image(size.width, size.height);
  std::array<std::vector<std::uint8_t>, 4> rows;
  for (auto& row : rows) row.resize(static_cast<std::size_t>(size.width));
  std::uint8_t* out = image.pixels.data();
  for (int y = 0; y < size.height; ++y) {
    for (std::size_t c = 0; c < planes.size(); ++c) planes[c].row(y, rows[c]);
    for (std::size_t x = 0; x < rows[0].size(); ++x) {
      const auto pixel = rgb(colors, {rows[0][x], rows[1][x], rows[2][x], rows[3][x]});
      out = std::copy(pixel.begin(), pixel.end(), out);
    }
  }
  return image;
}

}  // namespace

Result<ImageSize> jpeg2000_size(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(openjpeg().status());
  Source source{bytes};
  SAKER_ASSIGN(const Opened file, open(source));
  return size_of(*file.picture, options);
}

Result<Image> decode_jpeg2000(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(openjpeg().status());
  Source source{bytes};
  SAKER_ASSIGN(const Opened file, open(source));
  SAKER_ASSIGN(const ImageSize size, size_of(*file.picture, options));
  if (openjpeg().opj_decode(file.codec.get(), file.stream.get(), file.picture.get()) == OPJ_FALSE)
    return broken(source);
  // A palette has become colours only now.
  if (const auto after = size_of(*file.picture, options); !after.ok()) return after.error();
  SAKER_ASSIGN(const Colors colors, colors_of(*file.picture));
  return image_of(*file.picture, size, colors, source);
}

}  // namespace saker
