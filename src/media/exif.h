// EXIF orientation: how the stored pixels have to be turned to stand upright.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <span>

namespace saker {

// 1..8 from the first EXIF block of a JPEG file; 1 when there is none or it is broken.
int jpeg_orientation(std::span<const std::uint8_t> jpeg);

// The picture with an orientation of 1..8 undone.
Image apply_orientation(Image image, int orientation);

}  // namespace saker
