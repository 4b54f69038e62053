// Graph -> Plan.
#include "compile/compile.h"

#include "base/compile_count.h"
#include "base/try.h"
#include "compile/autotune.h"
#include "passes/pipeline.h"

namespace saker {

Result<Plan> compile(Graph graph, std::span<const Shape> shapes, const std::vector<std::string>& output_names,
                     const CompileOptions& options) {
  ++compile_count();
  SAKER_TRY(bind_input_shapes(graph, shapes));
  SAKER_TRY(run_passes(graph, all_passes(), {.without = options.without, .stop_after = {}, .observe = {}}));
  PlanOptions plan = options.plan;
  if (options.autotune) {
    SAKER_ASSIGN(plan.conv_methods, fastest_conv_methods(graph, plan, {.cache = options.cache}));
  }
  return make_plan(graph, output_names, plan);
}

std::vector<Shape> bound_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  for (const ValueId id : graph.inputs) shapes.push_back(*graph.value(id).shape);
  return shapes;
}

}  // namespace saker
