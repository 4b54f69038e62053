// Colours of the classes.
#pragma once

#include <cstdint>

namespace saker {

struct Rgb8 {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;

  bool operator==(const Rgb8&) const = default;
};

// The same index has always the same colour; any index is allowed.
Rgb8 class_color(int index);

// Black or white, whichever stands out more on `background`.
Rgb8 text_color_on(Rgb8 background);

}  // namespace saker
