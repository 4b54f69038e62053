// A Softmax between two transpositions of which one undoes the other takes another axis instead: files made for engines
// that only know the last axis well have such.
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// Whether the second permutation undoes the first.
bool undoes(const std::vector<std::int64_t>& first, const std::vector<std::int64_t>& second) {
  if (first.empty() || first.size() != second.size()) return false;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[static_cast<std::size_t>(second[i])] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

}  // namespace

Status untranspose_softmax(Graph& graph) {
  const Uses uses(graph);
  bool changed = false;
  for (Node& back : graph.nodes) {
    if (back.op != Op::kTranspose || !uses.used_once(back.inputs[0])) continue;
    const std::int32_t index = uses.producer_of(back.inputs[0], Op::kSoftmax);
    if (index < 0) continue;
    const Node& softmax = graph.nodes[static_cast<std::size_t>(index)];
    const std::int32_t before = uses.producer_of(softmax.inputs[0], Op::kTranspose);
    if (before < 0) continue;
    const Node& forth = graph.nodes[static_cast<std::size_t>(before)];
    if (!graph.value(forth.inputs[0]).shape) continue;  // nobody has checked the axes
    const auto& perm = forth.as<TransposeAttrs>().perm;
    auto attrs = softmax.as<SoftmaxAttrs>();
    const std::size_t axis = axis_index(attrs.axis, perm.size());
    const bool one_axis = !attrs.flatten_trailing || axis + 1 == perm.size();
    if (!undoes(perm, back.as<TransposeAttrs>().perm) || !one_axis || !attrs.expectation.empty()) continue;
    attrs.axis = perm[axis];
    attrs.flatten_trailing = false;
    back = Node{Op::kSoftmax, softmax.name, forth.inputs, back.outputs, attrs, {}};
    changed = true;
  }
  return changed ? remove_dead(graph) : Status();
}

}  // namespace saker
