// OpenVINO IR (version 10 and 11: an .xml and the .bin beside it) -> Graph. Checks everything the files claim and
// rewrites IR's layers into the operators of graph/ops.h.
#pragma once

#include <saker/result.h>

#include "base/files.h"
#include "model/imported_model.h"

namespace saker::openvino_ir {

// The graph's constants keep `bin` alive; it may be empty where the model has none.
Result<ImportedModel> import_model(const FileBytes& xml, const FileBytes& bin);

}  // namespace saker::openvino_ir
