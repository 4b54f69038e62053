#include "quantize/observed_run.h"

#include <string>

#include "base/cpu.h"
#include "base/try.h"
#include "passes/passes.h"
#include "passes/pipeline.h"

namespace saker {

Result<std::unique_ptr<Executor>> observe(Graph graph, const std::vector<ValueId>& values, int threads) {
  std::vector<std::string> names;
  for (const ValueId id : values) names.push_back(graph.value(id).name);
  graph.outputs = values;
  SAKER_TRY(remove_dead(graph));
  SAKER_TRY(run_pipeline(graph));
  PlanOptions options;
  options.isa = best_isa();
  options.threads = threads;
  SAKER_ASSIGN(Plan plan, make_plan(graph, names, options));
  return Executor::create(std::make_shared<Plan>(std::move(plan)), threads);
}

}  // namespace saker
