// What a reader of model files gives.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

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
  std::map<std::string, int> operators;  // operator name in the file -> number of nodes
};

}  // namespace saker
