// Products of dequantized weights, computed before OpenVINO compiles a model.
#pragma once

#include <memory>
#include <openvino/openvino.hpp>

namespace saker::openvino {

// Replaces each Multiply of constants of which one is itself a product (DequantizeLinear(q) * (1/s), as
// docs/quantization.md has it) by its value. OpenVINO 2026.4 computes these while it compiles, once for each stream, on
// threads that now and then overwrite each other's: outputs are then off by hundreds of pixels. A plain
// DequantizeLinear stays, for it is what makes a convolution one of 8 bits.
void fold_weight_products(const std::shared_ptr<ov::Model>& model);

}  // namespace saker::openvino
