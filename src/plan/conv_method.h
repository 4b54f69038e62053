// The ways to run a Conv or ConvInt8, and how one is chosen (lower_conv.cc).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/conv_node.h"

namespace saker {

struct ConvMethod {
  const char* name;                               // "direct": as in PlanOptions::conv_methods
  Op op;                                          // that it runs
  std::string (*kernel)(const Kernels& kernels);  // the name of its kernel
  std::string (*refusal)(const PlanOptions& options, const ConvNode& conv);   // why it cannot run the layer, or empty
  double (*cost)(const Kernels& kernels, const ConvNode& conv);               // estimate, cycles of one core
  Status (*lower)(Planner& planner, const Node& node, const ConvNode& conv);  // packs the weights, makes the step
};

extern const ConvMethod kConvBf16, kConvDepthwise, kConvDirect, kConvSparse, kConvWinograd, kConvWinogradStride2;
extern const ConvMethod kConvInt8Depthwise, kConvInt8Direct, kConvInt8Pairs, kConvInt8Sparse, kConvInt8Tiles,
    kConvInt8Winograd;
std::span<const ConvMethod* const> conv_methods();
std::vector<const ConvMethod*> usable_conv_methods(const PlanOptions& options, const ConvNode& conv);
// Of those: the caller's choice (PlanOptions::conv_methods), else the one with the lowest estimate. Null: none.
const ConvMethod* choose_conv_method(const PlanOptions& options, const ConvNode& conv);

// What the costs are made of; cycles.
constexpr double kActivationCycles = 10;  // SiLU of one vector, its load and store

// A refusal of methods without CoarsePicture.
constexpr const char* kNoCoarse = "it adds no picture of half the size";
// Of methods for one input and one output channel a group.
std::string refusal_of_depthwise(const ConvNode& conv);

// Of methods for 3x3 of this stride, without dilation, of one group.
std::string refusal_of_3x3(const ConvNode& conv, std::int64_t stride);

// Whether PlanOptions::bf16 is possible.
Status check_bf16(Isa isa);
// Of a plan with PlanOptions::bf16: where it is used, and why not everywhere.
std::string bf16_note(const Plan& plan);

}  // namespace saker
