// Drawing detections on pictures, cutting them out, and making pictures smaller.
#pragma once

#include <saker/image.h>

#include <span>
#include <string>

namespace saker {

struct DrawnBox {
  float x1 = 0;  // pixels, edges of the box
  float y1 = 0;
  float x2 = 0;
  float y2 = 0;
  std::string text;  // UTF-8; no label when empty
  int color_index = 0;
  bool dashed = false;  // gaps in the frame, through which one beneath shows
};

// Frames and labels in class colours, sized for the picture; earlier boxes lie on top of later ones.
// Boxes are clipped to the picture; those without an inside (reversed or not finite) are left out.
void draw_boxes(Image& image, std::span<const DrawnBox> boxes);

// The part of the picture that the box touches, at least one pixel, as RGB.
Image crop(const ImageView& image, float x1, float y1, float x2, float y2);

// At most `longest_side` (> 0) pixels wide and high, in the same proportion; a smaller picture stays as it is. As RGB.
Image shrink(const ImageView& image, int longest_side);

}  // namespace saker
