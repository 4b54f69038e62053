// A picture in a few numbers: is it blank, noise, drawn; and what it shows, for finding near-duplicates.
// docs/calibration-guard.md has the figures behind every bound.
#pragma once

#include <saker/image.h>

#include <array>
#include <vector>

namespace saker {

constexpr std::size_t kSignatureSize = 13 * 14;

struct PictureTraits {
  // Standard deviation of the grey levels of a 64x64 thumbnail.
  float contrast = 0;
  // E[g^4] / E[g^2]^2 of the differences g of neighbours in a thumbnail of 128 pixels: 3 for noise, more where there
  // are surfaces and edges.
  float peakedness = 0;
  // Of the differences in that thumbnail after a 5x5 median filter that are not small, the share that is not large
  // either: photographs shade, drawings jump.
  float shading = 0;
  // Detail of a 16x16 thumbnail, without its outermost rows and columns; mean 0, norm 1. The product of two is near 1
  // for the same scene.
  std::array<float, kSignatureSize> signature = {};
};

PictureTraits picture_traits(const ImageView& image);

float similarity(const PictureTraits& a, const PictureTraits& b);

}  // namespace saker
