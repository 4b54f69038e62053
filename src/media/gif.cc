// GIF through giflib: the first picture of the file, on its canvas. What follows is not looked at.
#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/try.h"
#include "media/formats.h"
#include "media/late_library.h"

namespace saker {
namespace {

struct GifLib : LateLibrary {
  GifLib() : LateLibrary("GIF", SAKER_GIF_LIBRARY) {}
  SAKER_LATE_FUNCTION(DGifCloseFile)
  SAKER_LATE_FUNCTION(DGifExtensionToGCB)
  SAKER_LATE_FUNCTION(DGifGetExtension)
  SAKER_LATE_FUNCTION(DGifGetExtensionNext)
  SAKER_LATE_FUNCTION(DGifGetImageDesc)
  SAKER_LATE_FUNCTION(DGifGetLine)
  SAKER_LATE_FUNCTION(DGifGetRecordType)
  SAKER_LATE_FUNCTION(DGifOpen)
  SAKER_LATE_FUNCTION(GifErrorString)
};

const GifLib& giflib() {
  static const GifLib library;
  return library;
}

// What giflib reads from.
struct Source {
  Bytes bytes;
  std::size_t at = 0;
  bool hit_end = false;
};

int read_bytes(GifFileType* gif, GifByteType* target, int size) {
  Source& source = *static_cast<Source*>(gif->UserData);
  const std::size_t wanted = static_cast<std::size_t>(std::max(size, 0));
  const std::size_t taken = std::min(source.bytes.size() - source.at, wanted);
  if (taken < wanted) source.hit_end = true;
  if (taken > 0) std::memcpy(target, source.bytes.data() + source.at, taken);
  source.at += taken;
  return static_cast<int>(taken);
}

struct GifCloser {
  void operator()(GifFileType* gif) const { giflib().DGifCloseFile(gif, nullptr); }
};
using Gif = std::unique_ptr<GifFileType, GifCloser>;

Error broken(const Source& source, int code) {
  if (code == D_GIF_ERR_NOT_ENOUGH_MEM) return {ErrorCode::kLimit, "not enough memory to decode the GIF file"};
  if (source.hit_end) return {ErrorCode::kInvalid, "truncated GIF file"};
  const char* what = giflib().GifErrorString(code);
  return {ErrorCode::kInvalid, fmt::format("broken GIF file: {}", what != nullptr ? what : "unknown error")};
}

// Up to the first picture's pixels. What stands before them is short or skipped.
struct Start {
  Gif gif;
  std::optional<int> transparent;  // colour index
};

// Blocks of one extension; gives the transparent colour if it says one.
bool read_extension(GifFileType* gif, std::optional<int>& transparent) {
  int kind = 0;
  GifByteType* block = nullptr;  // its length, then so many bytes
  if (giflib().DGifGetExtension(gif, &kind, &block) == GIF_ERROR) return false;
  while (block != nullptr) {
    GraphicsControlBlock control;
    if (kind == GRAPHICS_EXT_FUNC_CODE && giflib().DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent.reset();
      if (control.TransparentColor != NO_TRANSPARENT_COLOR) transparent = control.TransparentColor;
    }
    if (giflib().DGifGetExtensionNext(gif, &block) == GIF_ERROR) return false;
  }
  return true;
}

Result<Start> start(Source& source) {
  int code = 0;
  Start start{Gif(giflib().DGifOpen(&source, read_bytes, &code)), {}};
  GifFileType* gif = start.gif.get();
  if (gif == nullptr) return broken(source, code);
  for (;;) {
    GifRecordType kind = UNDEFINED_RECORD_TYPE;
    if (giflib().DGifGetRecordType(gif, &kind) == GIF_ERROR) return broken(source, gif->Error);
    if (kind == TERMINATE_RECORD_TYPE) return Error{ErrorCode::kInvalid, "GIF file without a picture"};
    if (kind == IMAGE_DESC_RECORD_TYPE) break;
    if (kind == EXTENSION_RECORD_TYPE && !read_extension(gif, start.transparent)) return broken(source, gif->Error);
  }
  if (giflib().DGifGetImageDesc(gif) == GIF_ERROR) return broken(source, gif->Error);
  return start;
}

// The canvas, or more where the first picture reaches beyond it.
Result<ImageSize> canvas_size(const GifFileType& gif, const ImageReadOptions& options) {
  const GifImageDesc& frame = gif.Image;
  if (frame.Width <= 0 || frame.Height <= 0) return checked_size(frame.Width, frame.Height, options);
  return checked_size(std::max<std::int64_t>(gif.SWidth, std::int64_t{frame.Left} + frame.Width),
                      std::max<std::int64_t>(gif.SHeight, std::int64_t{frame.Top} + frame.Height), options);
}

// LZW makes at most 4096 pixels of a code of 12 bits, so a short file cannot hold a huge picture.
bool too_short(const GifFileType& gif, std::size_t file_size) {
  return std::int64_t{gif.Image.Width} * gif.Image.Height / (4096 * 8 / 12) > static_cast<std::int64_t>(file_size);
}

using Colors = std::array<std::array<std::uint8_t, 3>, 256>;

// The picture's own colours, else the file's, else greys. An index without a colour is black.
Colors colors_of(const GifFileType& gif) {
  Colors colors = {};
  const ColorMapObject* map = gif.Image.ColorMap != nullptr ? gif.Image.ColorMap : gif.SColorMap;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    const auto grey = static_cast<std::uint8_t>(i);
    if (map == nullptr)
      colors[i] = {grey, grey, grey};
    else if (i < static_cast<std::size_t>(map->ColorCount)) {
      colors[i] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue};
    }
  }
  return colors;
}

// Rows of an interlaced picture come in four passes: first row and distance.
using Pass = std::pair<int, int>;
constexpr std::array<Pass, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
constexpr std::array<Pass, 1> kOnePass = {{{0, 1}}};

bool read_row(GifFileType* gif, int y, const Colors& colors, std::vector<GifPixelType>& row, Image& image) {
  if (giflib().DGifGetLine(gif, row.data(), gif->Image.Width) == GIF_ERROR) return false;
  const auto at = static_cast<std::size_t>(gif->Image.Top + y) * static_cast<std::size_t>(image.width) +
                  static_cast<std::size_t>(gif->Image.Left);
  std::uint8_t* out = image.pixels.data() + 3 * at;
  for (const GifPixelType index : row) out = std::copy_n(colors[index].begin(), 3, out);
  return true;
}

bool read_rows(GifFileType* gif, const Colors& colors, Image& image) {
  std::vector<GifPixelType> row(static_cast<std::size_t>(gif->Image.Width));
  const int height = gif->Image.Height;
  for (const auto& [first, step] :
       gif->Image.Interlace ? std::span<const Pass>(kPasses) : std::span<const Pass>(kOnePass)) {
    for (int y = first; y < height; y += step) {
      if (!read_row(gif, y, colors, row, image)) return false;
    }
  }
  return true;
}

}  // namespace

Result<ImageSize> gif_size(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(giflib().status());
  Source source{bytes};
  const auto started = start(source);
  if (!started.ok()) return started.error();
  return canvas_size(*started->gif, options);
}

Result<Image> decode_gif(Bytes bytes, const ImageReadOptions& options) {
  SAKER_TRY(giflib().status());
  Source source{bytes};
  const auto started = start(source);
  if (!started.ok()) return started.error();
  GifFileType* gif = started->gif.get();
  auto size = canvas_size(*gif, options);
  if (!size.ok()) return size.error();
  if (too_short(*gif, bytes.size())) return Error{ErrorCode::kInvalid, "truncated GIF file"};

  // Around a smaller picture: the transparent colour, as Pillow has it, or the first one.
  const Colors colors = colors_of(*gif);
  const auto& around = colors[static_cast<std::size_t>(started->transparent.value_or(0)) % colors.size()];
  Image image = blank_image(size->width, size->height);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) std::copy_n(around.begin(), 3, image.pixels.data() + i);
  if (!read_rows(gif, colors, image)) return broken(source, gif->Error);
  return image;
}

}  // namespace saker
