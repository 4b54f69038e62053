// Shapes and text on a picture, anti-aliased; what lies outside is left out.
#pragma once

#include <saker/image.h>

#include <span>
#include <string_view>

#include "media/label_layout.h"
#include "media/palette.h"
#include "media/stroke.h"

namespace saker {

enum class Align { kLeft, kCenter, kRight };

class Canvas {
 public:
  Canvas(int width, int height);  // white; each side is brought into 64..8192

  int width() const { return image_.width; }
  int height() const { return image_.height; }

  void fill(PixelRect rect, Rgb8 color, double opacity = 1);
  // The outermost pixels of the rectangle.
  void frame(const PixelRect& rect, Rgb8 color);
  // A path of round-ended lines, covered once however it winds: crossings are not darker. One point: a dot.
  void stroke(std::span<const Place> path, double line_width, Rgb8 color, const PixelRect& clip, double opacity = 1);
  // `y`: the middle of a capital letter's height.
  void text(std::u32string_view text, float size, double x, double y, Rgb8 color, Align align = Align::kLeft);
  // Reading upwards; `x` is the middle, `y` the lower end, the middle or the upper end as `align` says.
  void text_up(std::u32string_view text, float size, double x, double y, Rgb8 color, Align align = Align::kLeft);

  PixelRect whole() const { return {0, 0, image_.width, image_.height}; }
  Image take() { return std::move(image_); }

 private:
  void blend(int x, int y, Rgb8 color, double opacity);

  Image image_;
};

}  // namespace saker
