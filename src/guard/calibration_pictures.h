// The pictures that a model is calibrated with.
#pragma once

#include <saker/detector.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "guard/picture_traits.h"
#include "quantize/calibrate.h"

namespace saker {

struct CalibrationPictures {
  std::vector<std::string> paths;       // in the order they are shown
  std::vector<PictureTraits> traits;    // parallel
  std::size_t found = 0;                // in the folder, before the subset was drawn
  std::vector<std::string> unreadable;  // why, of those that were left out
};

// `subset` of the folder's pictures (or of its folder images/), drawn by the seed if there are more; those that cannot
// be decoded are left out and replaced by others. Error: no such folder, no
// picture in it, none that can be read.
Result<CalibrationPictures> find_calibration_pictures(const std::string& folder, std::size_t subset, std::uint64_t seed,
                                                      const ImageReadOptions& options, int threads);

// Shows them to `graph`, the detector's, as it would see them. The pictures outlive it.
Result<PictureFeed> picture_feed(const CalibrationPictures& pictures, const Detector& detector,
                                 const ImageReadOptions& options, const Graph& graph);

}  // namespace saker
