#include "graph/graph.h"

#include <utility>

namespace saker {

ValueId Graph::add_value(std::string value_name, DType dtype) {
  values.push_back({std::move(value_name), dtype, std::nullopt, std::nullopt});
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_constant(std::string value_name, Tensor tensor) {
  const DType dtype = tensor.dtype();
  Shape shape = tensor.shape();
  values.push_back({std::move(value_name), dtype, std::move(shape), std::move(tensor)});
  return static_cast<ValueId>(values.size() - 1);
}

std::vector<std::int32_t> producers(const Graph& graph) {
  std::vector<std::int32_t> result(graph.values.size(), -1);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const ValueId id : graph.nodes[n].outputs) {
      if (id != kNoValue) result[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(n);
    }
  }
  return result;
}

std::vector<std::int32_t> use_counts(const Graph& graph) {
  std::vector<std::int32_t> result(graph.values.size(), 0);
  const auto use = [&](ValueId id) {
    if (id != kNoValue) ++result[static_cast<std::size_t>(id)];
  };
  for (const Node& node : graph.nodes) {
    for (const ValueId id : node.inputs) use(id);
  }
  for (const ValueId id : graph.outputs) use(id);
  return result;
}

std::size_t axis_index(std::int64_t axis, std::size_t rank) {
  return static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
}

}  // namespace saker
