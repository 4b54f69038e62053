// Whether a detector is fed as it was trained: the float model is shown the pictures under the claimed reading and
// under others, and must not find more in them under another.
#pragma once

#include <saker/detector.h>

#include <functional>

#include "guard/finding.h"

namespace saker {

struct PreprocessCheck {
  Findings findings;
  double certain = 0;  // PictureSet::certain, under the claimed reading
};

// `detector`: of the float model, with the claimed preprocessing. `colour_weight`: ln of the ratio of the
// first layer's weights on channel 0 to those on channel 2 (colour_weight_of), 0 if unknown. `picture(i)` gives one of
// `count` pictures in random order. At most about 270 runs of the model, mostly about 110.
Result<PreprocessCheck> check_preprocess(const Detector& detector, double colour_weight, std::size_t count,
                                         const std::function<Result<Image>(std::size_t)>& picture);

}  // namespace saker
