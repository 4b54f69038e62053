// Anti-aliased text in the label font, which is part of the binary.
#pragma once

#include <saker/image.h>

#include <string>
#include <string_view>

#include "media/palette.h"
#include "media/surface.h"

namespace saker {

// Code points of UTF-8; bytes that are not UTF-8 become U+FFFD, control characters a space. At most
// `max_length` code points are taken.
std::u32string decode_label(std::string_view utf8, std::size_t max_length);

// Sizes in pixels for text `size` pixels high (from the lowest descender to the highest ascender).
float text_width(std::u32string_view text, float size);
float text_ascent(float size);

// Draws from `x` rightwards on the base line `baseline`; what lies outside the picture is left out.
void draw_text(Surface& surface, std::u32string_view text, float size, float x, float baseline, Rgb8 color);
void draw_text(Image& image, std::u32string_view text, float size, float x, float baseline, Rgb8 color);

}  // namespace saker
