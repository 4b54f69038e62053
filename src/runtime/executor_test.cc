// Plans run on every ISA level with 1 to 3 threads against the evaluators.
#include "runtime/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/compiled.h"

namespace saker {
namespace {

TEST(Executor, YoloParts) {
  for (const std::int64_t batch : {1, 2}) {
    for (const Net& net : yolo_parts(batch)) {
      SCOPED_TRACE(net.name);
      expect_plan_is_right(net.graph);
    }
  }
}

TEST(Executor, OutputsThatAreInputsConstantsOrUsedTwice) {
  GraphBuilder b;
  const ValueId x = b.input({1, 2, 3, 4});
  const ValueId c = b.random({2, 6});
  const ValueId y = b.conv(x, 5);
  const ValueId t = b.transpose(y, {0, 2, 3, 1});
  b.output(x).output(b.transpose(x, {3, 2, 1, 0})).output(c).output(b.reshape(c, {3, 4}));
  b.output(y).output(y).output(t).output(b.reshape(t, {12, 5})).output(b.reshape(y, {5, 12}));
  b.output(b.conv(y, 3)).output(b.slice(c, 1, 1, 6, 2));
  expect_plan_is_right(b.graph());
}

TEST(Executor, EveryRank) {
  for (std::size_t rank = 0; rank <= 7; ++rank) {
    Shape shape;
    for (std::size_t i = 0; i < rank; ++i) shape.push_back(i % 3 == 1 ? 3 : i % 3 == 2 ? 1 : 2);
    GraphBuilder b;
    const ValueId x = b.input(shape);
    const ValueId y = b.add(Op::kMul, {b.add(Op::kSigmoid, {x}), b.add(Op::kSub, {x, b.scalar(0.5F)})});
    b.output(y).output(b.add(Op::kAdd, {y, b.input({})}));
    if (rank > 0) {
      const ValueId turned = b.add(Op::kTranspose, {y}, TransposeAttrs{});
      b.output(b.add(Op::kMax, {turned, b.random(b.shape(turned))}));
      b.output(b.concat({x, y, x}, -1)).output(b.concat({x, y}, 0));
      b.output(b.add(Op::kSoftmax, {turned}, SoftmaxAttrs{0, false}));
      b.output(b.add(Op::kSoftmax, {turned}, SoftmaxAttrs{-1, false}));
      b.output(b.add(Op::kReduceSum, {turned, b.ints({-1})}, ReduceAttrs{true, false}));
      b.output(b.add(Op::kReduceMax, {turned, b.ints({0})}, ReduceAttrs{false, false}));
      b.output(b.add(Op::kReduceMean, {x}, ReduceAttrs{false, false}));
    }
    SCOPED_TRACE(rank);
    expect_plan_is_right(b.graph());
  }
}

TEST(Executor, BroadcastsInEveryPosition) {
  const std::vector<std::pair<Shape, Shape>> pairs = {{{2, 3, 4, 5}, {5}},
                                                      {{2, 3, 4, 5}, {4, 1}},
                                                      {{2, 3, 4, 5}, {3, 1, 1}},
                                                      {{2, 3, 4, 5}, {2, 1, 1, 1}},
                                                      {{2, 3, 1, 5}, {1, 1, 4, 1}},
                                                      {{1, 3, 4, 5}, {2, 1, 1, 5}},
                                                      {{}, {2, 3}},
                                                      {{1}, {1, 1, 1}}};
  for (const auto& [left, right] : pairs) {
    for (const Op op : {Op::kAdd, Op::kSub, Op::kMul, Op::kMin, Op::kMax}) {
      GraphBuilder b;
      const ValueId x = b.input(left);
      const ValueId y = b.input(right);
      b.output(b.add(op, {x, y})).output(b.add(op, {y, x}));
      if (left.size() == 4 && left[0] == 2) b.output(b.add(op, {b.conv(x, left[1]), y}));  // channels innermost
      SCOPED_TRACE(to_string(left) + to_string(right));
      expect_plan_is_right(b.graph());
    }
  }
}

TEST(Executor, ThreeOperandsAndIntegersByTheEvaluators) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  b.output(b.add(Op::kMax, {x, b.scalar(0.1F), b.random({3})})).output(b.add(Op::kMin, {x}));
  const ValueId i = b.add(Op::kCast, {b.add(Op::kMul, {x, b.scalar(100)})}, CastAttrs{DType::kInt64});
  b.output(b.add(Op::kCast,
                 {b.add(Op::kAdd, {i, b.add(Op::kTranspose, {b.reshape(i, {3, 2})}, TransposeAttrs{{1, 0}})})},
                 CastAttrs{DType::kFloat32}));
  // Both roundings of 100 x are one product: the same on every path.
  expect_plan_is_right(b.graph());
}

TEST(Executor, EmptyTensors) {
  GraphBuilder b;
  const ValueId x = b.input({2, 0, 3});
  const ValueId y = b.input({2, 4, 3});
  b.output(b.add(Op::kRelu, {x})).output(b.concat({x, y}, 1)).output(x);
  const auto parts = b.split(y, {0, 4});
  b.output(parts[0])
      .output(b.add(Op::kSigmoid, {parts[1]}))
      .output(b.concat({parts[1], b.add(Op::kSigmoid, {parts[0]})}));
  b.output(b.slice(y, 2, 2, 2)).output(b.add(Op::kReduceSum, {x, b.ints({1})}, ReduceAttrs{}));
  b.output(b.add(Op::kMatMul, {b.transpose(x, {0, 2, 1}), b.input({2, 0, 5})}));
  expect_plan_is_right(b.graph());
}

// Convolutions and pools over no channels, no pictures or maps that padding makes.
TEST(Executor, EmptyConvolutions) {
  for (const Shape& shape : {Shape{0, 3, 4, 4}, Shape{2, 3, 0, 4}, Shape{2, 3, 0, 0}}) {
    GraphBuilder b;
    const ValueId x = b.input(shape);
    b.output(b.conv(x, 4, {.kernel = 1, .pad = 1})).output(b.conv(x, 3, {.kernel = 2, .group = 3, .pad = 2}));
    SCOPED_TRACE(to_string(shape));
    expect_plan_is_right(b.graph());
  }
  GraphBuilder b;
  const ValueId x = b.input({1, 0, 4, 4});
  b.output(b.add(Op::kConv, {x, b.constant(make_tensor({5, 0, 3, 3}, {})), b.random({5})}, ConvAttrs{}));
  expect_plan_is_right(b.graph());
}

TEST(Executor, ConvolutionsOfEveryKind) {
  for (const std::int64_t group : {1, 2, 3, 6}) {
    for (const std::int64_t kernel : {1, 2, 3, 6, 7}) {
      for (const std::int64_t stride : {1, 2}) {
        GraphBuilder b;
        const ValueId x = b.input({2, 6, 9, 7});
        const ValueId y = b.conv(x, 12, {.kernel = kernel, .stride = stride, .group = group});
        b.output(b.add(Op::kLeakyRelu, {y}, LeakyReluAttrs{0.2F}));
        SCOPED_TRACE(std::to_string(group) + " groups, kernel " + std::to_string(kernel));
        expect_plan_is_right(b.graph());
      }
    }
  }
}

// Large maps are cut into blocks of tiles, small ones by the parts of the algorithm (lower_winograd.cc).
TEST(Executor, WinogradOnLargeAndSmallMaps) {
  for (const auto& [h, w] : {std::pair{44, 61}, {13, 29}, {9, 12}}) {
    GraphBuilder b;
    const ValueId x = b.input({2, 18, h, w});
    b.output(b.conv(x, 37, {.kernel = 3, .pad = 1}));
    const auto plan = plan_of(b.graph());
    const bool taken = std::ranges::any_of(
        plan->steps, [](const Step& step) { return step.kernel.find("winograd") != std::string::npos; });
    EXPECT_TRUE(taken);
    SCOPED_TRACE(std::to_string(h));
    expect_plan_is_right(b.graph());
  }
}

TEST(Executor, PoolsOfEveryKind) {
  for (const bool ceil_mode : {false, true}) {
    for (const bool include_pad : {false, true}) {
      PoolAttrs attrs;
      attrs.ceil_mode = ceil_mode;
      attrs.count_include_pad = include_pad;
      attrs.window.kernel = {3, 2};
      attrs.window.strides = {2, 3};
      attrs.window.pads = {1, 0, 1, 1};
      GraphBuilder b;
      const ValueId x = b.input({2, 5, 8, 7});
      b.output(b.add(Op::kMaxPool, {x}, attrs)).output(b.add(Op::kAveragePool, {x}, attrs));
      b.output(b.add(Op::kGlobalAveragePool, {x}));
      b.output(b.add(Op::kMaxPool, {x}, attrs, 2)[0]);
      expect_plan_is_right(b.graph());
    }
  }
}

TEST(Executor, MatricesOfEveryLayout) {
  for (const auto& [m, k, n] :
       {std::tuple{1, 1, 1}, std::tuple{5, 7, 3}, std::tuple{33, 17, 70}, std::tuple{2, 64, 31}}) {
    GraphBuilder b;
    const ValueId x = b.input({2, 3, m, k});
    const ValueId y = b.input({3, k, n});
    const ValueId t = b.input({1, 3, n, k});
    const ValueId v = b.input({k});
    b.output(b.add(Op::kMatMul, {x, y})).output(b.add(Op::kMatMul, {x, b.transpose(t, {0, 1, 3, 2})}));
    b.output(b.add(Op::kMatMul, {b.transpose(y, {0, 2, 1}), b.transpose(x, {0, 1, 3, 2})}));
    b.output(b.add(Op::kMatMul, {x, v})).output(b.add(Op::kMatMul, {v, y}));
    b.output(b.concat({b.add(Op::kMatMul, {x, y}), b.add(Op::kMatMul, {x, y})}, 3));
    expect_plan_is_right(b.graph());
  }
}

// Boxes whose number only the data decides, and what follows them.
TEST(Executor, ShapesKnownAtRunTimeOnly) {
  GraphBuilder b;
  const ValueId boxes = b.input({1, 6, 4});
  const ValueId scores = b.input({1, 1, 6});
  const ValueId kept =
      b.add(Op::kNonMaxSuppression, {boxes, scores, b.ints({4}), b.floats({1}, {0.5F}), b.floats({1}, {0.3F})},
            NonMaxSuppressionAttrs{});
  const ValueId index = b.add(Op::kSqueeze, {b.add(Op::kGather, {kept, b.ints({2})}, AxisAttrs{1}), b.ints({1})});
  const ValueId rows = b.add(Op::kGather, {b.reshape(boxes, {6, 4}), index}, AxisAttrs{0});
  b.output(kept).output(b.add(Op::kMul, {rows, b.scalar(2)})).output(b.add(Op::kShape, {kept}, ShapeAttrs{}));
  b.output(b.add(Op::kReduceSum, {rows}, ReduceAttrs{false, false}));
  PlanOptions options;
  options.threads = 2;
  auto executor = Executor::create(plan_of(b.graph(), options));
  ASSERT_TRUE(executor.ok());
  std::vector<std::int64_t> counts;
  for (const float level : {0.1F, 0.9F, 0.4F}) {
    Tensor corners = make_tensor({1, 6, 4}, std::vector<float>(24, 0));
    Tensor confidence = make_tensor({1, 1, 6}, {0.9F, 0.8F, 0.7F, 0.6F, 0.2F, 0.1F});
    for (int i = 0; i < 6; ++i) {
      for (int k = 0; k < 4; ++k) corners.data<float>()[4 * i + k] = static_cast<float>(i * 10 + (k < 2 ? 0 : 5));
      confidence.data<float>()[i] *= level;
    }
    const std::vector<Tensor> inputs = {corners, confidence};
    const auto expected = evaluate_graph(b.graph(), inputs);
    const auto outputs = run_plan(**executor, inputs);
    ASSERT_EQ(outputs.size(), expected.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ASSERT_EQ(outputs[i].shape(), expected[i].shape());
      if (outputs[i].bytes() > 0) {
        EXPECT_EQ(std::memcmp(outputs[i].raw(), expected[i].raw(), outputs[i].bytes()), 0) << i;
      }
    }
    counts.push_back(outputs[0].shape()[0]);
  }
  EXPECT_EQ(counts, (std::vector<std::int64_t>{0, 4, 2}));
}

int count_different(const std::vector<Tensor>& outputs, const std::vector<Tensor>& expected) {
  int different = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    different += std::memcmp(outputs[i].raw(), expected[i].raw(), expected[i].bytes()) != 0 ? 1 : 0;
  return different;
}

// One plan, several executors at once, each with threads of its own.
TEST(Executor, SharePlansBetweenThreads) {
  for (Net& net : yolo_parts(1)) {
    if (net.name != "c2f" && net.name != "attention" && net.name != "two_levels") continue;
    PlanOptions options;
    options.isa = best_isa();
    options.threads = 2;
    const auto plan = plan_of(net.graph, options);
    const auto inputs = random_inputs(net.graph, 4);
    auto first = Executor::create(plan);
    ASSERT_TRUE(first.ok());
    const auto expected = run_plan(**first, inputs);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        auto executor = Executor::create(plan);
        for (int round = 0; executor.ok() && round < 5; ++round) {
          wrong += count_different(run_plan(**executor, inputs), expected);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0) << net.name;
  }
}

// Scratch memory is sized by the plan's threads: more of them would write behind it.
TEST(Executor, RefusesAnotherNumberOfThreadsThanThePlans) {
  PlanOptions options;
  options.threads = 2;
  const auto plan = plan_of(yolo_parts(1)[0].graph, options);
  EXPECT_EQ(plan->threads, 2);
  for (const int threads : {1, 3}) {
    const auto executor = Executor::create(plan, std::make_shared<ThreadPool>(threads));
    ASSERT_FALSE(executor.ok());
    EXPECT_EQ(executor.error().message, "a plan for 2 threads cannot run on " + std::to_string(threads));
  }
}

// Many executors, one pool: right results, and never more threads at work than it has.
TEST(Executor, ManyShareOnePool) {
  const Net net = std::move(yolo_parts(1)[0]);
  PlanOptions options;
  options.threads = 2;
  const auto plan = plan_of(net.graph, options);
  const auto inputs = random_inputs(net.graph, 4);
  auto alone = Executor::create(plan);
  ASSERT_TRUE(alone.ok());
  const auto expected = run_plan(**alone, inputs);
  const auto pool = std::make_shared<ThreadPool>(2);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 16; ++c) {
    callers.emplace_back([&] {
      auto own = Executor::create(plan, pool);
      for (int round = 0; own.ok() && round < 5; ++round) {
        wrong += count_different(run_plan(**own, inputs), expected);
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Executor, TimesEveryStep) {
  const Net net = std::move(yolo_parts(1)[0]);
  const auto plan = plan_of(net.graph);
  auto executor = Executor::create(plan);
  ASSERT_TRUE(executor.ok());
  std::vector<double> ms;
  ASSERT_TRUE((*executor)->run(&ms).ok());
  EXPECT_EQ(ms.size(), plan->steps.size());
  for (const double time : ms) EXPECT_GE(time, 0);
}

}  // namespace
}  // namespace saker
