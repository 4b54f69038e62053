// Text through stb_truetype. SAKER_LABEL_FONT_FILE names the font, compressed by gzip, that the assembler embeds.
#include "media/text.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

namespace {

// stb_truetype leaves glyphs out for which there is no memory, and does not say so.
thread_local bool glyph_is_incomplete = false;

void* glyph_memory(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  if (memory == nullptr) glyph_is_incomplete = true;
  return memory;
}

}  // namespace

#define STBTT_malloc(bytes, user) ((void)(user), glyph_memory(bytes))
#define STBTT_free(memory, user) ((void)(user), std::free(memory))
#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#include <stb/stb_truetype.h>

#include "base/utf8.h"

__asm__(
    ".pushsection .rodata.saker_label_font,\"a\"\n"
    ".balign 16\n"
    ".globl saker_label_font\n"
    ".hidden saker_label_font\n"
    "saker_label_font:\n"
    ".incbin \"" SAKER_LABEL_FONT_FILE
    "\"\n"
    ".globl saker_label_font_end\n"
    ".hidden saker_label_font_end\n"
    "saker_label_font_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" __attribute__((visibility("hidden"))) const unsigned char saker_label_font[], saker_label_font_end[];

namespace saker {
namespace {

// Empty: there is no memory for it.
std::vector<unsigned char> inflated_font() {
  const auto packed = static_cast<std::size_t>(saker_label_font_end - saker_label_font);
  std::uint32_t size = 0;  // gzip ends with the number of bytes
  std::memcpy(&size, saker_label_font + (packed - sizeof(size)), sizeof(size));
  std::vector<unsigned char> bytes;
  z_stream stream = {};
  try {
    bytes.resize(size);
  } catch (const std::bad_alloc&) {
    return {};
  }
  stream.next_in = const_cast<unsigned char*>(saker_label_font);
  stream.avail_in = static_cast<uInt>(packed);
  stream.next_out = bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) return {};
  const int end = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return end == Z_STREAM_END ? bytes : std::vector<unsigned char>();
}

struct Font {
  Font() : bytes(inflated_font()) {
    usable = !bytes.empty() && stbtt_InitFont(&info, bytes.data(), 0) != 0;
    if (usable) stbtt_GetFontVMetrics(&info, &ascent, &descent, &line_gap);
  }
  float scale(float size) const { return size / static_cast<float>(ascent - descent); }

  std::vector<unsigned char> bytes;
  stbtt_fontinfo info = {};
  bool usable = false;
  int ascent = 1;
  int descent = 0;
  int line_gap = 0;
};

const Font& font() {
  static const Font instance;
  return instance;
}

struct Glyph {
  int index = 0;
  float x = 0;  // of its origin, from the start of the text
};

// The glyphs with their places; `end` receives the width of the text.
std::vector<Glyph> lay_out(std::u32string_view text, float scale, float& end) {
  std::vector<Glyph> glyphs;
  glyphs.reserve(text.size());
  end = 0;
  for (const char32_t code : text) {
    const int index = stbtt_FindGlyphIndex(&font().info, static_cast<int>(code));
    if (!glyphs.empty()) {
      end += scale * static_cast<float>(stbtt_GetGlyphKernAdvance(&font().info, glyphs.back().index, index));
    }
    glyphs.push_back({index, end});
    int advance = 0;
    int bearing = 0;
    stbtt_GetGlyphHMetrics(&font().info, index, &advance, &bearing);
    end += scale * static_cast<float>(advance);
  }
  return glyphs;
}

// Strokes of small letters are thinner than a pixel; more coverage keeps them dark.
std::array<std::uint8_t, 256> make_stronger() {
  std::array<std::uint8_t, 256> table = {};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::uint8_t>(std::lround(255.0 * std::pow(static_cast<double>(i) / 255.0, 0.7)));
  }
  return table;
}

}  // namespace

std::u32string decode_label(std::string_view utf8, std::size_t max_length) {
  std::u32string text;
  while (!utf8.empty() && text.size() < max_length) {
    const CodePoint decoded = first_code_point(utf8);
    const bool control = decoded.code < 0x20 || (decoded.code >= 0x7F && decoded.code < 0xA0);
    text.push_back(control ? U' ' : decoded.code);
    utf8.remove_prefix(decoded.bytes);
  }
  return text;
}

float text_width(std::u32string_view text, float size) {
  if (!font().usable) return 0;
  float width = 0;
  lay_out(text, font().scale(size), width);
  return width;
}

float text_ascent(float size) {
  return font().scale(size) * static_cast<float>(font().ascent);
}

void draw_text(Image& image, std::u32string_view text, float size, float x, float baseline, Rgb8 color) {
  RgbSurface surface(image);
  draw_text(surface, text, size, x, baseline, color);
}

void draw_text(Surface& surface, std::u32string_view text, float size, float x, float baseline, Rgb8 color) {
  if (!font().usable) return;
  static const std::array<std::uint8_t, 256> stronger = make_stronger();
  const stbtt_fontinfo& info = font().info;
  const float scale = font().scale(size);
  float end = 0;
  std::vector<std::uint8_t> coverage;
  for (const Glyph& glyph : lay_out(text, scale, end)) {
    const float origin = x + glyph.x;
    const float whole = std::floor(origin);
    const float shift = origin - whole;
    int x0 = 0;
    int y0 = 0;
    int x1 = 0;
    int y1 = 0;
    stbtt_GetGlyphBitmapBoxSubpixel(&info, glyph.index, scale, scale, shift, 0, &x0, &y0, &x1, &y1);
    if (x1 <= x0 || y1 <= y0) continue;
    coverage.assign(static_cast<std::size_t>(x1 - x0) * static_cast<std::size_t>(y1 - y0), 0);
    glyph_is_incomplete = false;
    stbtt_MakeGlyphBitmapSubpixel(&info, coverage.data(), x1 - x0, y1 - y0, x1 - x0, scale, scale, shift, 0,
                                  glyph.index);
    if (glyph_is_incomplete) throw std::bad_alloc();
    for (std::uint8_t& each : coverage) each = stronger[each];
    const int left = static_cast<int>(whole), line = static_cast<int>(std::lround(baseline));
    surface.blend({left + x0, line + y0, left + x1, line + y1}, coverage.data(), color);
  }
}

}  // namespace saker
