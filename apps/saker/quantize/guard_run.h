// The guard before calibrating, and the comparison of both models after it.
#pragma once

#include <string>

#include "detector_flags.h"
#include "graph/graph.h"
#include "guard/finding.h"
#include "quantize/pictures.h"

namespace saker::cli {

// What is wrong with the pictures, and with how `flags` feed the float model. `graph`: as the quantizer takes it.
Result<Findings> guard(const DetectorFlags& flags, const Graph& graph, const CalibrationPictures& pictures);

struct Agreement {
  std::size_t pictures = 0, float_boxes = 0, int8_boxes = 0, matched = 0;  // boxes of a score of 0.25 or more
  double float_ms = 0, int8_ms = 0;                                        // medians of a run of the model
  // Of the boxes of both that have a partner of the same class and an IoU of at least 0.5.
  double share() const {
    const std::size_t all = float_boxes + int8_boxes;
    return all == 0 ? 1 : 2 * static_cast<double>(matched) / static_cast<double>(all);
  }
};

// Both models on the first `count` pictures, in turn.
Result<Agreement> compare(Detector& full, Detector& int8, const CalibrationPictures& pictures, std::size_t count,
                          const ImageReadOptions& read);

}  // namespace saker::cli
