// What synthetic data sets show.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "synth/canvas.h"

namespace saker::synth {

struct Theme {
  const char* name;
  const char* what;  // one line for people
  std::span<const char* const> classes;
  // Scenery and objects on a new canvas.
  void (*draw)(Canvas& canvas, PortableRandom& random);
  double visible = 0.35;    // the share of an object that must be seen for it to get a box
  double smallest = 0.025;  // the shorter side of a box at least, in shorter sides of the picture
  bool weather = true;      // it may rain and snow
};

std::span<const Theme> themes();
const Theme* find_theme(std::string_view name);  // null: there is none

extern const Theme kSigns, kFashion, kPlates;

struct LabelledPicture {
  Image image;
  std::vector<TrueBox> boxes;
  int jpeg_quality = 90;
};

constexpr int kSmallestSide = 64, kLargestSide = 4096;  // of a picture, pixels
// The same pixels for the same arguments on every machine.
LabelledPicture draw_picture(const Theme& theme, ImageSize size, std::uint64_t seed);

}  // namespace saker::synth
