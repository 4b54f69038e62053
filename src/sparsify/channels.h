// Which channels of a graph can only go together, and the smaller graph without some of them.
#pragma once

#include <saker/result.h>

#include <map>
#include <vector>

#include "graph/graph.h"

namespace saker::sparsify {

struct ConvChannel {
  std::size_t node = 0;      // of the graph
  std::int64_t channel = 0;  // filter, or input
};

// Channels that additions, or depthwise convolutions, tie together. Where they are zero what reads them is as if they
// were not there: on the way are only operators that make zero of zero.
struct ChannelSet {
  std::vector<ConvChannel> made;  // filters, those of depthwise convolutions too
  std::vector<ConvChannel> read;  // inputs of convolutions
};

struct Channels {
  std::vector<ChannelSet> sets;                     // those that may go: all that reads them is known
  std::map<ValueId, std::vector<std::int32_t>> of;  // of values: the set of each channel, -1: it stays
};

// `graph`: through the portable passes, with shapes.
Channels find_channels(const Graph& graph);

// The filters and biases of the sets that go as zeros.
Result<Graph> mask_channels(const Graph& graph, const Channels& channels, const std::vector<bool>& gone);

// Without them. The results are those of the masked graph.
Result<Graph> remove_channels(const Graph& graph, const Channels& channels, const std::vector<bool>& gone);

}  // namespace saker::sparsify
