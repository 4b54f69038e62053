// Options of boxes from Python, and boxes as what saker.Detections is made of.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <vector>

#include "detector_pool.h"

namespace saker::python {

BoxOptions box_options(float conf, std::optional<float> iou, int max_det, std::vector<int> classes, bool agnostic,
                       bool multi_label);

// Of a picture that was looked at: (boxes, scores, class_ids, height, width, (decode, preprocess, infer,
// postprocess)), the first three as bytes: n x 4 float32 corners, n float32, n int32. Of one that failed: the
// exception. Of one that was not looked at: None.
nanobind::object to_python(const Outcome& outcome);

}  // namespace saker::python
