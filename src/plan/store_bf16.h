// Which values of a plan in bfloat16 lie in memory so: half the memory, and nothing to round for whoever reads them.
#pragma once

#include "plan/layout.h"
#include "plan/plan.h"

namespace saker {

// Sets Layout::storage of pictures whose writer and readers all take bfloat16, so that no value is converted between
// two steps. What moves values (Concat, Split, MaxPool, Resize to nearest neighbours) has its inputs and outputs stored
// alike, a convolution its results and addends. What nobody reads stays float32.
void store_in_bf16(const Graph& graph, const PlanOptions& options, Layouts& layouts);

}  // namespace saker
