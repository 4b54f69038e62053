// Layers whose weights are mostly zero: the planner sees them by itself, and their results are the dense ones'.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "support/one_conv.h"

namespace saker {
namespace {

// Zeroes so many percent of the blocks of every convolution's weights.
void prune(Graph& graph, std::int64_t outputs, std::int64_t inputs, std::uint32_t percent) {
  std::uint32_t state = 1;
  for (Value& value : graph.values) {
    if (!value.constant || value.shape->size() != 4) continue;
    const Shape& s = *value.shape;
    const auto size = static_cast<std::int64_t>(dtype_size(value.dtype));
    auto* bytes = static_cast<char*>(value.constant->raw());
    const std::int64_t taps = s[2] * s[3];
    for (std::int64_t o = 0; o < s[0]; o += outputs) {
      for (std::int64_t block = 0; block < (s[1] + inputs - 1) / inputs * taps; ++block) {
        state = state * 1664525U + 1013904223U;
        if (state >> 8 >= (percent << 24) / 100) continue;
        const std::int64_t c = block / taps * inputs, tap = block % taps;
        for (std::int64_t i = o; i < std::min(o + outputs, s[0]); ++i) {
          for (std::int64_t k = c; k < std::min(c + inputs, s[1]); ++k)
            std::memset(bytes + ((i * s[1] + k) * taps + tap) * size, 0, static_cast<std::size_t>(size));
        }
      }
    }
  }
}

const std::vector<OneConv> kLayers = {
    {},
    {{1, 64, 20, 20}, 64, {.kernel = 3}},
    {{2, 48, 17, 33}, 70, {.kernel = 3, .stride = 2}},
    {{1, 3, 40, 38}, 32, {.kernel = 6, .stride = 2}},
    {{1, 130, 5, 5}, 36, {.kernel = 1}},
    {{3, 128, 1, 1}, 17, {.kernel = 1}},
};

TEST(PlanSparse, LayersOfBytesEqualTheDense) {
  for (const OneConv& layer : kLayers) {
    Graph graph = int8_layer(layer);
    prune(graph, 4, 4, 90);
    expect_lowered_is_right(graph, 1);
    const Graph ready = lowered(graph);
    for (const Isa isa : usable_isas()) {
      for (const int threads : {1, 3}) {
        std::vector<std::vector<Tensor>> results;
        for (const char* method : {"int8_direct", "int8_sparse"}) {
          auto executor = Executor::create(plan_of(graph, forced(ready, isa, threads, method)));
          ASSERT_TRUE(executor.ok());
          EXPECT_STREQ(conv_step(*(*executor)->plan()).method->name, method);
          results.push_back(run_plan(**executor, random_inputs(graph, 7)));
        }
        EXPECT_EQ(distance(results[0], results[1]).worst, 0) << isa_name(isa) << " " << to_string(layer.input);
      }
    }
  }
}

TEST(PlanSparse, LayersOfFloatsAreAsNearAsTheDense) {
  for (const OneConv& layer : kLayers) {
    Graph graph = float_layer(layer);
    prune(graph, 1, 4, 70);
    const Graph ready = lowered(graph);
    const auto inputs = random_inputs(graph, 5);
    const auto expected = evaluate_graph(graph, inputs);
    for (const Isa isa : usable_isas()) {
      for (const int threads : {1, 2}) {
        auto executor = Executor::create(plan_of(graph, forced(ready, isa, threads, "sparse")));
        ASSERT_TRUE(executor.ok());
        EXPECT_STREQ(conv_step(*(*executor)->plan()).method->name, "sparse") << print(*(*executor)->plan(), true);
        EXPECT_EQ(compare_outputs(run_plan(**executor, inputs), expected, error_bounds(graph, inputs)), "");
      }
    }
  }
}

TEST(PlanSparse, ResidualsAreAdded) {
  const OneConv layer{{1, 48, 11, 19}, 48, {.kernel = 3}};
  Graph bytes = int8_layer(layer, true), floats = float_layer(layer, true);
  prune(bytes, 2, 4, 90);
  prune(floats, 1, 1, 90);
  expect_lowered_is_right(bytes, 1);
  const auto inputs = random_inputs(floats, 5);
  auto executor = Executor::create(plan_of(floats, options_of(best_isa(), 2)));
  ASSERT_TRUE(executor.ok());
  EXPECT_STREQ(conv_step(*(*executor)->plan()).method->name, "sparse");
  EXPECT_EQ(compare_outputs(run_plan(**executor, inputs), evaluate_graph(floats, inputs), error_bounds(floats, inputs)),
            "");
}

const Step step_of(const Graph& graph) {
  return conv_step(*plan_of(graph, options_of(best_isa(), 1)));
}

// Below the break-even the layer stays dense, and says how many of its weights are zero.
TEST(PlanSparse, FewZerosStayDense) {
  for (const std::uint32_t percent : {0U, 20U, 30U}) {
    Graph graph = int8_layer({{1, 64, 40, 40}, 64, {.kernel = 3}});
    prune(graph, 1, 1, percent);
    EXPECT_STRNE(step_of(graph).method->name, "int8_sparse") << percent;
  }
  Graph graph = int8_layer({{1, 64, 40, 40}, 64, {.kernel = 3}});
  prune(graph, 1, 1, 20);
  const auto& refused = step_of(graph).refused;
  EXPECT_TRUE(std::ranges::any_of(refused, [](const Refusal& refusal) {
    return refusal.kernel.find("sparse") != std::string::npos &&
           refusal.reason.find("% of the weights are zero") != std::string::npos;
  }));
}

TEST(PlanSparse, SaysWhatIsZeroAndWhatIsGained) {
  Graph graph = int8_layer({{1, 64, 40, 40}, 64, {.kernel = 3}});
  prune(graph, 4, 4, 85);
  const Step step = step_of(graph);
  EXPECT_STREQ(step.method->name, "int8_sparse");
  EXPECT_NE(step.what.find("% of the blocks of 4x4 are multiplied"), std::string::npos) << step.what;
  EXPECT_TRUE(std::ranges::any_of(step.refused, [](const Refusal& refusal) {
    return refusal.kernel.starts_with("conv_int8_direct") && refusal.reason.find("times as slow") != std::string::npos;
  }));
}

// Packed weights of an 85 % sparse layer take at most 0.3 of the dense ones.
TEST(PlanSparse, WeightsTakeLittleMemory) {
  for (const std::int64_t outputs : {1, 4}) {
    const OneConv layer{{1, 256, 20, 20}, 256, {.kernel = 3}};
    const Graph dense = int8_layer(layer);
    Graph sparse = int8_layer(layer);
    prune(sparse, outputs, 4, 85);
    const auto bytes = [](const Graph& graph) {
      return static_cast<double>(plan_of(graph, options_of(best_isa(), 1))->weight_bytes);
    };
    EXPECT_LT(bytes(sparse), 0.3 * bytes(dense)) << outputs;
  }
}

// Planes whose offsets no 32 bits count, however few rows a job has.
TEST(PlanSparse, RefusesWhatItsOffsetsCannotReach) {
  ConvNode conv;
  conv.shape.in_c = conv.shape.out_c = 4;
  conv.shape.kernel_h = conv.shape.kernel_w = 3;
  conv.sparse = {0.9, {1, 1, 1}, 144};
  EXPECT_EQ(kConvSparse.refusal({}, conv), "");
  conv.shape.out_w = std::int64_t{1} << 31;
  EXPECT_NE(kConvSparse.refusal({}, conv), "");
  conv.shape.out_w = 1;
  conv.shape.dilation_h = conv.shape.dilation_w = conv.shape.stride_h = conv.shape.stride_w = std::int64_t{1} << 30;
  EXPECT_NE(kConvSparse.refusal({}, conv), "");
}

// What is fastest of a dense layer says nothing of one of the same shape that is mostly zero.
TEST(PlanSparse, IsKnownByItsBlocks) {
  Graph graph = float_layer({});
  const std::string dense = conv_key(conv_layers(graph)->at(0));
  prune(graph, 4, 4, 85);
  const std::string sparse = conv_key(conv_layers(graph)->at(0));
  EXPECT_NE(sparse, dense);
  EXPECT_TRUE(sparse.starts_with(dense)) << sparse;
}

}  // namespace
}  // namespace saker
