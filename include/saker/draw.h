// Boxes drawn on pictures.
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

}  // namespace saker
