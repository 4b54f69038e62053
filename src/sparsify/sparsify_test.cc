// Whole networks pruned: as much as asked, in the pattern, and better the more is known.
#include "sparsify/sparsify.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "graph/verifier.h"
#include "quantize/quantize.h"
#include "sparsify/sparsity_report.h"
#include "support/qdq_graphs.h"

namespace saker::sparsify {
namespace {

const Shape kShape = {1, 3, 24, 24};

// A split with a residual, a concat, a depthwise convolution, a head; the first layer sees three channels.
Graph small_net() {
  GraphBuilder b;
  const ValueId x = b.conv_silu(b.conv_silu(b.input(kShape), 16, 3, 2), 32, 3);
  auto parts = b.split(x, {16, 16});
  parts.push_back(b.add(Op::kAdd, {parts[1], b.conv_silu(parts[1], 16, 3)}));
  const ValueId joined = b.conv_silu(b.concat(parts), 32);
  const ValueId deep = b.add(Op::kRelu, {b.conv(joined, 32, {.kernel = 3, .group = 32})});
  b.output(b.conv(b.concat({deep, joined}), 18));
  auto graph = prepare_float_graph(b.graph(), std::span(&kShape, 1));
  EXPECT_TRUE(graph.ok());
  return *graph;
}

// Pictures whose pixels are like their neighbours, as real ones are.
PictureFeed feed(std::size_t count = 16) {
  PictureFeed result;
  result.count = count;
  result.fill = [](std::size_t i, Tensor& input, ThreadPool&) -> Status {
    const Tensor coarse = random_tensor({1, 3, 4, 4}, 100 + static_cast<std::uint32_t>(i), 0, 1);
    const Tensor fine = random_tensor(input.shape(), 900 + static_cast<std::uint32_t>(i), 0, 0.2F);
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t y = 0; y < 24; ++y) {
        for (std::int64_t x = 0; x < 24; ++x) {
          const std::int64_t at = (c * 24 + y) * 24 + x;
          input.data<float>()[at] = coarse.data<float>()[(c * 4 + y / 6) * 4 + x / 6] + fine.data<float>()[at];
        }
      }
    }
    return {};
  };
  return result;
}

Sparsified sparse(const Graph& graph, const SparsifyOptions& options, bool pictures = true) {
  const PictureFeed shown = feed();
  auto result = sparsify(graph, options, pictures ? &shown : nullptr);
  EXPECT_TRUE(result.ok()) << result.error().message;
  if (!result.ok()) return {};
  EXPECT_TRUE(verify(result->graph).ok());
  return std::move(*result);
}

SparsifyOptions options_of(SparsePattern pattern, double sparsity, Method method = Method::kObs) {
  SparsifyOptions options;
  options.pattern = pattern;
  options.sparsity = sparsity;
  options.method = method;
  options.threads = 2;
  return options;
}

double zeros_of(const Sparsified& result) {
  double zeros = 0, all = 0;
  for (const SparseLayer& layer : result.layers) {
    zeros += layer.sparsity * static_cast<double>(layer.dims.size());
    all += static_cast<double>(layer.dims.size());
  }
  return zeros / all;
}

// Mean squared difference of the results on pictures it was not shown, relative to their mean square.
double error_of(const Graph& graph, const Graph& dense) {
  double difference = 0, whole = 0;
  for (std::size_t i = 50; i < 53; ++i) {
    ThreadPool pool(1);
    std::vector<Tensor> inputs;
    inputs.push_back(random_tensor(kShape, 1));
    EXPECT_TRUE(feed().fill(i, inputs[0], pool).ok());
    const Tensor a = evaluate_graph(graph, inputs)[0], b = evaluate_graph(dense, inputs)[0];
    for (std::int64_t k = 0; k < a.elements(); ++k) {
      const double x = static_cast<double>(a.data<float>()[k]), y = static_cast<double>(b.data<float>()[k]);
      difference += (x - y) * (x - y);
      whole += y * y;
    }
  }
  return difference / whole;
}

TEST(Sparsify, AsManyZerosAsAskedInThePattern) {
  const Graph dense = small_net();
  for (const Method method : {Method::kMagnitude, Method::kObs}) {
    for (const SparsePattern pattern :
         {SparsePattern::kUnstructured, SparsePattern::kBlock4, SparsePattern::k2x4, SparsePattern::k4x4}) {
      SCOPED_TRACE(name_of(pattern));
      const Sparsified result = sparse(dense, options_of(pattern, 0.6, method));
      EXPECT_EQ(result.layers.size(), pattern == SparsePattern::kUnstructured ? 5U : 4U);
      EXPECT_NEAR(zeros_of(result), 0.6, 0.01);
      const BlockSize block = block_size(pattern).value();
      for (const SparseLayer& layer : result.layers) {
        const Node& node = result.graph.nodes[layer.node];
        const Tensor& w = *result.graph.value(node.inputs[1]).constant;
        const auto full = count_full_blocks<float>(w.data<float>(), layer.dims, block, 0.0F);
        const auto numbers = layer.dims.size() - std::count(w.data<float>(), w.data<float>() + w.elements(), 0.0F);
        EXPECT_LE(numbers, full * block.outputs * block.inputs) << layer.name;
        if (layer.dims.out_c % block.outputs == 0) {
          EXPECT_EQ(numbers, full * block.outputs * block.inputs) << layer.name;
        }
      }
    }
  }
}

TEST(Sparsify, TheMoreIsKnownTheBetter) {
  const Graph dense = small_net();
  for (const SparsePattern pattern : {SparsePattern::kUnstructured, SparsePattern::k4x4}) {
    SCOPED_TRACE(name_of(pattern));
    const Sparsified blind = sparse(dense, options_of(pattern, 0.5, Method::kMagnitude), false);
    const double smallest = error_of(sparse(dense, options_of(pattern, 0.5, Method::kMagnitude)).graph, dense);
    const double best = error_of(sparse(dense, options_of(pattern, 0.5)).graph, dense);
    EXPECT_LT(smallest, error_of(blind.graph, dense));
    EXPECT_LT(best, 0.7 * smallest);
  }
}

// Half of a layer's weights are next to nothing: that they cost nothing says nothing of the others.
TEST(Sparsify, WeightsThatAreNextToNothingDoNotSpeakForTheirLayer) {
  Graph dense = small_net();
  const std::size_t node =
      sparse(dense, options_of(SparsePattern::kUnstructured, 0.3, Method::kMagnitude)).layers[1].node;
  Tensor weights = *dense.value(dense.nodes[node].inputs[1]).constant;
  for (std::int64_t i = 0; i < weights.elements(); i += 2) weights.data<float>()[i] *= 1e-20F;
  const Sparsified result = sparse(dense, options_of(SparsePattern::kUnstructured, 0.3, Method::kMagnitude));
  const auto layer = std::ranges::find(result.layers, node, &SparseLayer::node);
  ASSERT_NE(layer, result.layers.end());
  EXPECT_GE(layer->sparsity, 0.45);
  EXPECT_LE(layer->sparsity, 0.6);  // 0.825 is the most that a layer may lose
}

TEST(Sparsify, TwoOfFourIsHalf) {
  const Sparsified result = sparse(small_net(), options_of(SparsePattern::kTwoOfFour, 0.5));
  const SparsityReport report = report_sparsity(result.graph);
  for (const SparseLayer& layer : result.layers) {
    EXPECT_DOUBLE_EQ(layer.sparsity, 0.5);
    for (const LayerSparsity& counted : report.layers) {
      if (counted.name == layer.name) {
        EXPECT_EQ(counted.zeros.two_of_four.share(), 1);
      }
    }
  }
}

// Channels go with all that makes and reads them, and what is left makes up for them.
TEST(Sparsify, ChannelsAreRemoved) {
  const Graph dense = small_net();
  const Sparsified best = sparse(dense, options_of(SparsePattern::kChannel, 0.3));
  const Sparsified smallest = sparse(dense, options_of(SparsePattern::kChannel, 0.3, Method::kMagnitude));
  const std::int64_t before = report_sparsity(dense).all.elements.all;
  for (const Sparsified* result : {&best, &smallest}) {
    const SparsityReport report = report_sparsity(result->graph);
    EXPECT_LE(report.all.elements.all, before * 7 / 10);
    EXPECT_GT(report.all.elements.all, before / 2);
    EXPECT_EQ(report.all.elements.zero, 0);
  }
  EXPECT_LT(error_of(best.graph, dense), 0.8 * error_of(smallest.graph, dense));
}

TEST(Sparsify, LayersThatDoNotFitAreNamedAndTheRestGoesOn) {
  const Sparsified result = sparse(small_net(), options_of(SparsePattern::k4x4, 0.5));
  std::string left;
  for (const auto& [name, why] : result.left_dense) left += why + "\n";
  EXPECT_NE(left.find("3 input channels are fewer than 4"), std::string::npos) << left;
  EXPECT_NE(left.find("32 groups"), std::string::npos) << left;
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_NE(result.notes[0].find("18 output channels"), std::string::npos);
}

TEST(Sparsify, UniformMeansEveryLayer) {
  SparsifyOptions options = options_of(SparsePattern::kUnstructured, 0.5);
  options.uniform = true;
  for (const SparseLayer& layer : sparse(small_net(), options).layers) EXPECT_NEAR(layer.sparsity, 0.5, 0.01);
}

TEST(Sparsify, LayersMayBeKeptAndPutBack) {
  const Graph dense = small_net();
  SparsifyOptions options = options_of(SparsePattern::kBlock4, 0.5);
  const Sparsified all = sparse(dense, options);
  const std::string first = all.layers[0].name;
  options.keep_dense = [&](const Node& node) { return node.name == first; };
  const Sparsified kept = sparse(dense, options);
  EXPECT_EQ(kept.layers.size(), all.layers.size() - 1);
  const Graph back = with_dense_layers(all, dense, std::vector<bool>(all.layers.size(), true));
  ASSERT_TRUE(verify(back).ok());
  EXPECT_EQ(error_of(back, dense), 0);
}

TEST(Sparsify, TheSameForAnyNumberOfThreads) {
  const Graph dense = small_net();
  SparsifyOptions options = options_of(SparsePattern::k2x4, 0.5);
  const Sparsified two = sparse(dense, options);
  options.threads = 1;
  const Sparsified one = sparse(dense, options);
  for (std::size_t i = 0; i < one.layers.size(); ++i) {
    const auto weights = [&](const Sparsified& result) {
      const Node& node = result.graph.nodes[result.layers[i].node];
      return *result.graph.value(node.inputs[1]).constant;
    };
    const Tensor a = weights(one), b = weights(two);
    EXPECT_EQ(std::memcmp(a.raw(), b.raw(), a.bytes()), 0) << one.layers[i].name;
  }
}

// Error compensation and bias correction of the quantizer leave zeros alone, whatever the scales.
TEST(Sparsify, TheQuantizerKeepsZerosAndMakesFewNew) {
  const Graph dense = small_net();
  const Sparsified result = sparse(dense, options_of(SparsePattern::kBlock4, 0.6));
  const SparsityReport before = report_sparsity(result.graph);
  for (const ActivationScales scales : {ActivationScales::kPerChannel, ActivationScales::kPerTensor}) {
    QuantizeOptions options;
    options.activations = scales;
    options.threads = 2;
    auto quantized = quantize(result.graph, options, feed());
    ASSERT_TRUE(quantized.ok()) << quantized.error().message;
    const SparsityReport after = report_sparsity(quantized->graph);
    ASSERT_EQ(after.layers.size(), before.layers.size());
    ASSERT_TRUE(after.unknown.empty());
    for (std::size_t i = 0; i < after.layers.size(); ++i) {
      EXPECT_GE(after.layers[i].zeros.block4.zero, before.layers[i].zeros.block4.zero) << after.layers[i].name;
      EXPECT_GE(after.layers[i].zeros.elements.zero, before.layers[i].zeros.elements.zero);
    }
    EXPECT_LT(after.all.elements.share(), before.all.elements.share() + 0.05);
  }
}

TEST(Sparsify, WhatCannotBeIsRefused) {
  const Graph dense = small_net();
  const PictureFeed shown = feed(2);
  EXPECT_FALSE(sparsify(dense, options_of(SparsePattern::k4x4, 1.5), &shown).ok());
  EXPECT_FALSE(sparsify(dense, options_of(SparsePattern::k4x4, 0.5), nullptr).ok());
  SparsifyOptions none = options_of(SparsePattern::k4x4, 0.5);
  none.keep_dense = [](const Node&) { return true; };
  const auto nothing = sparsify(dense, none, &shown);
  ASSERT_FALSE(nothing.ok());
  EXPECT_NE(nothing.error().message.find("asked to stay dense"), std::string::npos);
}

}  // namespace
}  // namespace saker::sparsify
