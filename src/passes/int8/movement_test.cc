// Quantizations around what only moves or picks elements: bytes are moved instead.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "graph/printer.h"
#include "graph/verifier.h"
#include "passes/passes.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr double kStep = 3.0 / 128;  // of grid_of(3)

Status run_passes(Graph& graph) {
  if (auto status = unsign_activations(graph); !status.ok()) return status;
  if (auto status = raise_quantization(graph); !status.ok()) return status;
  return verify(graph);
}

// ---- unsign_activations ----

TEST(UnsignActivations, ZeroPointsMoveBy128) {
  QdqBuilder b;
  const Grid grid{{0.5F}, {-128}, DType::kInt8};
  b.output(b.snap(b.input({3}), grid)).output(b.snap(b.input({3}), {{0.5F}, {}, DType::kInt8}));
  ASSERT_TRUE(unsign_activations(b.graph()).ok());
  ASSERT_TRUE(verify(b.graph()).ok());
  const Node& quantize = b.graph().nodes[0];
  EXPECT_EQ(b.graph().value(quantize.outputs[0]).dtype, DType::kUint8);
  EXPECT_EQ(*b.graph().value(quantize.inputs[2]).constant->data<std::uint8_t>(), 0);
}

TEST(UnsignActivations, LeavesWhatOthersRead) {
  const Grid grid{{0.5F}, {1}, DType::kInt8};
  QdqBuilder output;  // of the graph
  output.output(output.quantize(output.input({3}), grid));
  QdqBuilder moved;
  moved.output(moved.dequantize(moved.reshape(moved.quantize(moved.input({1, 3}), grid), {3}), grid));
  for (Graph* graph : {&output.graph(), &moved.graph()}) {
    ASSERT_TRUE(unsign_activations(*graph).ok());
    ASSERT_TRUE(verify(*graph).ok());
    EXPECT_EQ(graph->value(graph->nodes[0].outputs[0]).dtype, DType::kInt8);
  }
}

TEST(UnsignActivations, KeepsWhatTheNumbersStandFor) {
  QdqBuilder b;
  const Grid per_channel{{0.01F, 0.02F, 0.005F}, {-128, 0, 127}, DType::kInt8};
  b.output(b.snap(b.input({1, 3, 4, 5}), per_channel));
  const auto inputs = random_inputs(b.graph(), 1);
  const auto before = evaluate_graph(b.graph(), inputs);
  ASSERT_TRUE(unsign_activations(b.graph()).ok());
  EXPECT_EQ(distance(evaluate_graph(b.graph(), inputs), before).worst, 0);
}

// ---- raise_quantization ----

using Move = std::function<ValueId(QdqBuilder&, ValueId)>;

const std::vector<std::pair<const char*, Move>>& moves() {
  static const std::vector<std::pair<const char*, Move>> list = {
      {"MaxPool", [](QdqBuilder& b, ValueId x) { return b.max_pool(x, 3); }},
      {"MaxPool of stride 2", [](QdqBuilder& b, ValueId x) { return b.max_pool(x, 5, 2); }},
      {"Resize", [](QdqBuilder& b, ValueId x) { return b.upsample(x); }},
      {"Slice of channels", [](QdqBuilder& b, ValueId x) { return b.slice(x, 1, 2, 7); }},
      {"Slice of rows", [](QdqBuilder& b, ValueId x) { return b.slice(x, 2, 1, 6, 2); }},
      {"Slice backwards", [](QdqBuilder& b, ValueId x) { return b.slice(x, 3, -1, INT64_MIN, -1); }},
      {"Split",
       [](QdqBuilder& b, ValueId x) {
         return b.split(x, {3, 5})[1];
       }},
      {"Reshape",
       [](QdqBuilder& b, ValueId x) {
         return b.reshape(x, {1, 4, 12, 7});
       }},
      {"Transpose",
       [](QdqBuilder& b, ValueId x) {
         return b.transpose(x, {0, 2, 3, 1});
       }},
      {"Concat",
       [](QdqBuilder& b, ValueId x) {
         return b.concat({x, b.input(b.shape(x)), x});
       }},
      {"Concat of rows",
       [](QdqBuilder& b, ValueId x) {
         return b.concat({x, x}, 2);
       }},
      {"all", [](QdqBuilder& b, ValueId x) {
         return b.transpose(b.slice(b.max_pool(b.concat({x, b.upsample(b.max_pool(x, 3, 2))}), 3), 2, 1, 5),
                            {0, 3, 2, 1});
       }}};
  return list;
}

// conv -> move -> grid: the quantization meets the convolution.
TEST(RaiseQuantization, ThroughEveryMovement) {
  for (const auto& [name, move] : moves()) {
    if (std::string(name) == "all") continue;  // sizes of its own
    SCOPED_TRACE(name);
    QdqBuilder b;
    const ValueId y = b.conv8(b.snap(b.input({1, 4, 6, 7}), grid_of(1)), 8, {.kernel = 3});
    b.output(b.snap(move(b, y), grid_of(3)));
    const Graph result = lowered(b.graph());
    EXPECT_EQ(count_ops(result, Op::kConvInt8), 1) << first_note(result);
    for (const Node& node : result.nodes) {
      EXPECT_TRUE(node.op == Op::kQuantizeLinear || result.value(node.inputs[0]).dtype == DType::kUint8)
          << print(result);
    }
    expect_lowered_is_right(b.graph(), 1.001 * kStep);
  }
}

TEST(RaiseQuantization, ThroughSeveralInARow) {
  QdqBuilder b;
  const ValueId y = b.conv8(b.snap(b.input({1, 4, 6, 8}), grid_of(1)), 8, {.kernel = 3});
  b.output(b.snap(moves().back().second(b, y), grid_of(3)));
  EXPECT_EQ(count_ops(lowered(b.graph()), Op::kQuantizeLinear), 1);
  expect_lowered_is_right(b.graph(), 1.001 * kStep);
}

TEST(RaiseQuantization, ReadersWithGridsOfTheirOwn) {
  QdqBuilder b;
  const auto parts = b.split(b.conv8(b.snap(b.input({1, 4, 6, 7}), grid_of(1)), 8, {.kernel = 3}), {4, 4});
  b.output(b.snap(parts[0], grid_of(3))).output(b.snap(parts[1], grid_of(2))).output(b.snap(parts[0], grid_of(1)));
  b.output(parts[1]);
  expect_lowered_is_right(b.graph(), 1.001 * kStep);
}

// The parts of a Concat keep grids of their own where the quantization behind it has one for each channel.
TEST(MovedBytes, GridsPerChannelAreJoinedAndCut) {
  QdqBuilder b;
  const Grid left = grid_of(1, 4), right = grid_of(2, 8);
  const ValueId x = b.snap(b.input({1, 4, 6, 7}), left), y = b.snap(b.input({1, 8, 6, 7}), right);
  const auto parts = b.split(b.max_pool(b.concat({x, y}), 3), {6, 6});
  Grid cut;
  for (std::size_t c = 6; c < 12; ++c) cut.scale.push_back(right.scale[c - 4]);
  b.output(b.conv8(b.upsample(parts[1]), 5, {.kernel = 3}, {.input_scales = cut.scale}));
  const Graph result = lowered(b.graph());
  EXPECT_EQ(count_ops(result, Op::kConvInt8), 1) << first_note(result);
  EXPECT_EQ(count_ops(result, Op::kDequantizeLinear), 0) << print(result);
  expect_lowered_is_right(b.graph(), 5e-5);
}

TEST(MovedBytes, AConcatOfTwoGridsHasOneForEachChannel) {
  QdqBuilder b;
  const ValueId both = b.concat({b.snap(b.input({1, 2, 6, 7}), grid_of(1)), b.snap(b.input({1, 3, 6, 7}), grid_of(2))});
  const std::vector<float> scales = {1.0F / 128, 1.0F / 128, 2.0F / 128, 2.0F / 128, 2.0F / 128};
  b.output(b.conv8(both, 4, {.kernel = 3}, {.input_scales = scales}));
  EXPECT_EQ(count_ops(lowered(b.graph()), Op::kConvInt8), 1);
  expect_lowered_is_right(b.graph(), 5e-5);
}

TEST(MovedBytes, WhatIsAlsoReadAsFloat) {
  QdqBuilder b;
  const ValueId x = b.max_pool(b.snap(b.input({1, 4, 6, 7}), grid_of(1)), 3);
  b.output(b.conv8(x, 5)).output(x).output(b.add(Op::kExp, {x}));
  EXPECT_EQ(count_ops(lowered(b.graph()), Op::kConvInt8), 1);
  expect_lowered_is_right(b.graph(), 2e-5);
}

// ---- bounds ----

// Quantizations with as many grids behind a chain of movements: each wants a chain of its own.
TEST(RaiseQuantization, AHostileChainGrowsByAConstantFactor) {
  QdqBuilder b;
  constexpr std::size_t kNodes = 500;
  ValueId x = b.input({1, 4});
  for (std::size_t i = 0; i < kNodes; ++i) x = b.transpose(x, {1, 0});
  for (std::size_t i = 0; i < kNodes; ++i) b.output(b.snap(x, grid_of(1 + 0.01F * static_cast<float>(i))));
  const std::size_t before = b.graph().nodes.size();
  ASSERT_TRUE(run_passes(b.graph()).ok());
  EXPECT_LE(b.graph().nodes.size(), 5 * before + 100);
}

// Every part of a Split quantized: it must not become as many Splits, each with all its outputs.
TEST(RaiseQuantization, ManyPartsOfASplit) {
  for (const bool same : {true, false}) {
    QdqBuilder b;
    constexpr std::size_t kParts = 2000;
    const auto parts = b.split(b.input({1, kParts}), std::vector<std::int64_t>(kParts, 1));
    for (std::size_t i = 0; i < kParts; ++i)
      b.output(b.snap(parts[i], grid_of(same ? 1 : 1 + 0.01F * static_cast<float>(i))));
    const std::size_t before = b.graph().values.size();
    ASSERT_TRUE(run_passes(b.graph()).ok());
    EXPECT_LE(b.graph().values.size(), 20 * before) << same;
  }
}

}  // namespace
}  // namespace saker
