// Drawing detections and notes on pictures, cutting them out, and making pictures smaller.
#pragma once

#include <saker/draw.h>

#include <span>
#include <string>
#include <vector>

#include "media/stroke.h"
#include "media/surface.h"

namespace saker {

// As of the public draw_boxes, on any surface.
void draw_boxes(Surface& surface, std::span<const DrawnBox> boxes);

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
