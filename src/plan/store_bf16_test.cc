// Values that lie in memory as bfloat16: which do, that they take half the memory, and that nothing is lost or
// misplaced: of small whole numbers, which bfloat16 holds, results are exact.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <ranges>

#include "base/knobs.h"
#include "passes/pipeline.h"
#include "plan/layout.h"
#include "plan/store_bf16.h"
#include "support/compiled.h"

namespace saker {
namespace {

// Each filter has one weight, 1 or -1, somewhere; biases and inputs are -1, 0 or 1. Numbers grow only by additions.
void make_whole(Graph& graph) {
  std::mt19937 random(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConv) continue;
    Tensor& weights = *graph.value(node.inputs[1]).constant;
    const std::int64_t filters = weights.shape()[0], size = weights.elements() / filters;
    std::fill_n(weights.data<float>(), weights.elements(), 0.0F);
    for (std::int64_t o = 0; o < filters; ++o)
      weights.data<float>()[o * size + pick(0, size - 1)] = pick(0, 1) == 0 ? 1.0F : -1.0F;
    Tensor& bias = *graph.value(node.inputs[2]).constant;
    for (std::int64_t o = 0; o < filters; ++o) bias.data<float>()[o] = static_cast<float>(pick(-1, 1));
  }
}

std::vector<Tensor> whole_inputs(const Graph& graph, std::uint32_t seed) {
  auto inputs = random_inputs(graph, seed);
  for (Tensor& input : inputs) {
    float* values = input.data<float>();
    for (std::int64_t i = 0; i < input.elements(); ++i) values[i] = std::round(values[i]);
  }
  return inputs;
}

class Yolo : public GraphBuilder {
 public:
  ValueId conv_relu(ValueId x, std::int64_t channels, const ConvOptions& options) {
    return add(Op::kRelu, {conv(x, channels, options)});
  }
  ValueId c2f(ValueId x, std::int64_t half, std::int64_t channels) {
    const auto parts = split(conv_relu(x, 2 * half, {}), {half, half});
    const ValueId inner = conv_relu(conv_relu(parts[1], half, {.kernel = 3}), half, {.kernel = 3});
    return conv_relu(concat({parts[0], parts[1], add(Op::kAdd, {parts[1], inner})}), channels, {});
  }
  ValueId sppf(ValueId x, std::int64_t channels) {
    const ValueId a = conv_relu(x, channels, {});
    const ValueId b = max_pool(a, 5), c = max_pool(b, 5);
    return conv_relu(concat({a, b, c, max_pool(c, 5)}), 2 * channels, {});
  }
};

// The parts of detectors from pixels to a head's maps.
Graph network(std::int64_t batch) {
  Yolo b;
  ValueId x = b.conv_relu(b.input({batch, 3, 64, 96}), 16, {.kernel = 3, .stride = 2});
  x = b.conv_relu(x, 32, {.kernel = 3, .stride = 2});
  const ValueId fine = b.c2f(x, 16, 32);
  x = b.conv_relu(fine, 48, {.kernel = 3, .stride = 2});
  x = b.conv_relu(x, 48, {.kernel = 3, .group = 48});
  const ValueId coarse = b.sppf(x, 16);
  const ValueId both = b.concat({b.upsample(coarse), fine});
  x = b.concat({b.c2f(both, 16, 32), b.conv_relu(b.upsample(coarse), 32, {.kernel = 3})});
  b.output(b.conv(b.conv_relu(x, 64, {.kernel = 3, .group = 64}), 20));
  b.output(b.conv(b.conv_relu(coarse, 32, {.kernel = 3}), 20));
  make_whole(b.graph());
  return std::move(b.graph());
}

// Of a simplified graph: the values stored as bfloat16.
std::size_t count_stored(const Graph& graph, const PlanOptions& options) {
  Layouts layouts = choose_layouts(graph);
  store_in_bf16(graph, options, layouts);
  return static_cast<std::size_t>(std::ranges::count(layouts.layouts, DType::kBFloat16, &Layout::storage));
}

class StoreBf16 : public testing::Test {
 protected:
  void SetUp() override {
    if (const Status status = require_bf16(best_isa()); !status.ok()) GTEST_SKIP() << status.error().message;
  }
};

// SAKER_TILES=software: by the tiles of AMX, too.
std::vector<std::string> methods() {
  if (kernels_for(best_isa()).conv_tiles_bf16 == nullptr || knobs().tiles == Knobs::Tiles::kNone) return {"bf16"};
  return {"bf16", "bf16_tiles"};
}

void expect_exact(const std::string& method) {
  SCOPED_TRACE(method);
  for (const std::int64_t batch : {1, 3}) {
    const Graph graph = network(batch);
    for (const int threads : {1, 2, 3}) {
      SCOPED_TRACE(threads);
      const auto plan = plan_of(graph, in_bf16_by(method, graph, threads));
      EXPECT_GE(std::ranges::count(plan->conv_methods | std::views::values, method), 8);
      auto executor = Executor::create(plan);
      ASSERT_TRUE(executor.ok());
      for (const std::uint32_t seed : {1U, 2U}) {
        const auto inputs = whole_inputs(graph, seed);
        const auto outputs = run_plan(**executor, inputs), expected = evaluate_graph(graph, inputs);
        ASSERT_EQ(outputs.size(), expected.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          const auto count = static_cast<std::size_t>(expected[i].elements());
          EXPECT_TRUE(
              std::equal(expected[i].data<float>(), expected[i].data<float>() + count, outputs[i].data<float>()))
              << print(*plan, false);
        }
      }
    }
  }
}

TEST_F(StoreBf16, WholeNumbersStayExact) {
  for (const std::string& method : methods()) expect_exact(method);
}

TEST_F(StoreBf16, AllButTheEndsLieInHalfTheMemory) {
  const Graph graph = network(1);
  PlanOptions options = in_bf16_by("bf16", graph, 1);
  const auto plan = plan_of(graph, options);
  const auto kernels = [&](std::string_view name) {
    return std::ranges::count_if(plan->steps, [&](const Step& step) { return step.kernel.starts_with(name); });
  };
  EXPECT_EQ(kernels("conv_into_bf16"), 1) << print(*plan, false);
  EXPECT_EQ(kernels("conv_bf16_direct"), 17);
  EXPECT_EQ(kernels("depthwise_bf16"), 2);
  EXPECT_EQ(kernels("pool_bf16"), 3);
  EXPECT_EQ(kernels("resize"), 1);
  EXPECT_EQ(kernels("copy"), 0);
  options.bf16 = false;
  const auto floats = plan_of(graph, options);
  EXPECT_LT(plan->arena_bytes, floats->arena_bytes * 6 / 10);  // there are the panels, too
}

// What reads a value decides: elementwise arithmetic, an output, a reshape; odd channels; groups of them; constants,
// which are float32; what is not planned, as a shape is not known before the data.
TEST_F(StoreBf16, OnlyWhereAllReadersTakeIt) {
  const auto stored = [](auto build) {
    GraphBuilder b;
    build(b, b.conv(b.input({1, 16, 8, 8}), 16));
    Graph graph = std::move(b.graph());
    EXPECT_TRUE(run_passes(graph, all_passes()).ok());
    return count_stored(graph, in_bf16_by("bf16", graph, 1));
  };
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(x, 8)); }), 1U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(x).output(b.conv(x, 8)); }), 0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.add(Op::kExp, {x})).output(b.conv(x, 8)); }), 0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(b.conv(x, 7), 8)); }), 1U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(b.concat({x, b.conv(x, 8)}), 8)); }), 3U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(b.concat({x, b.conv(x, 7)}), 8)); }), 0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) {
              const ValueId joined = b.concat({x, b.conv(x, 8)});
              b.output(b.conv(joined, 8)).output(b.reshape(joined, {1, -1}));
            }),
            0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(b.max_pool(x, 3), 8)); }), 2U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) { b.output(b.conv(b.upsample(x, true), 8)); }), 0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) {
              b.output(b.conv(b.concat({x, b.random({1, 2, 8, 8})}), 8, {.kernel = 3}));
            }),
            0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) {
              b.output(b.conv(b.concat({x, b.max_pool(b.random({1, 2, 8, 8}), 3)}), 8, {.kernel = 3}));
            }),
            0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) {
              const ValueId found = b.reshape(b.add(Op::kNonZero, {x}), {1, 4, 8, -1});
              const ValueId known = b.reshape(b.add(Op::kCast, {found}, CastAttrs{DType::kFloat32}), {1, 16, 8, 8});
              b.output(b.conv(b.concat({b.conv(x, 8), b.conv(known, 8)}), 8));
            }),
            0U);
  EXPECT_EQ(stored([](GraphBuilder& b, ValueId x) {
              const auto parts = b.add(Op::kSplit, {x, b.ints({8, 8})}, SplitAttrs{1}, 2);
              b.graph().nodes.back().outputs[0] = kNoValue;
              b.output(b.conv(parts[1], 8));
            }),
            0U);
}

}  // namespace
}  // namespace saker
