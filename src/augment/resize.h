// Bilinear resizing of RGB pictures, bit for bit as OpenCV's cv::resize(INTER_LINEAR).
#pragma once

#include <saker/image.h>

namespace saker::augment {

// The same file_size as the source's, or where it has none its size.
Image resize(const ImageView& source, ImageSize target);

}  // namespace saker::augment
