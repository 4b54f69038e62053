// Activations of recurrent layers as ONNX names them.
#pragma once

#include <string_view>

#include "graph/ops.h"

namespace saker::onnx {

// An activation with what it takes of the lists of alphas and betas, and what stands for those that are not given.
struct GateEntry {
  std::string_view name;
  Gate kind;
  bool has_alpha = false, has_beta = false;
  float alpha = 0, beta = 0;
};
constexpr GateEntry kGates[] = {
    {"Affine", Gate::kAffine, true, true, 1, 0},
    {"Elu", Gate::kElu, true, false, 1},
    {"HardSigmoid", Gate::kHardSigmoid, true, true, 0.2F, 0.5F},
    {"LeakyRelu", Gate::kLeakyRelu, true, false, 0.01F},
    {"Relu", Gate::kRelu},
    {"ScaledTanh", Gate::kScaledTanh, true, true, 1, 1},
    {"Sigmoid", Gate::kSigmoid},
    {"Softplus", Gate::kSoftplus},
    {"Softsign", Gate::kSoftsign},
    {"Tanh", Gate::kTanh},
    {"ThresholdedRelu", Gate::kThresholdedRelu, true, false, 1},
};

}  // namespace saker::onnx
