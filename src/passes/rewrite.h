// Small tools shared by the passes.
#pragma once

#include <optional>
#include <vector>

#include "graph/graph.h"

namespace saker {

// Every value as its own replacement: where a pass begins that gives values' uses to others.
std::vector<ValueId> own_values(const Graph& graph);
// Each id becomes what stands for it in `by`.
void replace(std::vector<ValueId>& ids, const std::vector<ValueId>& by);

// Drops the nodes whose flag is set, keeping the order.
void erase_nodes(Graph& graph, const std::vector<bool>& dead);

// Puts the nodes into an order in which values are defined before they are used; keeps theirs where it can.
void sort_nodes(Graph& graph);

// A window that moves one position at a time over what is there: no stride, no pads.
bool is_plain(const WindowAttrs& window);
// Whether `axis` is that of a picture's channels.
bool is_channel_axis(std::int64_t axis, std::size_t rank);

// Who makes and who uses each value. Stale once the graph changes; of values that are new it knows nothing.
class Uses {
 public:
  explicit Uses(const Graph& graph) : graph_(graph), producer_(producers(graph)), count_(use_counts(graph)) {}
  // Index of the node that makes the value, if it is of this operator; -1 otherwise.
  std::int32_t producer_of(ValueId id, Op op) const;
  std::int32_t producer(ValueId id) const { return knows(id) ? producer_[static_cast<std::size_t>(id)] : -1; }
  bool used_once(ValueId id) const { return knows(id) && count_[static_cast<std::size_t>(id)] == 1; }

 private:
  bool knows(ValueId id) const { return id != kNoValue && static_cast<std::size_t>(id) < producer_.size(); }

  const Graph& graph_;
  std::vector<std::int32_t> producer_, count_;
};

// New weights in place of a constant that others use, too, are a copy: a bound on what a hostile file can make of one
// large constant that many layers share.
class CopiedWeights {
 public:
  CopiedWeights(const Graph& graph, const Uses& uses) : graph_(graph), uses_(uses) {}
  // Counts the bytes if others use the weights.
  bool may_copy(ValueId weights) {
    if (uses_.used_once(weights)) return true;
    copied_ += graph_.value(weights).constant->bytes();
    return copied_ <= kMost;
  }

 private:
  static constexpr std::size_t kMost = std::size_t{64} << 20;
  const Graph& graph_;
  const Uses& uses_;
  std::size_t copied_ = 0;
};

}  // namespace saker
