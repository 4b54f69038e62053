// A graph for every operator of ONNX, with attributes that are not the defaults.
#pragma once

#include <functional>
#include <vector>

#include "support/test_graphs.h"

namespace saker::onnx {

using BuildGraph = std::function<void(GraphBuilder&)>;

struct ExportCase {
  Op op;
  BuildGraph build;
};
const std::vector<ExportCase>& export_cases();
// Those of the operators of graph/layer_attributes.h.
void add_layer_export_cases(std::vector<ExportCase>& cases);

}  // namespace saker::onnx
