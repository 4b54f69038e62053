// Plans of one network for several batches: the weights in memory once, the same methods, the same results.
#include "plan/weight_store.h"

#include <gtest/gtest.h>

#include <cstring>

#include "passes/pipeline.h"
#include "plan/bf16.h"
#include "plan/conv_key.h"
#include "plan/conv_method.h"
#include "support/compiled.h"
#include "support/qdq_graphs.h"

namespace saker {
namespace {

// The plan for 3 pictures beside one for 8, which is freed before anything runs.
struct Beside {
  std::shared_ptr<const Plan> plan;
  std::map<std::string, std::string> methods;  // of the plan for 8
};

Beside plan_beside(const Graph& for_8, const Graph& for_3, const PlanOptions& options_for_8) {
  PlanOptions options = options_for_8;
  options.conv_methods.clear();
  options.base = plan_of(for_8, options_for_8);
  EXPECT_GT(options.base->weight_bytes, 0U);
  return {plan_of(for_3, options), options.base->conv_methods};
}

void expect_same_outputs(const Graph& graph, const std::shared_ptr<const Plan>& plan) {
  auto executor = Executor::create(plan);
  ASSERT_TRUE(executor.ok());
  const auto inputs = random_inputs(graph, 7);
  EXPECT_EQ(compare_outputs(run_plan(**executor, inputs), evaluate_graph(graph, inputs), error_bounds(graph, inputs)),
            "");
}

TEST(WeightStore, YoloPartsForFewerPicturesHoldNothingNew) {
  const auto for_8 = yolo_parts(8), for_3 = yolo_parts(3);
  for (std::size_t i = 0; i < for_8.size(); ++i) {
    for (const Isa isa : usable_isas()) {
      SCOPED_TRACE(for_8[i].name + " " + isa_name(isa));
      PlanOptions options;
      options.isa = isa;
      options.threads = 2;
      if (plan_of(for_8[i].graph, options)->weight_bytes == 0) continue;
      const auto [plan, methods] = plan_beside(for_8[i].graph, for_3[i].graph, options);
      EXPECT_EQ(plan->weight_bytes, 0U);
      EXPECT_EQ(plan->conv_methods, methods);
      expect_same_outputs(for_3[i].graph, plan);
    }
  }
}

// A layer for each method, and a constant that arithmetic reads.
Graph layers(std::int64_t batch) {
  GraphBuilder b;
  ValueId x = b.input({batch, 16, 24, 24});
  x = b.conv_silu(x, 32, 3);
  x = b.conv_silu(x, 48, 3, 2);
  x = b.conv(x, 48, {.kernel = 3, .group = 48});
  x = b.conv(x, 32, {.kernel = 3, .group = 4});
  x = b.conv(x, 32, {.kernel = 3});  // mostly zero
  Tensor& sparse = *b.graph().value(b.graph().nodes.back().inputs[1]).constant;
  std::fill_n(sparse.data<float>(), sparse.elements() / 10 * 9, 0.0F);
  b.output(b.add(Op::kMul, {x, b.random({1, 32, 1, 1})}));
  return std::move(b.graph());
}

bool has_tiles(const PlanOptions& options) {
  ConvNode layer;
  layer.shape.in_c = layer.shape.out_c = 32;
  return kConvBf16Tiles.refusal(options, layer).empty();
}

TEST(WeightStore, TakesEveryMethodOver) {
  const Graph for_8 = layers(8), for_3 = layers(3);
  Graph simplified = for_8;
  ASSERT_TRUE(run_passes(simplified, all_passes()).ok());
  const auto convolutions = conv_layers(simplified);
  for (const Isa isa : usable_isas()) {
    for (const ConvMethod* method : conv_methods()) {
      if (method->op != Op::kConv) continue;
      PlanOptions options;
      options.isa = isa;
      options.bf16 = method == &kConvBf16 || method == &kConvBf16Tiles;
      if (options.bf16 && !check_bf16(isa).ok()) continue;
      if (method == &kConvBf16Tiles && !has_tiles(options)) continue;
      SCOPED_TRACE(std::string(isa_name(isa)) + " " + method->name);
      for (const ConvNode& layer : *convolutions) options.conv_methods[conv_key(layer)] = method->name;
      const auto [plan, methods] = plan_beside(for_8, for_3, options);
      EXPECT_EQ(plan->weight_bytes, 0U);
      EXPECT_EQ(plan->conv_methods, methods);
      EXPECT_TRUE(std::ranges::any_of(methods, [&](const auto& each) { return each.second == method->name; }));
      if (!options.bf16) expect_same_outputs(for_3, plan);
    }
  }
}

Graph byte_layers(std::int64_t batch) {
  QdqBuilder b;
  ValueId x = b.snap(b.input({batch, 16, 12, 12}), grid_of(1));
  x = b.snap(b.conv8(x, 32, {.kernel = 3}), grid_of(2));
  x = b.snap(b.conv8(x, 32, {.kernel = 3, .group = 32}), grid_of(2));
  const ValueId y = b.snap(b.conv8(x, 32, {.kernel = 1}), grid_of(2));
  b.output(b.snap(b.add(Op::kAdd, {x, y}), grid_of(4)));
  return std::move(b.graph());
}

TEST(WeightStore, LayersOfBytesGiveTheSameBits) {
  const Graph for_8 = byte_layers(8), for_3 = byte_layers(3);
  for (const Isa isa : usable_isas()) {
    SCOPED_TRACE(isa_name(isa));
    PlanOptions options;
    options.isa = isa;
    const auto [plan, methods] = plan_beside(for_8, for_3, options);
    EXPECT_EQ(plan->weight_bytes, 0U);
    EXPECT_EQ(plan->conv_methods, methods);
    const char* depthwise = isa.has(Isa::kVnni) ? "int8_triples" : "int8_depthwise";
    for (const char* name : {"int8_direct", depthwise}) {
      EXPECT_TRUE(std::ranges::any_of(methods, [&](const auto& each) { return each.second == name; })) << name;
    }
    auto shared = Executor::create(plan), own = Executor::create(plan_of(for_3, options));
    const auto inputs = random_inputs(for_3, 7);
    const auto got = run_plan(**shared, inputs), expected = run_plan(**own, inputs);
    EXPECT_EQ(std::memcmp(got[0].raw(), expected[0].raw(), expected[0].bytes()), 0);
  }
}

// Blocks are told apart by their bytes, not by names, places or sizes.
TEST(WeightStore, AnotherNetworkKeepsItsOwn) {
  const auto network = [](float scale) {
    GraphBuilder b;
    const ValueId w = b.random({32, 16, 3, 3}, -scale, scale);
    ConvAttrs attrs;
    attrs.window.pads = {1, 1, 1, 1};
    b.output(b.add(Op::kConv, {b.input({1, 16, 12, 12}), w}, attrs));
    return std::move(b.graph());
  };
  const Graph one = network(1), other = network(2);
  PlanOptions options;
  options.base = plan_of(one, options);
  const auto plan = plan_of(other, options);
  EXPECT_GE(plan->weight_bytes, 32U * 16 * 9 * 4);
  expect_same_outputs(other, plan);
}

// What a third plan finds at the second, which holds nothing itself.
TEST(WeightStore, ABaseHandsOnWhatItTook) {
  PlanOptions options;
  options.base = plan_of(layers(8), options);
  options.base = plan_of(layers(4), options);
  EXPECT_EQ(plan_of(layers(2), options)->weight_bytes, 0U);
}

}  // namespace
}  // namespace saker
