// Graph -> ONNX, opset 17 or another. The reverse of importer.h for what imports give and the passes up to
// recognise_activations leave: what later passes fuse has no form in ONNX.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <string>

#include "graph/graph.h"

namespace saker::onnx {

constexpr std::int64_t kExportOpset = 17;
constexpr std::int64_t kMinExportOpset = 11, kMaxExportOpset = 20;

enum class ExportForm : std::uint8_t {
  kQdq,      // as the graph is: QuantizeLinear and DequantizeLinear around float operators
  kQLinear,  // export_qlinear.h: QLinearConv and others, of ai.onnx and com.microsoft
};

// The file's bytes. Inputs are declared as graph.declared_inputs says, outputs with the shapes they have. Errors:
// kUnsupported names the node that the opset cannot express; kLimit beyond protobuf's 2 GB.
Result<std::string> export_model(const Graph& graph, ExportForm form = ExportForm::kQdq,
                                 std::int64_t opset = kExportOpset);

}  // namespace saker::onnx
