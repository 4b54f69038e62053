// OpenVINO IR (export.h).
#include <algorithm>

#include "base/try.h"
#include "exports/export.h"
#include "model/exported_size.h"
#include "model/openvino_ir/exporter.h"
#include "model/openvino_ir/metadata.h"

namespace saker {
namespace {

bool is_open(const Graph& graph) {
  return std::ranges::any_of(graph.declared_inputs, [](const auto& dims) {
    return std::ranges::any_of(dims, [](const DeclaredDim& dim) { return dim.size < 0; });
  });
}

}  // namespace

Result<std::vector<ExportedFile>> openvino_files(const Graph& graph, bool half) {
  openvino_ir::ExportOptions options;
  options.half = half;
  if (is_open(graph)) {
    SAKER_ASSIGN(options.dims, open_value_dims(graph, exported_size(graph.metadata).height));
  }
  SAKER_ASSIGN(openvino_ir::IrFiles files, openvino_ir::export_model(graph, options));
  std::vector<ExportedFile> all = {{".xml", std::move(files.xml)}, {".bin", std::move(files.bin)}};
  if (std::string known = openvino_ir::metadata_text(graph.metadata); !known.empty())
    all.push_back({"metadata.yaml", std::move(known)});
  return all;
}

}  // namespace saker
