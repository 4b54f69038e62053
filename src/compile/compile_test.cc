// The road from a model's graph to a plan, as whoever needs a plan takes it.
#include "compile/compile.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "support/test_graphs.h"

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

}  // namespace
}  // namespace saker
