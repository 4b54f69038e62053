// The accuracy bound on a small network whose layers cost what the test says they cost.
#include "quantize/accuracy.h"

#include <gtest/gtest.h>

#include <cstring>

#include "support/qdq_graphs.h"

namespace saker {
namespace {

constexpr std::size_t kLayers = 6;
constexpr double kCosts[kLayers] = {0.01, 0.20, 0.10, 0.02, 0.005, 0.04};

// What sensitivity says of them: in the order of their costs, the second is worst.
std::vector<LayerSensitivity> sensitivities() {
  std::vector<LayerSensitivity> layers;
  for (const double cost : kCosts) layers.push_back({0, cost});
  return layers;
}

Quantizer make_quantizer() {
  const Shape shape = {1, 3, 8, 8};
  GraphBuilder b;
  ValueId x = b.input(shape);
  for (std::size_t i = 0; i + 1 < kLayers; ++i) x = b.conv_silu(x, 8, 3);
  b.output(b.conv(x, 5));
  auto graph = prepare_float_graph(b.graph(), std::span(&shape, 1));
  EXPECT_TRUE(graph.ok());
  PictureFeed feed;
  feed.count = 2;
  feed.fill = [](std::size_t i, Tensor& input, ThreadPool&) -> Status {
    const Tensor numbers = random_tensor(input.shape(), 100 + static_cast<std::uint32_t>(i), -1, 1);
    std::memcpy(input.raw(), numbers.raw(), numbers.bytes());
    return {};
  };
  auto quantizer = Quantizer::create(*graph, {}, feed);
  EXPECT_TRUE(quantizer.ok());
  return std::move(*quantizer);
}

// 1 less the costs of the layers that are in 8 bits: those whose weights nodes make.
Result<double> score_of(const Graph& graph) {
  const std::vector<std::int32_t> made_by = producers(graph);
  double score = 1;
  std::size_t layer = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv) continue;
    if (made_by[static_cast<std::size_t>(node.inputs[1])] >= 0) score -= kCosts[layer];
    ++layer;
  }
  EXPECT_EQ(layer, kLayers);
  return score;
}

struct Tried {
  std::vector<std::size_t> counts;
  void operator()(const Reverted& reverted) { counts.push_back(reverted.count); }
};

TEST(Accuracy, TheWorstLayerComesFirst) {
  EXPECT_EQ(worst_first(sensitivities()), (std::vector<std::size_t>{1, 2, 5, 3, 0, 4}));
}

TEST(Accuracy, AsFewLayersAsNeedBeGoBackToFloat) {
  const Quantizer quantizer = make_quantizer();
  ASSERT_NEAR(score_of(quantizer.run()->graph).value(), 0.625, 1e-9);
  Tried tried;
  const auto reverted = revert_worst(quantizer, sensitivities(), score_of, 0.96, std::ref(tried));
  ASSERT_TRUE(reverted.ok());
  EXPECT_EQ(tried.counts, (std::vector<std::size_t>{1, 2, 4, 3}));
  EXPECT_EQ(reverted->count, 3U);
  EXPECT_EQ(reverted->in_float, (std::vector<bool>{false, true, true, false, false, true}));
  EXPECT_NEAR(reverted->score, 0.965, 1e-9);
}

TEST(Accuracy, ABoundThatNoLayerInEightBitsKeepsIsRefused) {
  const auto reverted = revert_worst(make_quantizer(), sensitivities(), score_of, 0.999, {});
  ASSERT_FALSE(reverted.ok());
  EXPECT_EQ(reverted.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(reverted.error().setting, "max_drop");
}

TEST(Accuracy, CostsAreWhatTheScoreGainsWithTheLayerInFloat) {
  const Quantizer quantizer = make_quantizer();
  std::vector<bool> in_float(kLayers, false);
  in_float[2] = true;
  const auto costs = measure_costs(quantizer, sensitivities(), in_float, 2, score_of, 0.725);
  ASSERT_TRUE(costs.ok());
  ASSERT_EQ(costs->size(), 2U);
  EXPECT_EQ((*costs)[0].first, 1U);
  EXPECT_NEAR((*costs)[0].second, 0.20, 1e-9);
  EXPECT_EQ((*costs)[1].first, 5U);
  EXPECT_NEAR((*costs)[1].second, 0.04, 1e-9);
}

TEST(Accuracy, AnEvaluationThatFailsEndsTheSearch) {
  const auto fails = [](const Graph&) -> Result<double> { return Error{ErrorCode::kIo, "no pictures"}; };
  EXPECT_EQ(revert_worst(make_quantizer(), sensitivities(), fails, 0.9, {}).error().message, "no pictures");
}

}  // namespace
}  // namespace saker
