// Checks the rules every Graph keeps; run after import and after each pass.
#pragma once

#include <saker/result.h>

#include "graph/graph.h"

namespace saker {

// Ids in range; every value has one definition (input, constant or node output) that comes before
// its uses; arity and attributes fit the operator; constants have the shape and type they claim.
Status verify(const Graph& graph);

}  // namespace saker
