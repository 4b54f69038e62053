// A test graph compiled and run as a session does it, with the graph in hand.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "compile/compile.h"
#include "graph/printer.h"
#include "passes/pipeline.h"
#include "plan/conv_key.h"
#include "runtime/executor.h"
#include "support/test_graphs.h"

namespace saker {

inline std::vector<Isa> usable_isas() {
  std::vector<Isa> levels = named_isas();
  std::erase_if(levels, [](Isa isa) { return !isa_supported(isa); });
  return levels;
}

inline Result<std::shared_ptr<const Plan>> compile_graph(Graph graph, PlanOptions options = {}) {
  const std::vector<Shape> shapes = bound_shapes(graph);
  const std::vector<std::string> names(graph.outputs.size(), "out");
  auto plan = compile(std::move(graph), shapes, names, {.plan = std::move(options)});
  if (!plan.ok()) return plan.error();
  return std::shared_ptr<const Plan>(std::make_shared<Plan>(std::move(*plan)));
}

// The plan of a graph that must compile.
inline std::shared_ptr<const Plan> plan_of(const Graph& graph, PlanOptions options = {}) {
  auto plan = compile_graph(graph, options);
  EXPECT_TRUE(plan.ok()) << plan.error().message;
  return plan.ok() ? *plan : std::make_shared<const Plan>();
}

inline PlanOptions options_of(Isa isa, int threads) {
  PlanOptions options;
  options.isa = isa;
  options.threads = threads;
  return options;
}

// That method for every convolution, whatever the cost model says. `ready`: after the passes.
inline PlanOptions forced(const Graph& ready, Isa isa, int threads, const std::string& method) {
  PlanOptions options = options_of(isa, threads);
  for (const Node& node : ready.nodes) {
    ConvNode conv;
    if (node.op != Op::kConvInt8 && node.op != Op::kConv) continue;
    EXPECT_TRUE(describe_conv(ready, node, conv).ok());
    options.conv_methods[conv_key(conv)] = method;
  }
  return options;
}

// The same in bfloat16, of a graph before or after the passes; layers of few channels, which the methods refuse, are
// direct ones.
inline PlanOptions in_bf16_by(const std::string& method, const Graph& given, int threads) {
  Graph ready = given;
  EXPECT_TRUE(run_passes(ready, all_passes()).ok());
  PlanOptions options = forced(ready, best_isa(), threads, method);
  options.bf16 = true;
  const auto layers = conv_layers(ready);
  EXPECT_TRUE(layers.ok());
  for (const ConvNode& layer : *layers) {
    if (layer.groups == 1 && layer.shape.in_c < 8) options.conv_methods[conv_key(layer)] = "direct";
  }
  return options;
}

inline std::vector<Tensor> run_plan(Executor& executor, const std::vector<Tensor>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].bytes() > 0) std::memcpy(executor.input(i).raw(), inputs[i].raw(), inputs[i].bytes());
  }
  const Status status = executor.run();
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().message);
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; status.ok() && i < executor.plan()->outputs.size(); ++i)
    outputs.push_back(to_dense(executor.output(i)).value());
  return outputs;
}

// Compiles for each ISA level and 1 to 3 threads, runs twice on different numbers, compares with the evaluators.
inline void expect_plan_is_right(const Graph& graph) {
  std::vector<std::vector<Tensor>> inputs, expected, bounds;
  for (const std::uint32_t seed : {5U, 99U}) {
    inputs.push_back(random_inputs(graph, seed));
    expected.push_back(evaluate_graph(graph, inputs.back()));
    bounds.push_back(error_bounds(graph, inputs.back()));
  }
  for (const Isa isa : usable_isas()) {
    for (const int threads : {1, 2, 3}) {
      SCOPED_TRACE(std::string(isa_name(isa)) + ", threads " + std::to_string(threads));
      PlanOptions options;
      options.isa = isa;
      options.threads = threads;
      const auto plan = plan_of(graph, options);
      auto executor = Executor::create(plan);
      ASSERT_TRUE(executor.ok());
      for (const std::size_t round : {0U, 1U, 0U}) {
        const auto outputs = run_plan(**executor, inputs[round]);
        ASSERT_EQ(compare_outputs(outputs, expected[round], bounds[round]), "") << print(*plan, true);
      }
    }
  }
}

}  // namespace saker
