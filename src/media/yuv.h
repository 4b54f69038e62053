// Pictures in planes: copied, drawn on, turned into RGB.
#pragma once

#include <saker/image.h>
#include <saker/planar.h>

#include <cstdint>
#include <vector>

namespace saker {

// Our own samples: 8-bit planes with halved chroma, rows without gaps.
struct I420Image {
  int width = 0, height = 0;  // pixels
  bool bt709 = false, full_range = false;
  std::vector<std::uint8_t> y, u, v;

  int chroma_width() const { return (width + 1) / 2; }
  int chroma_height() const { return (height + 1) / 2; }
  PlanarView view() const {
    return {PlanarLayout::kI420,
            width,
            height,
            {y.data(), u.data(), v.data()},
            {width, chroma_width(), chroma_width()},
            bt709,
            full_range};
  }
};

// Any layout; of 10 bits the high 8. `out` keeps its memory from call to call.
void copy_planes(const PlanarView& picture, I420Image& out);

// As the letterbox does it (kernels/letterbox/): each pixel with the chroma of its block.
Image to_rgb(const PlanarView& picture);

// JFIF's mean of 2x2 pixels for each chroma sample, by the matrix that `out` names, limited range. For pictures that go
// into videos.
void from_rgb(const ImageView& picture, I420Image& out);

}  // namespace saker
