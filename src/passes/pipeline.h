// Graph -> simpler Graph, for one set of input shapes. Knows nothing of the CPU.
// Before: model/ (import). After: plan/ (lowering to this machine).
#pragma once

#include <saker/result.h>

#include <functional>
#include <span>
#include <string_view>

#include "graph/graph.h"

namespace saker {

struct Pass {
  const char* name;
  const char* what;  // one line for people
  Status (*run)(Graph&);
};

// In the order they run.
std::span<const Pass> pass_table();

// Gives the graph's inputs their shapes. One shape per input; declared dimensions must agree.
Status bind_input_shapes(Graph& graph, std::span<const Shape> shapes);

// Runs the passes; the graph is verified after each. Stops after `stop_after` if that is not
// empty (an error if no pass has that name). `observe` is called after each pass.
Status run_pipeline(Graph& graph, std::string_view stop_after = {},
                    const std::function<void(const Pass&, const Graph&)>& observe = {});

}  // namespace saker
