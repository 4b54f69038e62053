// How long the methods of a convolution take, measured as they run in a network. Before: plan/.
#pragma once

#include <saker/result.h>

#include <span>
#include <vector>

#include "plan/conv_method.h"

namespace saker {

struct ConvTiming {
  const ConvMethod* method = nullptr;
  std::vector<double> round_ms;  // one run of the layer, the k-th of all methods measured next to each other
  double ms() const;             // their median
};

// Measures about `ms` milliseconds of each method, in rounds that go over all of them. Weights are random; the layer's
// own are not looked at. Errors: kLimit of memory, and a layer that only the reference evaluator takes (kUnsupported).
Result<std::vector<ConvTiming>> time_conv_methods(const ConvNode& layer, std::span<const ConvMethod* const> methods,
                                                  const PlanOptions& options, double ms);

}  // namespace saker
