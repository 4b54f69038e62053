// Layers in bfloat16: the same as in float32 where inputs and weights are numbers of bfloat16, and only on demand.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/half.h"
#include "support/compiled.h"

namespace saker {
namespace {

void round_all(Tensor tensor) {
  float* values = tensor.data<float>();
  for (std::int64_t i = 0; i < tensor.elements(); ++i) values[i] = bfloat16_to_float(float_to_bfloat16(values[i]));
}

// One convolution; its weights are numbers of bfloat16.
Graph one_conv(const Shape& input, std::int64_t channels, const GraphBuilder::ConvOptions& options, bool silu) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input(input), channels, options);
  b.output(silu ? b.add(Op::kMul, {x, b.add(Op::kSigmoid, {x})}) : x);
  for (Value& value : b.graph().values) {
    if (value.constant && value.dtype == DType::kFloat32) round_all(*value.constant);
  }
  return b.graph();
}

std::ptrdiff_t in_bf16(const Plan& plan) {
  return std::ranges::count_if(plan.steps, [](const Step& step) { return step.kernel.starts_with("conv_bf16"); });
}

void expect_right(const Graph& graph) {
  for (const int threads : {1, 2, 3}) {
    const auto plan = plan_of(graph, in_bf16_by("bf16", graph, threads));
    ASSERT_EQ(in_bf16(*plan), 1) << print(*plan, true);
    auto executor = Executor::create(plan);
    ASSERT_TRUE(executor.ok());
    for (const std::uint32_t seed : {1U, 2U}) {
      const auto inputs = random_inputs(graph, seed);
      for (const Tensor& input : inputs) round_all(input);
      EXPECT_EQ(
          compare_outputs(run_plan(**executor, inputs), evaluate_graph(graph, inputs), error_bounds(graph, inputs)), "")
          << "threads " << threads;
    }
  }
}

class PlanBf16 : public testing::Test {
 protected:
  void SetUp() override {
    if (const Status status = require_bf16(best_isa()); !status.ok()) GTEST_SKIP() << status.error().message;
  }
};

TEST_F(PlanBf16, LayersOfAllShapes) {
  for (const std::int64_t batch : {1, 2}) {
    expect_right(one_conv({batch, 16, 9, 11}, 32, {.kernel = 3}, true));
    expect_right(one_conv({batch, 33, 12, 7}, 70, {.kernel = 3, .stride = 2}, false));
    expect_right(one_conv({batch, 64, 10, 10}, 16, {}, true));
    expect_right(one_conv({batch, 9, 6, 5}, 5, {.kernel = 5, .bias = false}, false));
  }
}

// Panels that hold a part of the rows; weights too large for one thread's cache.
TEST_F(PlanBf16, WideRowsAndLargeWeights) {
  expect_right(one_conv({1, 64, 7, 1600}, 16, {}, false));
  expect_right(one_conv({1, 64, 7, 1600}, 16, {.kernel = 3}, false));
  expect_right(one_conv({1, 256, 5, 4}, 260, {.kernel = 3}, false));
}

TEST_F(PlanBf16, OnlyOnDemand) {
  const Graph graph = one_conv({1, 16, 9, 11}, 32, {.kernel = 3}, true);
  PlanOptions options = in_bf16_by("bf16", graph, 1);
  EXPECT_NE(plan_of(graph, options)->note.find("bf16 in 1 of 1 convolutions"), std::string::npos);
  options.bf16 = false;
  const auto plan = plan_of(graph, options);
  EXPECT_EQ(in_bf16(*plan), 0);
  EXPECT_EQ(plan->note, "");
  EXPECT_NE(print(*plan, true).find("precision bf16 was not asked for"), std::string::npos);
}

TEST_F(PlanBf16, WhatItRefusesStaysFloat32) {
  const Graph few = one_conv({1, 3, 9, 9}, 32, {.kernel = 3}, false);
  const Graph groups = one_conv({1, 32, 9, 9}, 32, {.kernel = 3, .group = 2}, false);
  const Graph padding = one_conv({1, 16, 3, 3}, 16, {.kernel = 1, .pad = 200}, false);
  for (const Graph& graph : {few, groups, padding}) {
    const auto plan = plan_of(graph, in_bf16_by("bf16", graph, 1));
    EXPECT_EQ(in_bf16(*plan), 0) << print(*plan, true);
    EXPECT_NE(plan->note.find("bf16 in 0 of 1 convolutions"), std::string::npos) << plan->note;
  }
}

TEST(PlanWithoutBf16, IsAnErrorWhereTheLevelLacksIt) {
  const Graph graph = one_conv({1, 16, 9, 11}, 32, {.kernel = 3}, true);
  PlanOptions options;
  options.bf16 = true;
  const auto plan = compile_graph(graph, options);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace saker
