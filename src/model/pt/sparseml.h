// Checkpoints of SparseML: weights by their names, and beside them the description that YOLOv5 or Ultralytics makes the
// network of. Of a quantized one the names have the wrappers of torch.ao.quantization in them:
// "model.0.conv.module.weight", "model.0.conv.module.bn.weight", "model.0.conv.quant.activation_post_process.scale".
#pragma once

#include <saker/result.h>

#include <string>

#include "model/pt/import.h"
#include "model/pt/pickle.h"
#include "nets/network.h"

namespace saker::pt {

// What lies under `yaml` or `model_yaml`; null: nothing that could describe a network.
const Value* description_beside(const Value& root);

// Whether the names are of a network in training for 8 bits.
bool is_quantized(const Value& weights);

// The recipe that the file keeps as text; empty: none.
std::string recipe_in(const Value& root);

// The network with these weights. Of a quantized one the scales are left: the weights are trained for 8 bits and stay
// float. Errors: kInvalid (a weight that is missing, too much, or of another shape: named), kUnsupported, kLimit.
Result<nets::Network> described_by_yaml(const Value& root, const Value& description, Weights weights);

}  // namespace saker::pt
