// A graph made for one picture, for any number of them: what the quantizer writes.
#pragma once

#include <saker/result.h>

#include "graph/graph.h"

namespace saker {

// `graph`: through the portable passes, with one input [1, C, H, W]. Proves node by node that every value has the
// pictures along axis 0 and nothing looks at two of them, then rewrites the constants that speak of one picture
// (targets of Reshape, sizes of Resize) and declares inputs and outputs open there, named "batch". Values keep the
// shapes they have, and one picture gives the same numbers. Error kUnsupported, with the graph as it was: the first
// node of which that cannot be said, and why.
Status open_batch(Graph& graph);

}  // namespace saker
