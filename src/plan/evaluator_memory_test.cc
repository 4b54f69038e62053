// What evaluators and plans say that they take is at least what they do take, for every operator.
#include <gtest/gtest.h>

#include <set>

#include "graph/ops/common.h"
#include "support/compiled.h"
#include "support/counted_memory.h"
#include "support/operator_cases.h"

namespace saker {
namespace {

// Shapes, names and the like.
constexpr std::size_t kSmall = 8192;

std::vector<const Tensor*> inputs_of(const OperatorCase& test) {
  std::vector<const Tensor*> inputs;
  for (const Tensor& input : test.inputs) inputs.push_back(input.elements() == 0 ? nullptr : &input);
  return inputs;
}

Node node_of(const OperatorCase& test) {
  Node node{test.op, "n", {}, {}, test.attrs};
  node.outputs.assign(test.outputs, 0);
  return node;
}

void expect_evaluator_keeps_its_word(const OperatorCase& test) {
  const Node node = node_of(test);
  const std::vector<const Tensor*> inputs = inputs_of(test);
  const std::size_t before = memory_in_use();
  start_peak();
  const auto results = evaluate(node, inputs);
  const std::size_t taken = peak_memory() - before;
  ASSERT_TRUE(results.ok()) << test.name() << ": " << results.error().message;
  ops::Outputs outputs;
  std::size_t bytes = 0;
  for (const Tensor& result : *results) {
    outputs.push_back({result.dtype(), result.shape()});
    bytes += result.bytes();
  }
  const std::size_t scratch = ops::scratch_bytes(ops::Args(node, inputs), outputs);
  EXPECT_LE(taken, bytes + scratch + kSmall) << test.name() << ", outputs " << bytes << ", stated " << scratch;
  EXPECT_FALSE(evaluate(node, inputs, bytes + scratch - 1).ok()) << test.name();
  EXPECT_TRUE(evaluate(node, inputs, bytes + scratch).ok()) << test.name();
}

TEST(EvaluatorMemory, IsStatedForEveryOperator) {
  std::set<Op> seen;
  for (const OperatorCase& test : operator_cases()) {
    expect_evaluator_keeps_its_word(test);
    seen.insert(test.op);
  }
  for (const OpDef& def : op_table()) EXPECT_TRUE(seen.contains(def.op)) << def.name;
}

TEST(EvaluatorMemory, IsStatedForHalves) {
  for (const OperatorCase& test : operator_cases()) {
    const OperatorCase halves = in_halves(test);
    if (evaluate(node_of(halves), inputs_of(halves)).ok()) expect_evaluator_keeps_its_word(halves);
  }
}

Graph graph_of(const OperatorCase& test) {
  Graph graph;
  Node node = node_of(test);
  for (std::size_t i = 0; i < test.inputs.size(); ++i) {
    const Tensor& input = test.inputs[i];
    if (input.elements() == 0) {
      node.inputs.push_back(kNoValue);
    } else if (i >= test.data) {
      node.inputs.push_back(graph.add_constant("c", input));
    } else {
      node.inputs.push_back(graph.add_value("x", input.dtype()));
      graph.value(node.inputs.back()).shape = input.shape();
      graph.inputs.push_back(node.inputs.back());
      graph.declared_inputs.emplace_back();
      for (const std::int64_t extent : input.shape()) graph.declared_inputs.back().push_back({extent, ""});
    }
  }
  for (ValueId& id : node.outputs) {
    id = graph.add_value("y", DType::kFloat32);
    graph.outputs.push_back(id);
  }
  graph.nodes.push_back(std::move(node));
  return graph;
}

// Twice: what the first run left behind counts too.
TEST(PlanMemory, IsStatedForEveryOperator) {
  for (const OperatorCase& test : operator_cases()) {
    SCOPED_TRACE(test.name());
    const auto plan = compile_graph(graph_of(test));
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    const auto pool = std::make_shared<ThreadPool>((*plan)->threads);
    std::size_t inputs = 0;
    for (std::size_t i = 0; i < (*plan)->inputs.size(); ++i) inputs += test.inputs[i].bytes();
    const std::size_t before = memory_in_use();
    start_peak();
    auto executor = Executor::create(*plan, pool);
    ASSERT_TRUE(executor.ok());
    for (std::size_t i = 0; i < (*plan)->inputs.size(); ++i)
      std::memcpy((*executor)->input(i).raw(), test.inputs[i].raw(), test.inputs[i].bytes());
    for (int run = 0; run < 2; ++run) {
      const Status status = (*executor)->run();
      EXPECT_TRUE(status.ok()) << status.error().message;
    }
    EXPECT_LE(peak_memory() - before, inputs + (*plan)->activation_bytes() + kSmall);
  }
}

// A chain of values of open shape: more than one of them at a time is never alive, beyond the limit none is made.
TEST(PlanMemory, OpenShapesAreFreedAndLimited) {
  constexpr std::int64_t kCount = 10000;
  GraphBuilder b;
  ValueId x = b.add(Op::kNonZero, {b.input({kCount})});
  const std::size_t bytes = kCount * sizeof(std::int64_t);
  for (int i = 0; i < 20; ++i) x = b.add(Op::kAdd, {x, x});
  b.output(x);
  for (const bool enough : {true, false}) {
    PlanOptions options;
    options.max_bytes = kCount * sizeof(float) + (enough ? 2 * bytes : bytes) + 4096;
    const auto plan = plan_of(b.graph(), options);
    EXPECT_EQ(plan->open_bytes, bytes);
    auto executor = Executor::create(plan);
    ASSERT_TRUE(executor.ok());
    std::fill_n((*executor)->input(0).data<float>(), kCount, 1.0F);
    for (int run = 0; run < 2; ++run) {
      const std::size_t before = memory_in_use();
      start_peak();
      const Status status = (*executor)->run();
      EXPECT_EQ(status.ok(), enough);
      EXPECT_TRUE(enough || status.error().code == ErrorCode::kLimit);
      EXPECT_LE(peak_memory() - before, (enough ? 2 : 1) * bytes + kSmall);
    }
  }
}

}  // namespace
}  // namespace saker
