// The ways to run a Conv or ConvInt8, and how one is chosen (lower_conv.cc).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/conv_node.h"

namespace saker {

// Which of a layer's values a method takes where they lie in memory as bfloat16 (Layout::storage), besides float32. The
// addends are as the results.
enum class Bf16Storage : std::uint8_t {
  kNone,
  kResults,
  kBoth,     // inputs, results, or both
  kBothOnly  // both or none
};

struct ConvMethod {
  const char* name;                               // "direct": as in PlanOptions::conv_methods
  Op op;                                          // that it runs
  std::string (*kernel)(const Kernels& kernels);  // the name of its kernel
  std::string (*refusal)(const PlanOptions& options, const ConvNode& conv);   // why it cannot run the layer, or empty
  double (*cost)(const Kernels& kernels, const ConvNode& conv);               // estimate, cycles of one core
  Status (*lower)(Planner& planner, const Node& node, const ConvNode& conv);  // packs the weights, makes the step
  Bf16Storage bf16_storage = Bf16Storage::kNone;
};

// The name of a kernel that not every CPU has: there its family's.
template <typename Kernel>
std::string name_of(const Kernel* kernel, const char* family) {
  if (kernel == nullptr) return family;
  if constexpr (requires { kernel->name; }) {
    return kernel->name.text();
  } else {
    return kernel->multiply.name.text();
  }
}

extern const ConvMethod kConvBf16, kConvBf16Tiles, kConvDepthwise, kConvDirect, kConvSparse, kConvWinograd,
    kConvWinogradStride2;
extern const ConvMethod kConvInt8Depthwise, kConvInt8Direct, kConvInt8Pairs, kConvInt8Sparse, kConvInt8Tiles,
    kConvInt8Triples, kConvInt8Winograd;
std::span<const ConvMethod* const> conv_methods();
std::vector<const ConvMethod*> usable_conv_methods(const PlanOptions& options, const ConvNode& conv);
// Of those: the caller's choice (PlanOptions::conv_methods), else the one with the lowest estimate. Null: none.
const ConvMethod* choose_conv_method(const PlanOptions& options, const ConvNode& conv);

// What the costs are made of; cycles.
constexpr double kActivationCycles = 10;  // SiLU of one vector, its load and store

constexpr const char* kBf16NotAsked = "precision bf16 was not asked for";
// Why methods in bfloat16 leave a layer of so few channels to others; or empty.
std::string refusal_of_few_channels(const ConvNode& conv);

// A refusal of methods without CoarsePicture.
constexpr const char* kNoCoarse = "it adds no picture of half the size";
// Of methods for one input and one output channel a group.
std::string refusal_of_depthwise(const ConvNode& conv);

// Of methods for 3x3 of this stride, without dilation, of one group.
std::string refusal_of_3x3(const ConvNode& conv, std::int64_t stride);

// Of a plan with PlanOptions::bf16: where it is used, and why not everywhere.
std::string bf16_note(const Plan& plan);

}  // namespace saker
