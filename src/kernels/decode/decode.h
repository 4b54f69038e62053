// DecodeBoxes (graph/ops.h) over rows: the first k of n neighbours become (a x + b) x + c, the others are copied.
#pragma once

#include "kernels/loop_nest.h"

namespace saker {

struct DecodeArgs {
  // Of the rows: x, results, a, b, c in this order; strides in floats.
  LoopNest rows;
  std::int64_t n = 0, k = 0;
  const float *x = nullptr, *a = nullptr, *b = nullptr, *c = nullptr;
  float* y = nullptr;
};

// Runs of neighbouring rows (the innermost axis of `rows`) [first, last).
void decode_boxes(const DecodeArgs& args, std::int64_t first, std::int64_t last);

}  // namespace saker
