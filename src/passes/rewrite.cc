#include "passes/rewrite.h"

#include <algorithm>
#include <numeric>

namespace saker {

std::vector<ValueId> own_values(const Graph& graph) {
  std::vector<ValueId> by(graph.values.size());
  std::iota(by.begin(), by.end(), ValueId{0});
  return by;
}

void replace(std::vector<ValueId>& ids, const std::vector<ValueId>& by) {
  for (ValueId& id : ids) {
    if (id != kNoValue) id = by[static_cast<std::size_t>(id)];
  }
}

void erase_nodes(Graph& graph, const std::vector<bool>& dead) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (dead[i]) continue;
    if (kept != i) graph.nodes[kept] = std::move(graph.nodes[i]);
    ++kept;
  }
  graph.nodes.resize(kept);
}

void sort_nodes(Graph& graph) {
  const std::vector<std::int32_t> producer = producers(graph);
  std::vector<bool> placed(graph.nodes.size(), false);
  std::vector<std::size_t> order, pending;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    pending.push_back(i);
    while (!pending.empty()) {
      const std::size_t node = pending.back();
      const std::size_t depth = pending.size();
      for (const ValueId id : graph.nodes[node].inputs) {
        const std::int32_t before = id == kNoValue ? -1 : producer[static_cast<std::size_t>(id)];
        if (before >= 0 && !placed[static_cast<std::size_t>(before)])
          pending.push_back(static_cast<std::size_t>(before));
      }
      if (pending.size() > depth && !placed[node]) continue;
      pending.pop_back();
      if (placed[node]) continue;
      placed[node] = true;
      order.push_back(node);
    }
  }
  std::vector<Node> sorted;
  for (const std::size_t i : order) sorted.push_back(std::move(graph.nodes[i]));
  graph.nodes = std::move(sorted);
}

bool is_plain(const WindowAttrs& window) {
  return window.auto_pad == AutoPad::kExplicit &&
         std::ranges::all_of(window.strides, [](std::int64_t v) { return v == 1; }) &&
         std::ranges::all_of(window.pads, [](std::int64_t v) { return v == 0; });
}

bool is_channel_axis(std::int64_t axis, std::size_t rank) {
  return rank == 4 && (axis == 1 || axis == -3);
}

std::int32_t Uses::producer_of(ValueId id, Op op) const {
  const std::int32_t node = producer(id);
  return node >= 0 && graph_.nodes[static_cast<std::size_t>(node)].op == op ? node : -1;
}

}  // namespace saker
