// Whether pictures are fit to calibrate with: enough of them, of different real scenes.
#pragma once

#include <span>

#include "guard/finding.h"
#include "guard/picture_traits.h"

namespace saker {

constexpr std::size_t kFewestPictures = 16;

struct PictureSet {
  std::span<const PictureTraits> traits;
  std::size_t unreadable = 0;  // left out
  // The share of pictures in which the float model is sure of an object (score >= 0.5), 0..1: what a detector of
  // drawings or documents has on its own pictures.
  double certain = 0;
};

Findings check_pictures(const PictureSet& set);

}  // namespace saker
