// Random quantized networks: convolutions, sums, activations and movements between QuantizeLinear and DequantizeLinear
// of random grids, for a tensor or for each channel. The same for the same seed.
#pragma once

#include "graph/graph.h"

namespace saker {

Graph random_qdq_graph(std::uint64_t seed);

}  // namespace saker
