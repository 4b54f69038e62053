// Which operators treat the pictures of a batch each by itself. Internal to open_batch.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace saker {

// A node, and which of its inputs have the pictures along axis 0; there is one picture, and all shapes are known. What
// the other inputs hold is the same for any number of pictures.
struct BatchedNode {
  const Graph& graph;
  const Node& node;
  std::vector<bool> batched;
};

// Null: with more pictures, the node's results have them along axis 0 too, each computed as if it were alone (by the
// node as it is, or as open_batch rewrites it). Else why that cannot be said.
const char* why_not_apart(const BatchedNode& batched);

// The elements of an int64 constant of rank 0 or 1; none if the input is absent or no such constant.
std::vector<std::int64_t> constant_ints(const Graph& graph, const Node& node, std::size_t input);

}  // namespace saker
