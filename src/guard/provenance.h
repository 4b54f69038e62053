// What a model's file says of how it was trained, against what is measured of it.
#pragma once

#include <map>
#include <string>

#include "guard/finding.h"

namespace saker {

// Findings that a model is fed wrongly are warnings where it is fed as its family's framework trains, and the file says
// that it comes from one: with stride, task and names, which the exporters of YOLOv5 and Ultralytics (and saker's, of
// their checkpoints) write into `metadata`. A detector that has learnt little may well see more in pictures of higher
// contrast. `usual`: default_preprocess of the model's head.
void heed_provenance(const std::map<std::string, std::string>& metadata, const Preprocess& claimed,
                     const Preprocess& usual, Findings& findings);

}  // namespace saker
