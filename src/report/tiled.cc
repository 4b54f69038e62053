// Pictures beside and below one another.
#include <algorithm>

#include "base/check.h"
#include "report/plot.h"

namespace saker {

Image tiled(std::span<const Image> images, int columns) {
  SAKER_CHECK(!images.empty() && columns > 0);
  const int width = images.front().width, height = images.front().height;
  const int count = static_cast<int>(images.size()), rows = (count + columns - 1) / columns;
  Image sheet;
  sheet.width = width * columns;
  sheet.height = height * rows;
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3, 255);
  const auto bytes = static_cast<std::ptrdiff_t>(width) * 3;
  for (int i = 0; i < count; ++i) {
    const Image& image = images[static_cast<std::size_t>(i)];
    SAKER_CHECK(image.width == width && image.height == height);
    for (int y = 0; y < height; ++y) {
      const std::ptrdiff_t row = std::ptrdiff_t{i / columns} * height + y;
      std::copy_n(image.pixels.begin() + y * bytes, bytes,
                  sheet.pixels.begin() + row * columns * bytes + (i % columns) * bytes);
    }
  }
  return sheet;
}

}  // namespace saker
