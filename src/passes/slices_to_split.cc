// Slices that cut a value into neighbouring parts along its last axis, as one Split: what older exporters write, and
// what fuse_decoding looks for as a Split.
#include <algorithm>
#include <map>

#include "base/try.h"
#include "graph/ops/slice.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

struct Part {
  std::size_t node = 0;
  std::int64_t start = 0, extent = 0;
};

// The part of its input's last axis that the node takes, if it takes neighbours and the other axes whole.
Result<std::optional<Part>> part_of(const Graph& graph, std::size_t index) {
  const Node& node = graph.nodes[index];
  const auto& shape = graph.value(node.inputs[0]).shape;
  if (node.op != Op::kSlice || !shape || shape->empty()) return std::optional<Part>();
  SAKER_ASSIGN(const auto plan, ops::plan_slice(ops::Args(graph, node)));
  if (!plan) return std::optional<Part>();
  const std::size_t last = shape->size() - 1;
  for (std::size_t axis = 0; axis <= last; ++axis) {
    if (plan->step[axis] != 1 || (axis != last && plan->shape[axis] != (*shape)[axis])) return std::optional<Part>();
  }
  return std::optional(Part{index, plan->start[last], plan->shape[last]});
}

}  // namespace

Status slices_to_split(Graph& graph) {
  std::map<ValueId, std::vector<Part>> cuts;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != Op::kSlice) continue;
    SAKER_ASSIGN(const auto part, part_of(graph, i));
    if (part) cuts[graph.nodes[i].inputs[0]].push_back(*part);
  }
  std::vector<bool> dead(graph.nodes.size(), false);
  for (auto& [value, parts] : cuts) {
    std::ranges::sort(parts, {}, &Part::start);
    std::int64_t end = 0;
    bool whole = parts.size() > 1;
    for (const Part& part : parts) {
      whole = whole && part.start == end && part.extent > 0;
      end = part.start + part.extent;
    }
    if (!whole || end != graph.value(value).shape->back()) continue;
    SAKER_ASSIGN(Tensor sizes, Tensor::make(DType::kInt64, {static_cast<std::int64_t>(parts.size())}));
    std::size_t first = parts[0].node;
    for (const Part& part : parts) first = std::min(first, part.node);
    Node split{Op::kSplit, graph.nodes[first].name, {value, kNoValue}, {}, SplitAttrs{-1}, {}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      sizes.data<std::int64_t>()[i] = parts[i].extent;
      split.outputs.push_back(graph.nodes[parts[i].node].outputs[0]);
      dead[parts[i].node] = parts[i].node != first;
    }
    split.inputs[1] = graph.add_constant(split.name + ".sizes", std::move(sizes));
    graph.nodes[first] = std::move(split);
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace saker
