// EXIF orientation: how the stored pixels have to be turned to stand upright.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <span>

namespace saker {

// 1..8 from the first EXIF block of a file; 1 when there is none or it is broken. That of PNG and WebP files may stand
// behind the pixels.
int jpeg_orientation(std::span<const std::uint8_t> jpeg);
int png_orientation(std::span<const std::uint8_t> png);
int webp_orientation(std::span<const std::uint8_t> webp);

// Of the picture that stands upright: orientations 5 to 8 swap the axes.
inline ImageSize upright(ImageSize stored, int orientation) {
  return orientation >= 5 ? ImageSize{stored.height, stored.width} : stored;
}

// The picture with an orientation of 1..8 undone.
Image apply_orientation(Image image, int orientation);

}  // namespace saker
