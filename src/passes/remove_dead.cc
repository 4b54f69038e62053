#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {

Status remove_dead(Graph& graph) {
  std::vector<bool> live(graph.values.size(), false);
  const auto mark = [&](ValueId id) {
    if (id != kNoValue) live[static_cast<std::size_t>(id)] = true;
  };
  for (const ValueId id : graph.outputs) mark(id);
  std::vector<bool> dead(graph.nodes.size(), true);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    Node& node = graph.nodes[i];
    for (const ValueId id : node.outputs) {
      if (id != kNoValue && live[static_cast<std::size_t>(id)]) dead[i] = false;
    }
    if (dead[i]) continue;
    for (const ValueId id : node.inputs) mark(id);
  }
  erase_nodes(graph, dead);
  // Values keep their ids; the data of unused constants is let go.
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!live[i] && graph.values[i].constant) {
      graph.values[i].constant.reset();
      graph.values[i].shape.reset();
    }
  }
  return {};
}

}  // namespace saker
