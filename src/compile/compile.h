// Graph -> Plan: the road from a model to what runs on this machine, in one function. Before: model/. After: runtime/.
#pragma once

#include <saker/result.h>

#include <span>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace saker {

struct CompileOptions {
  PlanOptions plan;
  // The fastest method of each convolution by measurement, in place of plan.conv_methods: seconds, unless `cache`, a
  // folder, has it from before (empty: none is kept).
  bool autotune = false;
  std::string cache{};
  std::vector<std::string> without{};  // passes to leave out
};

// One shape per input of the graph; one name per output.
Result<Plan> compile(Graph graph, std::span<const Shape> shapes, const std::vector<std::string>& output_names,
                     const CompileOptions& options);

// The shapes that a graph's inputs have already: of one whose shapes were bound before.
std::vector<Shape> bound_shapes(const Graph& graph);

}  // namespace saker
