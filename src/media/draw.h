// Drawing detections and notes on pictures, cutting them out, and making pictures smaller.
#pragma once

#include <saker/image.h>

#include <span>
#include <string>
#include <vector>

#include "media/stroke.h"
#include "media/surface.h"

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
void draw_boxes(Surface& surface, std::span<const DrawnBox> boxes);
void draw_boxes(Image& image, std::span<const DrawnBox> boxes);

// Lines of text on a dark ground in the upper left corner; those for which there is no room are left out.
void draw_note(Surface& surface, std::span<const std::string> lines);

// A line, or the outline of a polygon, for pictures of one size: what does not change from frame to frame is made once.
class Outline {
 public:
  Outline(std::vector<Place> corners, bool closed, int color_index, ImageSize picture);
  // With a label at the first corner, if there is a text.
  void draw(Surface& surface, const std::string& text) const;

 private:
  std::vector<Place> corners_;
  int color_index_;
  std::vector<Patch> rim_, inside_;
};

// The part of the picture that the box touches, at least one pixel, as RGB.
Image crop(const ImageView& image, float x1, float y1, float x2, float y2);

// At most `longest_side` (> 0) pixels wide and high, in the same proportion; a smaller picture stays as it is. As RGB.
Image shrink(const ImageView& image, int longest_side);

}  // namespace saker
