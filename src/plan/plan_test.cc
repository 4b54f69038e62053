// What the planner decides: which operators cost nothing, what has to be copied and why.
#include "plan/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/compiled.h"

namespace saker {
namespace {

int count(const Plan& plan, const std::string& part) {
  return static_cast<int>(
      std::ranges::count_if(plan.steps, [&](const Step& step) { return step.kernel.find(part) != std::string::npos; }));
}
int copies(const Plan& plan) {
  return count(plan, "copy_strided");
}

Graph part(const std::string& name) {
  for (Net& net : yolo_parts(1)) {
    if (net.name == name) return std::move(net.graph);
  }
  return {};
}

// The picture comes row-major: one copy brings its channels together. Nothing else is copied.
TEST(PlanSteps, C2fNeedsNoCopiesForItsConcat) {
  const auto plan = plan_of(part("c2f"));
  EXPECT_EQ(copies(*plan), 1) << print(*plan, true);
  EXPECT_EQ(count(*plan, "conv"), 6);
  EXPECT_EQ(plan->steps.size(), 7U) << print(*plan, true);
}

TEST(PlanSteps, SppfAndBackboneWithNeck) {
  // A copy of the input, but not for the backbone's first layer: it reads the picture's planes.
  for (const auto& [name, expected] : {std::pair{"sppf", 1}, {"backbone", 0}}) {
    const auto plan = plan_of(part(name));
    EXPECT_EQ(copies(*plan), expected) << name << "\n" << print(*plan, true);
    EXPECT_EQ(count(*plan, "reference"), 0);
  }
}

// As YOLOX' objectness: its results have gaps between them where they stand.
TEST(PlanSteps, AnActivationOfOneChannelAmongOthers) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input({1, 16, 12, 12}), 32, {.kernel = 3});
  const ValueId y = b.add(Op::kSigmoid, {b.slice(x, 1, 0, 1)});
  b.output(b.concat({b.conv(x, 4), y, b.conv(x, 16)}));
  const auto plan = plan_of(b.graph());
  EXPECT_EQ(count(*plan, "elementwise"), 1) << print(*plan, true);
  EXPECT_EQ(count(*plan, "reference"), 0) << print(*plan, true);
  expect_plan_is_right(b.graph());
}

TEST(PlanSteps, ReshapesOfDenseTensorsAreViews) {
  GraphBuilder b;
  ValueId x = b.reshape(b.input({2, 3, 4}), {6, 4});
  x = b.add(Op::kUnsqueeze, {x, b.ints({0})});
  x = b.add(Op::kFlatten, {b.transpose(x, {1, 0, 2})}, AxisAttrs{1});
  b.output(b.add(Op::kSqueeze, {b.slice(x, 0, 1, 2), b.ints({0})}));
  const auto plan = plan_of(b.graph());
  EXPECT_EQ(plan->steps.size(), 0U) << print(*plan, true);
  EXPECT_GT(plan->views, 0U);
  EXPECT_EQ(plan->arena_bytes, 0U);
  expect_plan_is_right(b.graph());
}

TEST(PlanSteps, SplitSliceTransposeExpandAreViews) {
  GraphBuilder b;
  const ValueId x = b.input({2, 6, 4});
  const auto parts = b.split(x, {1, 2, 3});
  b.output(parts[0]).output(b.transpose(parts[2], {2, 0, 1})).output(b.slice(parts[1], 2, 1, 4, 2));
  b.output(b.add(Op::kExpand, {parts[0], b.ints({2, 5, 4})}));
  const auto plan = plan_of(b.graph());
  EXPECT_EQ(plan->steps.size(), 0U) << print(*plan, true);
  expect_plan_is_right(b.graph());
}

// Three levels of concats end in one buffer.
TEST(PlanSteps, NestedConcatsArePlacedInside) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input({1, 4, 4, 4}), 4);
  ValueId y = b.concat({b.conv(x, 3), b.conv(x, 5)});
  y = b.concat({b.conv(x, 2), y});
  b.output(b.concat({y, b.conv(x, 1)}));
  const auto plan = plan_of(b.graph());
  EXPECT_EQ(copies(*plan), 1) << print(*plan, true);
  EXPECT_EQ(plan->steps.size(), 6U);
  expect_plan_is_right(b.graph());
}

// The heads of YOLOv8: [N, C, H, W] maps reshaped to [N, C, H*W] and joined along the cells, at batch 1 and 2.
TEST(PlanSteps, LevelsAreWrittenIntoTheJoinedHead) {
  for (const std::int64_t batch : {1, 2}) {
    GraphBuilder b;
    const ValueId x = b.conv(b.input({batch, 3, 8, 8}), 5);
    const ValueId y = b.conv(x, 7, {.kernel = 3, .stride = 2});
    const ValueId flat_x = b.reshape(b.concat({b.conv(x, 4), b.conv(x, 6)}), {batch, 10, 64});
    const ValueId flat_y = b.reshape(b.concat({b.conv(y, 4), b.conv(y, 6)}), {batch, 10, 16});
    b.output(b.concat({flat_x, flat_y}, 2));
    const auto plan = plan_of(b.graph());
    EXPECT_EQ(copies(*plan), 1) << print(*plan, true);
    EXPECT_EQ(plan->steps.size(), 7U);
    expect_plan_is_right(b.graph());
  }
}

TEST(PlanSteps, AValueInTwoConcatsIsCopiedOnce) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input({1, 4, 4, 4}), 4);
  const ValueId y = b.conv(x, 3);
  b.output(b.concat({y, b.conv(x, 2)})).output(b.concat({b.conv(x, 6), y}));
  const auto plan = plan_of(b.graph());
  EXPECT_EQ(copies(*plan), 2) << print(*plan, true);
  expect_plan_is_right(b.graph());
}

TEST(PlanSteps, TheSameValueTwiceInOneConcat) {
  GraphBuilder b;
  const ValueId y = b.conv(b.input({1, 4, 4, 4}), 4);
  b.output(b.concat({y, y, y}));
  EXPECT_EQ(copies(*plan_of(b.graph())), 3);
  expect_plan_is_right(b.graph());
}

TEST(PlanSteps, InputsAndConstantsAreCopiedIntoAConcat) {
  GraphBuilder b;
  const ValueId x = b.input({1, 4, 2});
  b.output(b.concat({x, b.random({1, 3, 2}), b.add(Op::kRelu, {x})}));
  EXPECT_EQ(copies(*plan_of(b.graph())), 2);
  expect_plan_is_right(b.graph());
}

// ShuffleNet: all parts of a split go on, in order, into a concat along the same axis.
TEST(PlanSteps, ASplitRejoinedCostsNothing) {
  GraphBuilder b;
  const ValueId x = b.conv(b.input({1, 4, 4, 4}), 6);
  const auto halves = b.split(x, {2, 4});
  b.output(b.concat({b.conv(x, 3), halves[0], halves[1]}));
  EXPECT_EQ(copies(*plan_of(b.graph())), 1);
  expect_plan_is_right(b.graph());
  GraphBuilder other;  // not in order: copied
  const auto swapped = other.split(other.conv(other.input({1, 4, 4, 4}), 6), {3, 3});
  other.output(other.concat({swapped[1], swapped[0]}));
  expect_plan_is_right(other.graph());
}

TEST(PlanSteps, RefusalsCarryReasons) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, 4, 4, 4});
  ConvAttrs attrs;
  b.output(b.add(Op::kConv, {x, b.random({3, 2, 1, 1, 1})}, attrs));
  b.output(b.add(Op::kConv, {b.input({1, 2, 4, 4}), b.input({3, 2, 1, 1})}, attrs));
  const auto plan = plan_of(b.graph());
  ASSERT_EQ(count(*plan, "reference"), 2);
  for (const Step& step : plan->steps) {
    if (step.kernel != "reference") continue;
    ASSERT_FALSE(step.refused.empty()) << print(*plan, true);
    EXPECT_FALSE(step.refused[0].reason.empty());
  }
  EXPECT_NE(print(*plan, true).find("the weights are not constant"), std::string::npos);
  EXPECT_EQ(print(*plan, false).find("the weights are not constant"), std::string::npos);
  expect_plan_is_right(b.graph());
}

TEST(PlanSteps, TooManyDimensionsAreAnError) {
  GraphBuilder b;
  b.output(b.add(Op::kRelu, {b.input(Shape(13, 1))}));
  const auto plan = compile_graph(b.graph());
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kUnsupported);
}

TEST(PlanSteps, BuffersOfAStepAreListed) {
  for (const Net& net : yolo_parts(1)) {
    const auto plan = plan_of(net.graph);
    for (const Step& step : plan->steps) {
      EXPECT_GE(step.buffers.size(), 2U) << step.name;
      for (const BufferId id : step.buffers) {
        ASSERT_GE(id, 0);
        ASSERT_LT(static_cast<std::size_t>(id), plan->buffers.size());
      }
    }
  }
}

// A result that is a slice of a concat's buffer counts as the slice; packed weights count once.
TEST(PlanSteps, BytesAreThoseOfTheViewsAndTheWeights) {
  GraphBuilder b;
  const ValueId x = b.input({1, 8, 4, 4});
  b.output(b.concat({b.add(Op::kRelu, {x}), b.add(Op::kSigmoid, {x})}));
  const auto joined = plan_of(b.graph());
  for (const Step& step : joined->steps) {
    if (step.kernel == "copy_strided") continue;
    EXPECT_EQ(step.bytes, 2 * 8 * 4 * 4 * sizeof(float)) << step.name;
  }
  GraphBuilder c;
  c.output(c.conv(c.input({1, 32, 4, 4}), 32));
  const auto convolution = plan_of(c.graph());
  const Step& last = convolution->steps.back();
  EXPECT_GE(last.bytes, (2.0 * 32 * 4 * 4 + 32 * 32) * sizeof(float));
  EXPECT_LE(last.bytes, 2.0 * 32 * 4 * 4 * sizeof(float) + static_cast<double>(convolution->weight_bytes));
}

// Inputs and result are possible, what the kernel would pack is not.
TEST(PlanLimits, WhatAStepNeedsBesidesIsTooLarge) {
  GraphBuilder b;
  constexpr std::int64_t kMany = 1 << 20, kSome = 1 << 10;
  b.output(b.add(Op::kMatMul, {b.input({kMany, 1, kSome}), b.input({1, kSome, kMany})}));
  const auto plan = compile_graph(b.graph());
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code, ErrorCode::kLimit) << plan.error().message;
}

}  // namespace
}  // namespace saker
