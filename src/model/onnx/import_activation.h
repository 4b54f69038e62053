// An activation that a fused operator names.
#pragma once

#include <optional>
#include <string_view>

#include "model/onnx/node_importer.h"

namespace saker::onnx {

struct NamedActivation {
  std::string_view name;  // ONNX's operator; empty: none
  std::optional<float> alpha = {}, beta = {}, gamma = {};
};

// The node's output is that of the activation. Error kUnsupported: one that is not known.
Status emit_activated(NodeImporter& node, ValueId x, const NamedActivation& activation);

}  // namespace saker::onnx
