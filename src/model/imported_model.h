// What a reader of model files gives.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/observed_ranges.h"

namespace saker {

// What the file declares of its outputs; inputs are in Graph::declared_inputs.
struct DeclaredOutput {
  std::string name;
  DType dtype = DType::kFloat32;
  bool has_shape = false;
  std::vector<DeclaredDim> dims;
};

struct ImportedModel {
  Graph graph;
  std::vector<DeclaredOutput> outputs;
  std::map<std::string, int> operators;      // operator name in the file -> number of nodes
  std::optional<ObservedRanges> observed{};  // the graph is one of floats, but was trained for 8 bits
};

}  // namespace saker
