// Where the labels of boxes go, and how their text is made to fit.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace saker {

// Pixels; x1 and y1 are just outside.
struct PixelRect {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
};

struct LabelStyle {
  float text_size = 0;  // pixels
  int pad_x = 0;        // between text and the sides of the label
  int pad_y = 0;
};

struct FittedText {
  std::u32string text;  // empty: there is no room for any
  float size = 0;
};

// Smaller text first, then fewer letters and an ellipsis, until the text is at most max_width wide.
FittedText fit_text(std::u32string text, float size, int max_width);

// A place for a label of that size: above the box, else inside, else below; where it covers the
// labels placed before least. It never leaves the picture, which must be at least that big.
PixelRect place_label(const PixelRect& box, int width, int height, const PixelRect& picture,
                      std::span<const PixelRect> taken);

}  // namespace saker
