// The order in which a file's nodes are read: what makes a value before what uses it.
#pragma once

#include <cstddef>
#include <vector>

namespace saker {

// Kahn's algorithm, the smallest ready index first: a sorted file is walked in its own order. `missing[i]`: how many
// inputs of node i other nodes make; `users[i]`: those that use node i, once for each input. Nodes that depend on
// themselves are left out, and their `missing` stays above 0.
std::vector<std::size_t> producer_order(std::vector<std::size_t>& missing,
                                        const std::vector<std::vector<std::size_t>>& users);

}  // namespace saker
