// The road from a model's graph to a plan, as whoever needs a plan takes it.
#include "compile/compile.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "graph/printer.h"
#include "passes/pipeline.h"
#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

// Two convolutions that Winograd may compute, behind an input of open batch.
Graph net() {
  GraphBuilder b;
  b.output(b.conv(b.conv(b.input({1, 16, 12, 12}), 16, {.kernel = 3}), 24, {.kernel = 3}));
  b.graph().declared_inputs[0][0] = {-1, "batch"};
  return b.graph();
}

std::size_t convolutions(const Plan& plan) {
  return static_cast<std::size_t>(
      std::ranges::count_if(plan.steps, [](const Step& step) { return step.what.starts_with("Conv"); }));
}

TEST(Compile, BindsRunsThePassesAndPlans) {
  const std::vector<Shape> shapes = {{3, 16, 12, 12}};
  const auto plan = compile(net(), shapes, {"boxes"}, {});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->inputs[0].shape, shapes[0]);
  EXPECT_EQ(plan->outputs[0].view.shape, (Shape{3, 24, 12, 12}));
  EXPECT_EQ(plan->output_names, std::vector<std::string>{"boxes"});
  EXPECT_EQ(convolutions(*plan), 2U);
}

TEST(Compile, ShapesThatDoNotFitAreRefused) {
  for (const std::vector<Shape>& shapes :
       {std::vector<Shape>{}, {{1, 16, 12, 13}}, {{1, 16, 12}}, {{-1, 16, 12, 12}}, {{1, 16, 12, 12}, {1}}}) {
    const auto plan = compile(net(), shapes, {"boxes"}, {});
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(plan.error().code, ErrorCode::kInvalid);
  }
}

TEST(Compile, LimitsArePassedOn) {
  CompileOptions options;
  options.plan.max_bytes = 1000;
  const auto plan = compile(net(), bound_shapes(net()), {"boxes"}, options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kLimit);
}

TEST(Compile, AutotuneMeasuresAndKeepsWhatItMeasured) {
  const fs::path folder = fs::temp_directory_path() / ("saker_compile_" + std::to_string(::getpid()));
  CompileOptions options;
  options.autotune = true;
  options.cache = folder.string();
  const auto plan = compile(net(), bound_shapes(net()), {"boxes"}, options);
  EXPECT_TRUE(plan.ok());
  EXPECT_FALSE(fs::is_empty(folder / "autotune"));
  fs::remove_all(folder);
}

// The nets of YOLO, and one of 8-bit layers.
std::vector<Net> nets() {
  std::vector<Net> all = yolo_parts(1);
  QdqBuilder b;
  const Grid grid = grid_of(2);
  ValueId x = b.snap(b.input({1, 3, 16, 16}), grid);
  x = b.snap(b.add(Op::kRelu, {b.conv8(x, 8, {.kernel = 3})}), grid);
  b.output(b.conv8(b.snap(b.concat({x, b.max_pool(x, 5)}), grid), 6));
  all.push_back({"int8", b.graph()});
  return all;
}

// Empty if the plan without these passes computes what the evaluators do.
std::string check_without(const Graph& graph, const std::vector<std::string>& passes) {
  CompileOptions options;
  options.without = passes;
  options.plan.isa = best_isa();
  auto plan = compile(graph, bound_shapes(graph), std::vector<std::string>(graph.outputs.size(), "out"), options);
  if (!plan.ok()) return plan.error().message;
  auto executor = Executor::create(std::make_shared<const Plan>(std::move(*plan)));
  if (!executor.ok()) return executor.error().message;
  const std::vector<Tensor> inputs = random_inputs(graph, 7);
  const std::vector<Tensor> expected = evaluate_graph(graph, inputs);
  const auto outputs = run_plan(**executor, inputs);
  if (count_ops(graph, Op::kQuantizeLinear) == 0)
    return compare_outputs(outputs, expected, error_bounds(graph, inputs));
  return distance(outputs, expected).mean < 1e-3 ? "" : "far off";
}

TEST(Compile, AnyPassCanBeLeftOut) {
  for (const Net& net : nets()) {
    for (const Pass& pass : all_passes())
      EXPECT_EQ(check_without(net.graph, {pass.name}), "") << net.name << " without " << pass.name;
  }
}

TEST(Compile, AnyPassesCanBeLeftOut) {
  std::mt19937 random(1);
  for (const Net& net : nets()) {
    for (int round = 0; round < 8; ++round) {
      std::vector<std::string> some;
      for (const Pass& pass : all_passes()) {
        if (random() % 2 == 0) some.emplace_back(pass.name);
      }
      std::string names;
      for (const std::string& name : some) names += " " + name;
      EXPECT_EQ(check_without(net.graph, some), "") << net.name << " without" << names;
    }
  }
}

TEST(Compile, PassesThatAreNotThereCannotBeLeftOut) {
  CompileOptions options;
  options.without = {"fold_everything"};
  const auto plan = compile(net(), bound_shapes(net()), {"boxes"}, options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace saker
