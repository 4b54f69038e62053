// ONNX -> Graph. Checks everything the file claims and rewrites every opset's form of an operator
// into the one form of graph/ops.h.
#pragma once

#include <saker/result.h>

#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "graph/graph.h"
#include "model/onnx/proto.h"

namespace saker::onnx {

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

// What to do with operators, attributes and opsets that saker lacks.
enum class Unknown {
  kRefuse,
  kAccept,  // for another engine: everything else is checked as ever, but the graph has gaps and is not to be run
};

// `folder` is where external data may lie; empty: none.
Result<ImportedModel> import_model(const FileBytes& file, const std::string& folder,
                                   Unknown unknown = Unknown::kRefuse);

}  // namespace saker::onnx
