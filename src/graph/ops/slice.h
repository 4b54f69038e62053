// Slice: the positions it reads, for its rule, its kernel and the planner.
#pragma once

#include "graph/ops/common.h"

namespace saker::ops {

// Element (i0, i1, ...) of the result is x[start_k + i_k * step_k].
struct SlicePlan {
  Shape start, step, shape;
};

// Empty: some input is not known yet.
Result<std::optional<SlicePlan>> plan_slice(const Args& args);

}  // namespace saker::ops
