#include "quantize/observed_run.h"

#include <string>

#include "base/cpu.h"
#include "base/try.h"
#include "compile/compile.h"
#include "passes/passes.h"

namespace saker {

Result<std::unique_ptr<Executor>> observe(Graph graph, const std::vector<ValueId>& values, int threads) {
  std::vector<std::string> names;
  for (const ValueId id : values) names.push_back(graph.value(id).name);
  graph.outputs = values;
  graph.declared_outputs.clear();
  SAKER_TRY(remove_dead(graph));
  CompileOptions options;
  SAKER_ASSIGN(options.plan.isa, choose_isa(""));
  options.plan.threads = threads;
  const std::vector<Shape> shapes = bound_shapes(graph);
  SAKER_ASSIGN(Plan plan, compile(std::move(graph), shapes, names, options));
  return Executor::create(std::make_shared<Plan>(std::move(plan)));
}

}  // namespace saker
