// A graph input of a fixed shape, for graphs that tests build by hand or at random.
#pragma once

#include <string>
#include <utility>

#include "graph/graph.h"

namespace saker {

inline ValueId add_input(Graph& graph, Shape shape, DType dtype) {
  const ValueId id = graph.add_value("in" + std::to_string(graph.inputs.size()), dtype);
  std::vector<DeclaredDim> dims;
  for (const std::int64_t extent : shape) dims.push_back({extent, ""});
  graph.value(id).shape = std::move(shape);
  graph.inputs.push_back(id);
  graph.declared_inputs.push_back(std::move(dims));
  return id;
}

}  // namespace saker
