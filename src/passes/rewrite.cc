#include "passes/rewrite.h"

#include <algorithm>

namespace saker {

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes) std::ranges::replace(node.inputs, from, to);
  std::ranges::replace(graph.outputs, from, to);
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

std::int32_t Uses::producer_of(ValueId id, Op op) const {
  const std::int32_t node = producer(id);
  return node >= 0 && graph_.nodes[static_cast<std::size_t>(node)].op == op ? node : -1;
}

}  // namespace saker
