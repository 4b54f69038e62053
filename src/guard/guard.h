// The guard before calibrating: what is wrong with the pictures, and with how the float model is fed.
#pragma once

#include <saker/detector.h>

#include "graph/graph.h"
#include "guard/calibration_pictures.h"
#include "guard/finding.h"

namespace saker {

// `detector`: of the float model, set up as it will be calibrated; nothing is compiled anew. `graph`: of that model, as
// the quantizer takes it.
Result<Findings> guard(const Detector& detector, const Graph& graph, const CalibrationPictures& pictures,
                       const ImageReadOptions& read);

}  // namespace saker
