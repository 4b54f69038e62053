// The detector of `saker eval` at work on every picture of a dataset.
#pragma once

#include <string>

#include "data/dataset.h"
#include "detector_flags.h"
#include "eval/found_boxes.h"

namespace saker::cli {

// As the training frameworks evaluate: every box that may be right counts.
void set_eval_defaults(DetectorFlags& flags);

struct ModelBoxes {
  FoundBoxes found;
  std::string backend;  // the engine that ran
  float iou = 0;        // NMS threshold used
};

// Runs the model over every picture. A picture that cannot be read ends it, unless skip_bad.
Result<ModelBoxes> find_boxes(const DetectorFlags& flags, const Dataset& dataset, bool skip_bad);

}  // namespace saker::cli
