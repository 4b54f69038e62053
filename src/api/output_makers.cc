#include "api/output_makers.h"

#include <vector>

#include "api/internals.h"
#include "base/check.h"
#include "graph/op_def.h"

namespace saker {
namespace {

// Its first input's values, or all inputs', in other places or another type.
bool moves_values(Op op) {
  switch (op) {
    case Op::kCast:
    case Op::kConcat:
    case Op::kDequantizeLinear:
    case Op::kExpand:
    case Op::kFlatten:
    case Op::kIdentity:
    case Op::kQuantizeLinear:
    case Op::kReshape:
    case Op::kSlice:
    case Op::kSplit:
    case Op::kSqueeze:
    case Op::kTranspose:
    case Op::kUnsqueeze:
      return true;
    default:
      return false;
  }
}

class Walk {
 public:
  explicit Walk(const Graph& graph) : graph_(graph), producers_(producers(graph)) {}

  std::set<std::string> behind(ValueId output) const {
    std::set<std::string> makers;
    std::vector<bool> seen(graph_.values.size(), false);
    std::vector<ValueId> open = {output};
    while (!open.empty()) {
      const ValueId id = open.back();
      open.pop_back();
      if (id == kNoValue || seen[static_cast<std::size_t>(id)]) continue;
      seen[static_cast<std::size_t>(id)] = true;
      const std::int32_t producer = producers_[static_cast<std::size_t>(id)];
      if (producer < 0) continue;
      const Node& node = graph_.nodes[static_cast<std::size_t>(producer)];
      if (!moves_values(node.op)) {
        makers.insert(op_def(node.op).name);
      } else if (node.op == Op::kConcat) {
        open.insert(open.end(), node.inputs.begin(), node.inputs.end());
      } else if (!node.inputs.empty()) {
        open.push_back(node.inputs[0]);
      }
    }
    return makers;
  }

 private:
  const Graph& graph_;
  const std::vector<std::int32_t> producers_;
};

}  // namespace

std::vector<std::set<std::string>> output_makers(const Model& model) {
  SAKER_CHECK(graph_of(model) != nullptr);
  const Graph& graph = *graph_of(model);
  const Walk walk(graph);
  std::vector<std::set<std::string>> makers;
  for (const ValueId output : graph.outputs) makers.push_back(walk.behind(output));
  return makers;
}

}  // namespace saker
