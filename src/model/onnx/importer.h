// ONNX -> Graph. Checks everything the file claims and rewrites every opset's form of an operator
// into the one form of graph/ops.h.
#pragma once

#include <saker/result.h>

#include <string>

#include "base/files.h"
#include "model/imported_model.h"

namespace saker::onnx {

// What to do with operators, attributes and opsets that saker lacks.
enum class Unknown {
  kRefuse,
  kAccept,  // for another engine: everything else is checked as ever, but the graph has gaps and is not to be run
};

// `folder` is where external data may lie; empty: none.
Result<ImportedModel> import_model(const FileBytes& file, const std::string& folder,
                                   Unknown unknown = Unknown::kRefuse);

}  // namespace saker::onnx
