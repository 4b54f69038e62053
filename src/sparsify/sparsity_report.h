// How sparse the convolutions of a graph are, whatever its weights are stored as.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/sparse_pattern.h"
#include "graph/graph.h"

namespace saker::sparsify {

struct Count {
  std::int64_t zero = 0, all = 0;
  double share() const { return all == 0 ? 0 : static_cast<double>(zero) / static_cast<double>(all); }
  void add(const Count& other) {
    zero += other.zero;
    all += other.all;
  }
};

struct ZeroCounts {
  Count elements;
  Count block4, block2x4, block4x4;  // blocks without another number; those at the end cut short
  Count two_of_four;                 // of four neighbouring input channels at most two that are not zero
  Count channels;                    // output channels of nothing else
};

struct LayerSparsity {
  std::string name;
  Shape shape;  // of the weights, [M, C / group, ...]
  ZeroCounts zeros;
};

struct SparsityReport {
  std::vector<LayerSparsity> layers;  // convolutions of constant weights
  ZeroCounts all;
  std::vector<std::string> unknown;  // convolutions whose weights are computed from something else
};

// `graph`: through the portable passes. An 8-bit weight is zero where it is its zero point.
SparsityReport report_sparsity(const Graph& graph);

}  // namespace saker::sparsify
