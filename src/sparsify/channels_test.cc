// Channels that go: which are tied together, and that the smaller graph computes what the masked one does.
#include "sparsify/channels.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "graph/verifier.h"
#include "quantize/quantize.h"
#include "sparsify/choose_channels.h"
#include "support/test_graphs.h"

namespace saker::sparsify {
namespace {

const Shape kShape = {1, 3, 16, 16};

// A C2f with its residual, a depthwise convolution, a pool, an upsampling beside a skip, a head that is reshaped.
Graph network() {
  GraphBuilder b;
  const ValueId stem = b.conv_silu(b.input(kShape), 32, 3, 2);
  const ValueId x = b.conv_silu(stem, 64, 1);
  auto parts = b.split(x, {32, 32});
  parts.push_back(b.add(Op::kAdd, {parts[1], b.conv_silu(b.conv_silu(parts[1], 24, 3), 32, 3)}));
  const ValueId joined = b.conv_silu(b.concat(parts), 32);
  const ValueId thin = b.add(Op::kRelu, {b.conv(joined, 32, {.kernel = 3, .group = 32})});
  const ValueId deep = b.conv_silu(b.concat({thin, b.max_pool(thin, 3)}), 40, 3, 2);
  const ValueId up = b.concat({b.upsample(deep), joined});
  const ValueId head = b.conv(b.conv_silu(up, 32), 7);
  b.output(b.reshape(head, {1, 7, 64}));
  auto graph = prepare_float_graph(b.graph(), std::span(&kShape, 1));
  EXPECT_TRUE(graph.ok());
  return *graph;
}

void expect_same(const Graph& a, const Graph& b) {
  for (const std::uint32_t seed : {1U, 2U}) {
    const auto inputs = random_inputs(a, seed);
    const auto expected = evaluate_graph(a, inputs);
    EXPECT_EQ(compare_outputs(evaluate_graph(b, inputs), expected, error_bounds(a, inputs)), "");
  }
}

std::int64_t weights_in(const Graph& graph) {
  std::int64_t sum = 0;
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kConv) sum += graph.value(node.inputs[1]).constant->elements();
  }
  return sum;
}

TEST(Channels, WhatIsTiedTogetherGoesTogether) {
  const Graph graph = network();
  const Channels channels = find_channels(graph);
  // stem 32; split 32 (first half) and 32 (second half, tied to the residual's); 24; joined 32 (depthwise too); deep
  // 40; the head's own 32. The head's results stay.
  EXPECT_EQ(channels.sets.size(), 32U + 32 + 32 + 24 + 32 + 40 + 32);
  std::map<std::size_t, int> with_makers;
  for (const ChannelSet& set : channels.sets) {
    ++with_makers[set.made.size()];
    EXPECT_FALSE(set.read.empty());
  }
  EXPECT_EQ(with_makers[2], 32 + 32);  // the residual, and the depthwise convolution
}

TEST(Channels, TheSmallerGraphComputesWhatTheMaskedOneDoes) {
  const Graph graph = network();
  const Channels channels = find_channels(graph);
  for (const std::size_t step : {std::size_t{2}, std::size_t{3}, std::size_t{5}}) {
    std::vector<bool> gone(channels.sets.size(), false);
    for (std::size_t i = 0; i < gone.size(); i += step) gone[i] = true;
    const auto masked = mask_channels(graph, channels, gone), smaller = remove_channels(graph, channels, gone);
    ASSERT_TRUE(masked.ok()) << masked.error().message;
    ASSERT_TRUE(smaller.ok()) << smaller.error().message;
    ASSERT_TRUE(verify(*smaller).ok());
    EXPECT_LT(weights_in(*smaller), weights_in(graph));
    expect_same(*masked, *smaller);
  }
}

TEST(Channels, ChosenEightAtATimeUntilEnoughHasGone) {
  const Graph graph = network();
  const Channels channels = find_channels(graph);
  const PrunableLayers found = find_layers(graph, SparsePattern::kUnstructured, {});
  const std::vector<bool> gone = choose_channels(graph, channels, found, {}, 0.4);
  const auto smaller = remove_channels(graph, channels, gone);
  ASSERT_TRUE(smaller.ok()) << smaller.error().message;
  const double left = static_cast<double>(weights_in(*smaller)) / static_cast<double>(weights_in(graph));
  EXPECT_NEAR(left, 0.6, 0.1);
  EXPECT_LE(left, 0.6);
  for (const Node& node : smaller->nodes) {
    if (node.op != Op::kConv || smaller->value(node.outputs[0]).shape->at(1) == 7) continue;
    EXPECT_EQ(smaller->value(node.outputs[0]).shape->at(1) % 8, 0) << node.name;
  }
}

// What was asked to stay keeps its filters, and those that it reads.
TEST(Channels, LayersThatWereAskedToStayDo) {
  const Graph graph = network();
  const Channels channels = find_channels(graph);
  std::size_t stays = 0;
  while (graph.nodes[stays].op != Op::kConv || graph.value(graph.nodes[stays].outputs[0]).shape->at(1) != 40) ++stays;
  const PrunableLayers found =
      find_layers(graph, SparsePattern::kUnstructured, [&](const Node& node) { return &node == &graph.nodes[stays]; });
  ASSERT_EQ(found.asked, std::vector<std::size_t>{stays});
  const std::vector<bool> gone = choose_channels(graph, channels, found, {}, 0.9);
  EXPECT_GT(std::ranges::count(gone, true), 0);
  for (std::size_t s = 0; s < gone.size(); ++s) {
    if (!gone[s]) continue;
    for (const ConvChannel& made : channels.sets[s].made) EXPECT_NE(made.node, stays);
    for (const ConvChannel& read : channels.sets[s].read) EXPECT_NE(read.node, stays);
  }
}

}  // namespace
}  // namespace saker::sparsify
