// Graph -> simpler Graph, for one set of input shapes. Knows nothing of the CPU.
// Before: model/ (import). After: plan/ (lowering to this machine).
#pragma once

#include <saker/result.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace saker {

struct Pass {
  const char* name;
  const char* what;  // one line for people
  Status (*run)(Graph&);
};

// In the order they run. Portable: what any engine computes, and model files can say; what the quantizer and writers of
// files work on. The engine's: what only our kernels do, after the portable ones.
std::span<const Pass> portable_passes();
std::span<const Pass> engine_passes();
std::span<const Pass> all_passes();  // both

// Gives the graph's inputs their shapes. One shape per input; declared dimensions must agree.
Status bind_input_shapes(Graph& graph, std::span<const Shape> shapes);

// What one pass did.
struct PassRun {
  double ms = 0;
  std::size_t nodes_before = 0, nodes_after = 0;
};

struct PassOptions {
  std::vector<std::string> without;                          // passes to leave out
  std::string stop_after;                                    // the last pass to run; empty: all
  std::function<void(const Pass&, const PassRun&)> observe;  // called after each pass
};

// Runs the passes; the graph is verified after each. Error kInvalid: a name that none of them has. Without a pass the
// graph may end up slower, never wrong; without fold_constants no shape is known.
Status run_passes(Graph& graph, std::span<const Pass> passes, const PassOptions& options = {});

}  // namespace saker
