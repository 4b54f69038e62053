// Graph -> OpenVINO IR of version 11. The reverse of importer.h for what imports give and the passes up to
// recognise_activations leave: what later passes fuse has no form in IR.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace saker::openvino_ir {

struct ExportOptions {
  bool half = false;  // constants stored as float16; inputs, outputs and arithmetic stay float32
  // Of each value, -1 where an extent is open; empty where nothing is known. No list: as the graph's shapes are.
  std::vector<std::optional<Shape>> dims = {};
};

struct IrFiles {
  std::string xml, bin;
};

// Error kUnsupported names the node that IR cannot say.
Result<IrFiles> export_model(const Graph& graph, const ExportOptions& options = {});

}  // namespace saker::openvino_ir
