// Hue, saturation and brightness, and what else is done to pixels where they are.
#pragma once

#include <saker/image.h>

#include <cstddef>
#include <cstdint>

#include "augment/batch_loader.h"
#include "base/random.h"

namespace saker::augment {

// value * times + plus; hue in turns, and back into [0, 1); saturation and brightness 0 to 1, and no further.
struct ColorChange {
  float hue_times = 1, hue_plus = 0, saturation_times = 1, saturation_plus = 0, value_times = 1, value_plus = 0;

  bool operator==(const ColorChange&) const = default;
};

ColorChange draw_color_change(const Augmentation& augmentation, PortableRandom& random);
void change_colors(const ColorChange& change, std::size_t pixels, std::uint8_t* rgb);

// a * share + b * (1 - share)
void mix_pixels(double share, const std::uint8_t* other, std::size_t bytes, std::uint8_t* pixels);
void mirror(ImageSize size, std::uint8_t* rgb);     // left for right
void turn_over(ImageSize size, std::uint8_t* rgb);  // top for bottom

}  // namespace saker::augment
