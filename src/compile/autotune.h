// The fastest method of each convolution by measurement rather than by estimate. Before: plan/. After: compile.h.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>

#include "compile/conv_timing.h"
#include "plan/conv_method.h"

namespace saker {

struct AutotuneOptions {
  std::string cache;  // a folder for what was measured; empty: none. One that cannot be used costs the time only
  // time_conv_methods, or a test's
  std::function<Result<std::vector<ConvTiming>>(const ConvNode& layer, std::span<const ConvMethod* const> methods,
                                                const PlanOptions& options, double ms)>
      measure = time_conv_methods;
};

// For PlanOptions::conv_methods. The graph has been through passes/; each distinct layer with a choice is measured
// once, unless the cache has it. Layers that cannot be measured are left to the estimates.
Result<std::map<std::string, std::string>> fastest_conv_methods(const Graph& graph, const PlanOptions& options,
                                                                const AutotuneOptions& autotune);

}  // namespace saker
