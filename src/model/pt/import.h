// Checkpoints of detectors to networks.
#pragma once

#include <saker/result.h>

#include "base/files.h"
#include "model/imported_model.h"
#include "nets/network.h"

namespace saker::pt {

// The network of a checkpoint of YOLOv3 to v5, Ultralytics, YOLOX, or SparseML (sparseml.h), or of what
// write_safetensors wrote: of its averaged weights (ema) where it has them, as the families' exporters do. Weights lie
// where the file does. Errors: kInvalid, kUnsupported (another task, another network, weights without one: named),
// kLimit.
Result<nets::Network> read_network(const FileBytes& file);

// Its graph, of open batch, height and width.
Result<ImportedModel> import_model(const FileBytes& file, const nets::GraphOptions& options = {});

using Weights = std::map<std::string, Tensor, std::less<>>;  // a state dictionary: by full names

}  // namespace saker::pt
