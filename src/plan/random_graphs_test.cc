// Random graphs, compiled for every ISA level and 1 to 3 threads, against the evaluators run node by
// node on the graph as it was made. SAKER_RANDOM_GRAPHS sets how many, SAKER_RANDOM_SEED the first one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/try.h"
#include "graph/printer.h"
#include "passes/pipeline.h"
#include "support/compiled.h"
#include "support/random_graph.h"

namespace saker {
namespace {

constexpr std::uint64_t kGraphs = 2000;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The plan with a step before every step that fills with NaN (-1) what begins to live there, so that
// reading memory nobody has written shows.
std::shared_ptr<const Plan> poisoned(const Plan& plan) {
  auto result = std::make_shared<Plan>(plan);
  result->steps.clear();
  for (std::size_t i = 0; i <= plan.steps.size(); ++i) {
    std::vector<PlanView> born;
    std::vector<std::size_t> bytes;
    for (std::size_t k = 0; k < plan.buffers.size(); ++k) {
      const Buffer& buffer = plan.buffers[k];
      if (buffer.kind != BufferKind::kArena || buffer.first_step != static_cast<std::int32_t>(i)) continue;
      born.push_back({static_cast<BufferId>(k), 0, DType::kUint8, {}, {}});
      bytes.push_back(buffer.bytes);
    }
    Step step;
    step.name = "poison";
    step.run = [born, bytes](RunContext& context) -> Status {
      for (std::size_t k = 0; k < born.size(); ++k) std::memset(context.bytes_at(born[k]), 0xFF, bytes[k]);
      return {};
    };
    result->steps.push_back(std::move(step));
    if (i < plan.steps.size()) result->steps.push_back(plan.steps[i]);
  }
  return result;
}

struct Case {
  Graph graph;
  std::vector<std::vector<Tensor>> inputs;
  std::vector<ReferenceRun> expected;
};

Result<std::vector<Tensor>> outputs_of(Executor& executor, const std::vector<Tensor>& inputs) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].bytes() > 0) std::memcpy(executor.input(i).raw(), inputs[i].raw(), inputs[i].bytes());
  }
  SAKER_TRY(executor.run());
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < executor.plan()->outputs.size(); ++i)
    outputs.push_back(to_dense(executor.output(i)).value());
  return outputs;
}

// Runs on the first inputs, on the second and on the first again. Empty if all is as expected.
std::string run_case(const Case& test, const Plan& plan) {
  auto executor = Executor::create(poisoned(plan));
  if (!executor.ok()) return executor.error().message;
  for (const std::size_t round : {0U, 1U, 0U}) {
    const auto outputs = outputs_of(**executor, test.inputs[round]);
    if (!outputs.ok()) return outputs.error().message;
    if (std::string what = compare_with_reference(*outputs, test.expected[round]); !what.empty()) return what;
  }
  return "";
}

// Empty if every plan of the graph computes what the evaluators do.
std::string check(const Case& test) {
  Graph simplified = test.graph;
  if (auto status = run_passes(simplified, all_passes()); !status.ok()) return status.error().message;
  const std::vector<std::string> names(test.graph.outputs.size(), "out");
  for (const Isa isa : usable_isas()) {
    for (const int threads : {1, 2, 3}) {
      PlanOptions options;
      options.isa = isa;
      options.threads = threads;
      auto plan = make_plan(simplified, names, options);
      const std::string what = plan.ok() ? run_case(test, *plan) : plan.error().message;
      if (what.empty()) continue;
      return what + "\n" + isa_name(isa) + ", threads " + std::to_string(threads) + "\n" + print(test.graph) +
             "\nsimplified:\n" + print(simplified) + (plan.ok() ? "\n" + print(*plan, false) : "");
    }
  }
  return "";
}

bool are_equal(const Tensor& a, const Tensor& b) {
  return a.bytes() == b.bytes() && (a.bytes() == 0 || std::memcmp(a.raw(), b.raw(), a.bytes()) == 0);
}

// In bfloat16 with all that can be so: an error shows, and what reads memory that nobody has written or that holds
// other numbers: NaN, or results that hang on how the work is cut. How near they are: store_bf16_test.
std::string check_bf16_plans(const Case& test) {
  std::vector<Tensor> of_one;
  for (const int threads : {1, 3}) {
    const auto plan = compile_graph(test.graph, in_bf16_by("bf16", test.graph, threads));
    if (!plan.ok()) return plan.error().message + "\n" + print(test.graph);
    auto executor = Executor::create(poisoned(**plan));
    if (!executor.ok()) return executor.error().message;
    auto outputs = outputs_of(**executor, test.inputs[0]);
    if (!outputs.ok()) return outputs.error().message + "\n" + print(test.graph) + "\n" + print(**plan, false);
    if (threads > 1 && !std::ranges::equal(*outputs, of_one, are_equal))
      return "three threads give other results than one\n" + print(test.graph) + "\n" + print(**plan, false);
    of_one = std::move(*outputs);
  }
  return "";
}

// Empty if the inputs cannot be evaluated: an evaluator does not take these numbers.
std::optional<Case> case_of(Graph graph, std::uint64_t seed) {
  Case test;
  test.graph = std::move(graph);
  for (const std::uint64_t round : {0, 1}) {
    test.inputs.push_back(random_graph_inputs(test.graph, 2 * seed + round));
    auto expected = run_reference(test.graph, test.inputs.back());
    if (!expected.ok()) return std::nullopt;
    test.expected.push_back(std::move(*expected));
  }
  return test;
}

TEST(RandomGraphs, PlansInBf16AreSound) {
  if (const Status status = require_bf16(best_isa()); !status.ok()) GTEST_SKIP() << status.error().message;
  const std::uint64_t first = number_from("SAKER_RANDOM_SEED", 1);
  const std::uint64_t count = number_from("SAKER_RANDOM_GRAPHS", kGraphs);
  int wrong = 0;
  for (std::uint64_t seed = first; seed < first + count && wrong < 10; ++seed) {
    const auto test = case_of(random_graph(seed), seed);
    if (!test) continue;
    const std::string what = check_bf16_plans(*test);
    EXPECT_EQ(what, "") << "SAKER_RANDOM_SEED=" << seed << " SAKER_RANDOM_GRAPHS=1";
    wrong += what.empty() ? 0 : 1;
  }
}

TEST(RandomGraphs, PlansComputeWhatTheEvaluatorsDo) {
  const std::uint64_t first = number_from("SAKER_RANDOM_SEED", 1);
  const std::uint64_t count = number_from("SAKER_RANDOM_GRAPHS", kGraphs);
  std::uint64_t ran = 0;
  int wrong = 0;
  for (std::uint64_t seed = first; seed < first + count && wrong < 10; ++seed) {
    const auto test = case_of(random_graph(seed), seed);
    if (!test) continue;
    ++ran;
    const std::string what = check(*test);
    EXPECT_EQ(what, "") << "SAKER_RANDOM_SEED=" << seed << " SAKER_RANDOM_GRAPHS=1";
    wrong += what.empty() ? 0 : 1;
  }
  EXPECT_GE(ran, count - count / 20);
}

// What random graphs have found.

TEST(FoundByRandomGraphs, AnActivationOfRepeatedElements) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3, 1});
  const ValueId wide = b.add(Op::kExpand, {x, b.ints({2, 3, 9})});
  b.output(b.add(Op::kSigmoid, {wide})).output(b.add(Op::kRelu, {b.transpose(wide, {2, 0, 1})}));
  b.output(b.add(Op::kSilu, {b.add(Op::kExpand, {b.input({}), b.ints({33})})}));
  EXPECT_EQ(check(*case_of(b.graph(), 1)), "");
}

TEST(FoundByRandomGraphs, TheMeanOfAnEmptyMap) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, 3, 0});
  b.output(b.add(Op::kGlobalAveragePool, {x})).output(b.add(Op::kRelu, {b.input({2})}));
  EXPECT_EQ(check(*case_of(b.graph(), 1)), "");
}

TEST(FoundByRandomGraphs, BatchNormalizationOfNoChannels) {
  GraphBuilder b;
  const ValueId x = b.add(Op::kConv, {b.input({1, 3, 2, 2}), b.random({0, 3, 1, 1})}, ConvAttrs{});
  b.output(b.batch_norm(x));
  EXPECT_EQ(check(*case_of(b.graph(), 1)), "");
}

// Convolutions that share large weights but not their batch normalization get weights of their own
// only as long as the copies stay within a bound.
TEST(FoundByRandomGraphs, SharedWeightsAreNotCopiedWithoutBound) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2048, 1, 1});
  const ValueId weights = b.random({2048, 2048, 1, 1});
  for (int i = 0; i < 6; ++i) b.output(b.batch_norm(b.add(Op::kConv, {x, weights}, ConvAttrs{})));
  ASSERT_TRUE(run_passes(b.graph(), all_passes()).ok());
  const auto left = std::ranges::count_if(b.graph().nodes, [](const Node& node) { return node.op == Op::kAdd; });
  EXPECT_EQ(left, 2);  // 16 MiB each
}

}  // namespace
}  // namespace saker
