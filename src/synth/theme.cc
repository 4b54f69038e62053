#include "synth/theme.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"
#include "synth/camera.h"

namespace saker::synth {

std::span<const Theme> themes() {
  static const std::array kThemes = {kSigns, kFashion, kPlates};
  return kThemes;
}

const Theme* find_theme(std::string_view name) {
  const std::span<const Theme> all = themes();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Theme& theme) { return theme.name == name; });
  return found == all.end() ? nullptr : &*found;
}

LabelledPicture draw_picture(const Theme& theme, ImageSize size, std::uint64_t seed) {
  SAKER_CHECK(std::min(size.width, size.height) >= kSmallestSide && std::max(size.width, size.height) <= kLargestSide);
  PortableRandom random(seed);
  Canvas canvas(size);
  theme.draw(canvas, random);
  LabelledPicture picture;
  picture.boxes = canvas.boxes(theme.visible, theme.smallest * canvas.side());
  expose(canvas, theme.weather, random);
  picture.image = to_image(canvas);
  picture.jpeg_quality = 40 + static_cast<int>(random.below(56));
  return picture;
}

}  // namespace saker::synth
