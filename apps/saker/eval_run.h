// From a data set and a model, or somebody's results, to scored boxes that can be evaluated.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "detector_flags.h"

namespace saker::cli {

// As the training frameworks evaluate: every box that may be right counts.
void set_eval_defaults(DetectorFlags& flags);

struct FoundBoxes {
  std::vector<ScoredBox> boxes;
  std::vector<std::string> notes;  // what people should know of them
  std::size_t skipped = 0;         // entries of a results file that were left out (skip_bad)
  std::vector<bool> failed;        // parallel to the pictures: not read (only with skip_bad); empty: none
  double pictures_per_second = 0;  // with decoding and all; 0 for results from a file
  std::string backend;             // the engine that ran
  float iou = 0;                   // NMS threshold used
};

// Runs the model over every picture. A picture that cannot be read ends it, unless skip_bad.
Result<FoundBoxes> find_boxes(const DetectorFlags& flags, const Dataset& dataset, bool skip_bad);

// The data without these pictures and what is on them; `lists` are boxes found there.
void leave_out(Dataset& dataset, const std::vector<std::vector<ScoredBox>*>& lists, const std::vector<bool>& failed);

}  // namespace saker::cli
