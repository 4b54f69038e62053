// The ways to run a layer of bytes: whichever is taken, the same bits.
#include <fmt/format.h>

#include <set>

#include "support/one_conv.h"

namespace saker {
namespace {

const std::vector<OneConv> kLayers = {
    {},
    {{1, 64, 20, 20}, 64, {.kernel = 3}},
    {{2, 48, 17, 33}, 70, {.kernel = 3, .stride = 2}},
    {{2, 18, 41, 70}, 27, {.kernel = 3}},
    {{1, 16, 3, 3}, 16, {.kernel = 3}},
    {{1, 3, 40, 38}, 32, {.kernel = 6, .stride = 2}},
    {{1, 130, 5, 5}, 36, {.kernel = 1}},
};

std::vector<Tensor> results_by(const Graph& graph, const Graph& ready, Isa isa, int threads, const char* method) {
  auto executor = Executor::create(plan_of(graph, forced(ready, isa, threads, method)));
  EXPECT_TRUE(executor.ok());
  if (!executor.ok()) return {};
  EXPECT_STREQ(conv_step(*(*executor)->plan()).method->name, method);
  return run_plan(**executor, random_inputs(graph, 7));
}

// Of a level, as `first` gives them; the methods that were taken go to `seen`.
void expect_the_same_bits(const Graph& graph, Isa isa, std::set<std::string>& seen, const char* first = "int8_direct") {
  const Graph ready = lowered(graph);
  ConvNode conv;
  for (const Node& node : ready.nodes) {
    if (node.op != Op::kConvInt8) continue;
    EXPECT_TRUE(describe_conv(ready, node, conv).ok());
  }
  const auto expected = results_by(graph, ready, isa, 1, first);
  for (const ConvMethod* method : usable_conv_methods(options_of(isa, 1), conv)) {
    for (const int threads : {1, 3}) {
      const auto results = results_by(graph, ready, isa, threads, method->name);
      EXPECT_EQ(distance(results, expected).worst, 0) << method->name << " on " << isa_name(isa);
    }
    seen.insert(method->name);
  }
}

TEST(PlanInt8, EveryMethodGivesTheSameBits) {
  for (const Isa isa : usable_isas()) {
    std::set<std::string> seen;
    for (const OneConv& layer : kLayers) {
      SCOPED_TRACE(to_string(layer.input));
      expect_the_same_bits(int8_layer(layer), isa, seen);
    }
    expect_the_same_bits(int8_layer({{1, 48, 11, 19}, 48, {.kernel = 3}}, true), isa, seen);
    EXPECT_TRUE(seen.contains("int8_direct"));
    EXPECT_EQ(seen.contains("int8_winograd"), isa.level != Isa::kBaseline);
    EXPECT_EQ(seen.contains("int8_pairs"), isa.level != Isa::kBaseline && !isa.has(Isa::kVnni)) << isa_name(isa);
  }
}

// "the level has a dot product of bytes", ...
std::string refusal_of(const Plan& plan, const std::string& kernel) {
  for (const Refusal& refusal : conv_step(plan).refused) {
    if (refusal.kernel.find(kernel) != std::string::npos) return refusal.reason;
  }
  return "";
}

TEST(PlanInt8, EveryDepthwiseMethodGivesTheSameBits) {
  for (const Isa isa : usable_isas()) {
    std::set<std::string> seen;
    for (const std::int64_t channels : {16, 20, 32, 48, 64, 80}) {
      for (const std::int64_t stride : {1, 2}) {
        SCOPED_TRACE(fmt::format("{} channels, stride {}", channels, stride));
        const OneConv layer = {{2, channels, 13, 21}, channels, {.kernel = 3, .stride = stride, .group = channels}};
        expect_the_same_bits(int8_layer(layer), isa, seen, "int8_depthwise");
      }
    }
    EXPECT_EQ(seen.contains("int8_triples"), isa.has(Isa::kVnni)) << isa_name(isa);
  }
}

TEST(PlanInt8, SaysWhyAMethodIsNotTaken) {
  const Graph strided = int8_layer({{2, 48, 17, 33}, 70, {.kernel = 3, .stride = 2}});
  for (const Isa isa : usable_isas()) {
    const Plan plan = *plan_of(strided, options_of(isa, 1));
    if (isa.level == Isa::kBaseline) continue;
    EXPECT_EQ(refusal_of(plan, "winograd"), "it is for stride 1, not 2x2");
    if (!isa.has(Isa::kVnni)) continue;
    EXPECT_EQ(refusal_of(plan, "triples"),
              "it takes one input and one output channel a group, here 48 and 70 in 1 groups");
    EXPECT_EQ(refusal_of(plan, "pairs"), "the level has a dot product of bytes");
  }
}

TEST(PlanInt8, SaysWhyTriplesAreNotTaken) {
  const auto depthwise = [](std::int64_t channels, std::int64_t kernel, std::int64_t stride, bool residual = false) {
    return int8_layer({{1, channels, 20, 24}, channels, {.kernel = kernel, .stride = stride, .group = channels}},
                      residual);
  };
  for (const Isa isa : usable_isas()) {
    const auto reason = [&](const Graph& graph) {
      return refusal_of(*plan_of(graph, options_of(isa, 1)), "depthwise_int8_triples");
    };
    const auto method = [&](const Graph& graph) { return conv_step(*plan_of(graph, options_of(isa, 1))).method->name; };
    if (!isa.has(Isa::kVnni)) {
      EXPECT_EQ(reason(depthwise(64, 3, 1)), "the level has no dot product of bytes") << isa_name(isa);
      continue;
    }
    EXPECT_STREQ(method(depthwise(64, 3, 1)), "int8_triples");
    EXPECT_STREQ(method(depthwise(16, 11, 1)), "int8_triples");
    EXPECT_EQ(reason(depthwise(20, 3, 1)), "it takes channels by 16");
    EXPECT_EQ(reason(depthwise(16, 3, 2)), "so few channels of pixels that are apart would be read one by one");
    EXPECT_EQ(reason(depthwise(64, 3, 1, true)), "it adds a residual");
  }
}

}  // namespace
}  // namespace saker
