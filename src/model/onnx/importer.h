// ONNX -> Graph. Checks everything the file claims and rewrites every opset's form of an operator
// into the one form of graph/ops.h.
#pragma once

#include <saker/result.h>

#include <string>
#include <vector>

#include "base/files.h"
#include "model/imported_model.h"

namespace saker::onnx {

// What to do with operators, attributes and opsets that saker lacks.
enum class Unknown {
  kRefuse,
  kAccept,  // for another engine: everything else is checked as ever, but the graph has gaps and is not to be run
};

struct ImportOptions {
  std::vector<std::string> folders = {};  // where external data may lie, in the order of looking; empty: none
  std::size_t max_external_bytes = std::size_t{2} << 30;
  Unknown unknown = Unknown::kRefuse;
};

// Errors: kInvalid, kUnsupported, kLimit (bounds of proto.h, of budget.h, and of external data).
Result<ImportedModel> import_model(const FileBytes& file, const ImportOptions& options = {});

}  // namespace saker::onnx
