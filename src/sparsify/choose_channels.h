// Which channels of a network go.
#pragma once

#include <vector>

#include "sparsify/channels.h"
#include "sparsify/layers.h"

namespace saker::sparsify {

// The sets that go, until `sparsity` of the weights of all convolutions have gone with them. A channel is worth what
// the squares of the weights that read it are worth (`effects` of found.layers, per square; empty: all the same), for
// each weight that goes with it. Channels of the same convolutions go eight at a time, which is what vectors hold of
// the smallest CPU, and eight stay.
std::vector<bool> choose_channels(const Graph& graph, const Channels& channels, const PrunableLayers& found,
                                  const std::vector<double>& effects, double sparsity);

}  // namespace saker::sparsify
