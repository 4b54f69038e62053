// Resize: the extents it computes and where each output position reads along one axis.
#pragma once

#include "graph/ops/common.h"

namespace saker::ops {

// One axis of a resize.
struct ResizedAxis {
  std::int64_t in = 0, out = 0;
  double scale = 1;
  double width = 0;                   // in * scale before rounding: the length coordinates refer to
  double roi_start = 0, roi_end = 1;  // kTfCropAndResize
  bool by_size = false;               // scale is width / in
  bool touched = false;               // false: copied as it is
};

// Empty: some input is not known yet.
Result<std::optional<std::vector<ResizedAxis>>> plan_resize(const Args& args);

// The output position o is sum(weight[i] * x[index[i]]) over i in [begin[o], begin[o + 1]); an
// empty list means that it lies outside and gets the extrapolation value.
struct ResizeTaps {
  std::vector<std::size_t> begin = {0};
  std::vector<std::int64_t> index;
  std::vector<double> weight;
};

ResizeTaps resize_taps(const ResizeAttrs& attrs, const ResizedAxis& axis);
std::int64_t most_taps(const ResizeAttrs& attrs, const ResizedAxis& axis);  // of all positions together

// kNearest: the one position that the output position o reads; -1: outside.
std::int64_t nearest_tap(const ResizeAttrs& attrs, const ResizedAxis& axis, std::int64_t o);

}  // namespace saker::ops
