// A graph run for what it computes on the way.
#pragma once

#include <saker/result.h>

#include <memory>
#include <vector>

#include "graph/graph.h"
#include "runtime/executor.h"

namespace saker {

// output(i) of the executor is values[i], as the best kernels of this CPU compute it.
Result<std::unique_ptr<Executor>> observe(Graph graph, const std::vector<ValueId>& values, int threads);

}  // namespace saker
