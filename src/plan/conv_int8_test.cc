// The ways to run a layer of bytes: whichever is taken, the same bits.
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

// Of a level; those that were taken go to `seen`.
void expect_the_same_bits(const Graph& graph, Isa isa, std::set<std::string>& seen) {
  const Graph ready = lowered(graph);
  ConvNode conv;
  for (const Node& node : ready.nodes) {
    if (node.op != Op::kConvInt8) continue;
    EXPECT_TRUE(describe_conv(ready, node, conv).ok());
  }
  const auto expected = results_by(graph, ready, isa, 1, "int8_direct");
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

// "this CPU has a dot product of bytes", ...
std::string refusal_of(const Plan& plan, const std::string& kernel) {
  for (const Refusal& refusal : conv_step(plan).refused) {
    if (refusal.kernel.find(kernel) != std::string::npos) return refusal.reason;
  }
  return "";
}

TEST(PlanInt8, SaysWhyAMethodIsNotTaken) {
  const Graph strided = int8_layer({{2, 48, 17, 33}, 70, {.kernel = 3, .stride = 2}});
  for (const Isa isa : usable_isas()) {
    const Plan plan = *plan_of(strided, options_of(isa, 1));
    if (isa.level == Isa::kBaseline) continue;
    EXPECT_EQ(refusal_of(plan, "winograd"), "it is for stride 1, not 2x2");
    if (!isa.has(Isa::kVnni)) continue;
    EXPECT_EQ(refusal_of(plan, "pairs"), "this CPU has a dot product of bytes");
  }
}

}  // namespace
}  // namespace saker
