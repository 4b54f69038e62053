// TIFF through libtiff: the first picture of the file.
//
// Its RGBA interface knows every layout (strips, tiles, planes, palettes, inks, JPEG inside). Two of its tables are
// replaced, because it multiplies colours by their alpha and rounds 16-bit samples, where our other readers drop the
// one and keep the high byte of the other. It is asked band by band, so that only files of one strip need all pixels
// twice.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "media/exif.h"
#include "media/formats.h"
#include "media/late_library.h"

namespace saker {
namespace {

struct LibTiff : LateLibrary {
  LibTiff() : LateLibrary("TIFF", SAKER_TIFF_LIBRARY) {}
  SAKER_LATE_FUNCTION(TIFFClientOpenExt)
  SAKER_LATE_FUNCTION(TIFFClose)
  SAKER_LATE_FUNCTION(TIFFGetField)
  SAKER_LATE_FUNCTION(TIFFGetFieldDefaulted)
  SAKER_LATE_FUNCTION(TIFFIsTiled)
  SAKER_LATE_FUNCTION(TIFFOpenOptionsAlloc)
  SAKER_LATE_FUNCTION(TIFFOpenOptionsFree)
  SAKER_LATE_FUNCTION(TIFFOpenOptionsSetErrorHandlerExtR)
  SAKER_LATE_FUNCTION(TIFFOpenOptionsSetMaxSingleMemAlloc)
  SAKER_LATE_FUNCTION(TIFFOpenOptionsSetWarningHandlerExtR)
  SAKER_LATE_FUNCTION(TIFFRGBAImageBegin)
  SAKER_LATE_FUNCTION(TIFFRGBAImageEnd)
  SAKER_LATE_FUNCTION(TIFFRGBAImageGet)
  SAKER_LATE_FUNCTION(TIFFRGBAImageOK)
};

const LibTiff& libtiff() {
  static const LibTiff library;
  return library;
}

constexpr std::int64_t kFewestLimitPixels = std::int64_t{1} << 20;  // what a picture below the limit may be padded to
constexpr int kMostSampleBytes = 8;                                 // RGBA of 16 bits

// What libtiff reads from, and what it had to say.
struct Source {
  Bytes bytes;
  std::uint64_t at = 0;
  bool hit_end = false;
  std::array<char, 200> message = {};
};

Source& source_of(thandle_t handle) {
  return *static_cast<Source*>(handle);
}

tmsize_t read_bytes(thandle_t handle, void* target, tmsize_t size) {
  Source& source = source_of(handle);
  const std::uint64_t left = source.at < source.bytes.size() ? source.bytes.size() - source.at : 0;
  const std::uint64_t wanted = static_cast<std::uint64_t>(std::max<tmsize_t>(size, 0));
  const std::uint64_t taken = std::min(left, wanted);
  if (taken < wanted) source.hit_end = true;
  if (taken > 0) std::memcpy(target, source.bytes.data() + source.at, taken);
  source.at += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t write_nothing(thandle_t /*handle*/, void* /*bytes*/, tmsize_t /*size*/) {
  return 0;
}

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Source& source = source_of(handle);
  if (whence == SEEK_CUR) offset += source.at;
  if (whence == SEEK_END) offset += source.bytes.size();
  return source.at = offset;
}

int close_nothing(thandle_t /*handle*/) {
  return 0;
}

// The pixels are read from the bytes as they lie there.
int map_bytes(thandle_t handle, void** base, toff_t* size) {
  const Bytes bytes = source_of(handle).bytes;
  *base = const_cast<std::uint8_t*>(bytes.data());  // the library's type; it only reads
  *size = bytes.size();
  return 1;
}

void unmap_nothing(thandle_t /*handle*/, void* /*base*/, toff_t /*size*/) {}

toff_t size_of_source(thandle_t handle) {
  return source_of(handle).bytes.size();
}

// The first message is the cause. 1: the handlers of the whole process, which print, are not asked.
int keep_message(TIFF* /*tiff*/, void* user, const char* /*module*/, const char* format, va_list values) {
  Source& source = *static_cast<Source*>(user);
  if (source.message[0] == '\0') std::vsnprintf(source.message.data(), source.message.size(), format, values);
  return 1;
}

int ignore_warning(TIFF* /*tiff*/, void* /*user*/, const char* /*module*/, const char* /*format*/, va_list /*values*/) {
  return 1;
}

struct TiffCloser {
  void operator()(TIFF* tiff) const { libtiff().TIFFClose(tiff); }
};
using Tiff = std::unique_ptr<TIFF, TiffCloser>;

struct OptionsDeleter {
  void operator()(TIFFOpenOptions* options) const { libtiff().TIFFOpenOptionsFree(options); }
};

// A strip or tile may not take more than a picture at the limit.
Tiff open(Source& source, const ImageReadOptions& options) {
  const std::unique_ptr<TIFFOpenOptions, OptionsDeleter> opening(libtiff().TIFFOpenOptionsAlloc());
  if (opening == nullptr) return nullptr;
  const std::int64_t pixels = std::clamp(options.max_pixels, kFewestLimitPixels, std::int64_t{1} << 36);
  libtiff().TIFFOpenOptionsSetMaxSingleMemAlloc(opening.get(), pixels * kMostSampleBytes);
  libtiff().TIFFOpenOptionsSetErrorHandlerExtR(opening.get(), keep_message, &source);
  libtiff().TIFFOpenOptionsSetWarningHandlerExtR(opening.get(), ignore_warning, &source);
  return Tiff(libtiff().TIFFClientOpenExt("picture", "r", &source, read_bytes, write_nothing, seek, close_nothing,
                                          size_of_source, map_bytes, unmap_nothing, opening.get()));
}

// libtiff tells where reading stopped, not that the file ends there.
bool is_truncated(const Source& source) {
  const std::string_view message = source.message.data();
  return source.hit_end || std::ranges::any_of(std::array{"Read error", "Can not read", "Not enough data", "xpected"},
                                               [&](const char* word) { return message.find(word) != message.npos; });
}

Error broken(const Source& source) {
  if (is_truncated(source)) return {ErrorCode::kInvalid, "truncated TIFF file"};
  const bool silent = source.message[0] == '\0';
  return {ErrorCode::kInvalid,
          fmt::format("broken TIFF file{}{}", silent ? "" : ": ", printable_line(source.message.data()))};
}

template <typename T>
T field(TIFF* tiff, std::uint32_t tag, T otherwise) {
  T value = otherwise;
  return libtiff().TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

int orientation_of(TIFF* tiff) {
  return field<std::uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
}

// As stored, with what decoding would take checked.
Result<ImageSize> stored_size(TIFF* tiff, const ImageReadOptions& options) {
  // The files of cameras hold a small preview first, and the picture in a form of their own.
  if ((field<std::uint32_t>(tiff, TIFFTAG_SUBFILETYPE, 0) & FILETYPE_REDUCEDIMAGE) != 0) {
    return Error{ErrorCode::kUnsupported,
                 "TIFF file whose first picture is only a preview, as in raw files of cameras; "
                 "export the picture as JPEG, PNG or plain TIFF"};
  }
  auto size = checked_size(field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0),
                           field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0), options);
  if (!size.ok() || libtiff().TIFFIsTiled(tiff) == 0) return size;
  const std::int64_t width = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
  const std::int64_t height = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
  ImageReadOptions for_tile = options;
  for_tile.max_pixels = std::max(options.max_pixels, kFewestLimitPixels);
  if (const Status tile = check_picture_size(width, height, for_tile); !tile.ok()) {
    return tile.error().with_context("a tile of the TIFF file");
  }
  return size;
}

// libtiff's reader of RGBA pixels, with tables of ours.
class RgbaReader {
 public:
  RgbaReader() = default;
  ~RgbaReader() {
    if (begun_) libtiff().TIFFRGBAImageEnd(&state_);
  }
  RgbaReader(const RgbaReader&) = delete;
  RgbaReader& operator=(const RgbaReader&) = delete;

  Status begin(TIFF* tiff) {
    std::array<char, 1024> why = {};
    if (libtiff().TIFFRGBAImageOK(tiff, why.data()) == 0 ||
        libtiff().TIFFRGBAImageBegin(&state_, tiff, 1, why.data()) == 0) {
      return Error{ErrorCode::kUnsupported,
                   fmt::format("TIFF file of an unsupported kind: {}", printable_line(why.data()))};
    }
    begun_ = true;
    state_.orientation = state_.req_orientation = ORIENTATION_TOPLEFT;  // rows as stored
    for (std::size_t i = 0; i < 65536; ++i) {
      if (state_.UaToAa != nullptr) state_.UaToAa[i] = static_cast<std::uint8_t>(i);  // [alpha][sample]
      if (state_.Bitdepth16To8 != nullptr) state_.Bitdepth16To8[i] = static_cast<std::uint8_t>(i >> 8);
    }
    return {};
  }

  // Rows from `first` on, one of their pixels a word, as TIFFGetR and its like take it.
  bool read(int first, int rows, std::uint32_t* raster) {
    state_.row_offset = first;
    return libtiff().TIFFRGBAImageGet(&state_, raster, state_.width, static_cast<std::uint32_t>(rows)) != 0;
  }

 private:
  TIFFRGBAImage state_ = {};
  bool begun_ = false;
};

bool alpha_is_multiplied_in(TIFF* tiff) {
  std::uint16_t count = 0;
  const std::uint16_t* kinds = nullptr;
  return libtiff().TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0 &&
         kinds[0] == EXTRASAMPLE_ASSOCALPHA;
}

std::uint8_t divided(std::uint32_t sample, std::uint32_t alpha) {
  if (alpha == 0 || alpha == 255) return static_cast<std::uint8_t>(alpha == 0 ? 0 : sample);
  return static_cast<std::uint8_t>(std::min(sample * 255 / alpha, 255U));
}

void put(const std::uint32_t* raster, std::size_t pixels, bool divide, std::uint8_t* out) {
  for (std::size_t i = 0; i < pixels; ++i, out += 3) {
    const std::uint32_t pixel = raster[i], alpha = divide ? TIFFGetA(pixel) : 255;
    out[0] = divided(TIFFGetR(pixel), alpha);
    out[1] = divided(TIFFGetG(pixel), alpha);
    out[2] = divided(TIFFGetB(pixel), alpha);
  }
}

int rows_of_band(TIFF* tiff, int height) {
  const bool tiled = libtiff().TIFFIsTiled(tiff) != 0;
  const auto rows = field<std::uint32_t>(tiff, tiled ? TIFFTAG_TILELENGTH : TIFFTAG_ROWSPERSTRIP, 0);
  return rows == 0 || rows > static_cast<std::uint32_t>(height) ? height : static_cast<int>(rows);
}

}  // namespace

Result<ImageSize> tiff_size(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(libtiff().status());
  Source source{bytes};
  const Tiff tiff = open(source, options);
  if (tiff == nullptr) return broken(source);
  auto size = stored_size(tiff.get(), options);
  if (!size.ok()) return size;
  return upright(*size, orientation_of(tiff.get()));
}

Result<Image> decode_tiff(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(libtiff().status());
  Source source{bytes};
  const Tiff tiff = open(source, options);
  if (tiff == nullptr) return broken(source);
  auto size = stored_size(tiff.get(), options);
  if (!size.ok()) return size.error();
  RgbaReader reader;
  if (const Status begun = reader.begin(tiff.get()); !begun.ok()) return begun.error();

  const int band = rows_of_band(tiff.get(), size->height);
  const bool divide = alpha_is_multiplied_in(tiff.get());
  const auto width = static_cast<std::size_t>(size->width);
  const auto raster = std::make_unique_for_overwrite<std::uint32_t[]>(width * static_cast<std::size_t>(band));
  Image image;
  for (int y = 0; y < size->height; y += band) {
    const int rows = std::min(band, size->height - y);
    if (!reader.read(y, rows, raster.get())) return broken(source);
    if (y == 0) image = blank_image(size->width, size->height);  // files without pixels have failed by now
    put(raster.get(), width * static_cast<std::size_t>(rows), divide,
        image.pixels.data() + static_cast<std::size_t>(y) * width * 3);
  }
  return apply_orientation(std::move(image), orientation_of(tiff.get()));
}

}  // namespace saker
