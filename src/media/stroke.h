// How much of each pixel lines cover.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "media/label_layout.h"

namespace saker {

// Pixels; the first pixel reaches from 0 to 1, so its middle is at 0.5.
struct Place {
  double x = 0, y = 0;
};

// The part of the segment a-b inside the rectangle; false: none. The ends must be finite.
bool clip_segment(Place& a, Place& b, const PixelRect& rect);

// Of the pixels of a rectangle, 0..1.
class Coverage {
 public:
  explicit Coverage(const PixelRect& area);

  void add_segment(Place a, Place b, double half_width);
  float at(int x, int y) const { return values_[index(x, y)]; }
  const PixelRect& area() const { return area_; }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y - area_.y0) * static_cast<std::size_t>(area_.width()) +
           static_cast<std::size_t>(x - area_.x0);
  }

  PixelRect area_;
  std::vector<float> values_;
};

// Of a path of round-ended lines, however it winds. One point: a dot. Nothing outside `clip` counts.
Coverage stroke_coverage(std::span<const Place> path, double line_width, const PixelRect& clip);

// Covered pixels side by side in two rows, blocks of 2x2 as a whole: those that chroma of planes has samples for.
struct Patch {
  PixelRect place;
  std::vector<std::uint8_t> alpha;  // row by row
};
std::vector<Patch> patches_of(const Coverage& coverage);

}  // namespace saker
