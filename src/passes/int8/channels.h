// Where the channels of a picture come from when a node moves or picks its elements.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace saker {

struct ChannelSource {
  std::size_t input = 0;     // of the node
  std::int64_t channel = 0;  // of that input
};

// One for each channel of the node's output; empty where channels do not stay whole, or cannot be followed.
std::optional<std::vector<ChannelSource>> moved_channels(const Graph& graph, const Node& node, std::size_t output);

}  // namespace saker
