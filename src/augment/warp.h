// Pictures through affine and perspective maps, as OpenCV's warpAffine and warpPerspective (INTER_LINEAR,
// BORDER_CONSTANT) have them but for rounding: coordinates name the middles of pixels.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <span>
#include <vector>

#include "augment/geometry.h"

namespace saker::augment {

constexpr std::uint8_t kBackground = 114;  // the grey around pictures, of all the families

// Pixel (x, y) of the result shows the source at inverse * (x, y, 1). Rows of the result have no gaps.
void warp(const ImageView& source, const Matrix& inverse, ImageSize result, std::uint8_t* out);

// A picture on a canvas, by its left top pixel; may reach beyond it.
struct Tile {
  ImageView picture;
  int x = 0, y = 0;
};

// The tiles on the background, later ones on top. The view is of `pixels`.
ImageView compose(std::span<const Tile> tiles, ImageSize canvas, std::vector<std::uint8_t>& pixels);

}  // namespace saker::augment
