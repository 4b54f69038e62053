// The fastest method of each convolution by measurement rather than by estimate.
#include "compile/autotune.h"

#include <algorithm>

#include "base/try.h"
#include "compile/timing_cache.h"
#include "kernels/table.h"
#include "plan/conv_key.h"

namespace saker {
namespace {

constexpr double kMs = 30;           // of each method: medians of five rounds or more repeat to 3 %
constexpr double kHopelessCost = 4;  // estimated so many times as slow: not worth the time

std::vector<const ConvMethod*> candidates(const ConvNode& layer, const PlanOptions& options) {
  std::vector<const ConvMethod*> methods = usable_conv_methods(options, layer);
  const Kernels& kernels = kernels_for(options.isa);
  double least = 0;
  for (const ConvMethod* method : methods) {
    const double cost = method->cost(kernels, layer);
    least = least == 0 ? cost : std::min(least, cost);
  }
  std::erase_if(methods, [&](const ConvMethod* m) { return m->cost(kernels, layer) > kHopelessCost * least; });
  return methods;
}

// Empty: not all of them were measured.
std::string fastest(const std::map<std::string, double>& ms, const std::vector<const ConvMethod*>& methods) {
  std::string best;
  for (const ConvMethod* method : methods) {
    const auto own = ms.find(method->name);
    if (own == ms.end()) return "";
    if (best.empty() || own->second < ms.at(best)) best = method->name;
  }
  return best;
}

}  // namespace

Result<std::map<std::string, std::string>> fastest_conv_methods(const Graph& graph, const PlanOptions& options,
                                                                const AutotuneOptions& autotune) {
  SAKER_ASSIGN(const std::vector<ConvNode> layers, conv_layers(graph));
  const TimingCache cache(autotune.cache, options.isa, options.threads);
  TimingTable known = cache.read(), added;
  std::map<std::string, std::string> chosen;
  for (const ConvNode& layer : layers) {
    if (layer.is_sparse()) continue;  // what is timed has other weights
    const std::string key = conv_key(layer);
    const std::vector<const ConvMethod*> methods = candidates(layer, options);
    if (chosen.contains(key) || methods.size() < 2) continue;
    if (fastest(known[key], methods).empty()) {
      const auto timings = autotune.measure(layer, methods, options, kMs);
      if (!timings.ok()) continue;
      known[key].clear();
      for (const ConvTiming& timing : *timings) known[key][timing.method->name] = timing.ms();
      added[key] = known[key];
    }
    chosen[key] = fastest(known[key], methods);
  }
  if (!added.empty()) (void)cache.add(added);  // without it they are measured again next time
  return chosen;
}

}  // namespace saker
