// What each rewriting pass changes, and what it must leave alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/half.h"
#include "graph/verifier.h"
#include "passes/passes.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

using PassFn = Status (*)(Graph&);

int count(const Graph& graph, Op op) {
  return static_cast<int>(std::ranges::count_if(graph.nodes, [&](const Node& node) { return node.op == op; }));
}

// Runs the passes; the graph must stay valid and keep its results.
void rewrite(Graph& graph, std::initializer_list<PassFn> passes) {
  const Graph before = graph;
  for (const PassFn pass : passes) {
    ASSERT_TRUE(pass(graph).ok());
    const Status valid = verify(graph);
    ASSERT_TRUE(valid.ok()) << valid.error().message;
  }
  const auto inputs = random_inputs(before, 7);
  EXPECT_EQ(
      compare_outputs(evaluate_graph(graph, inputs), evaluate_graph(before, inputs), error_bounds(before, inputs)), "");
}

ActivationKind fused_activation(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.op == Op::kConv) return node.as<ConvAttrs>().activation.kind;
  }
  return ActivationKind::kNone;
}

TEST(FuseActivations, EveryActivationGoesIntoTheConvolution) {
  struct Case {
    Op op;
    Attributes attrs;
    ActivationKind kind;
  };
  for (const Case& c :
       {Case{Op::kRelu, {}, ActivationKind::kRelu}, Case{Op::kSigmoid, {}, ActivationKind::kSigmoid},
        Case{Op::kSilu, {}, ActivationKind::kSilu}, Case{Op::kHardSwish, {}, ActivationKind::kHardSwish},
        Case{Op::kLeakyRelu, LeakyReluAttrs{0.1F}, ActivationKind::kLeakyRelu},
        Case{Op::kHardSigmoid, HardSigmoidAttrs{0.3F, 0.4F}, ActivationKind::kHardSigmoid}}) {
    GraphBuilder b;
    b.output(b.add(c.op, {b.conv(b.input({1, 3, 4, 4}), 5)}, c.attrs));
    rewrite(b.graph(), {fuse_activations});
    ASSERT_EQ(b.graph().nodes.size(), 1U);
    EXPECT_EQ(fused_activation(b.graph()), c.kind);
  }
}

TEST(FuseActivations, ThroughReshapesAndTransposes) {
  GraphBuilder b;
  const ValueId y = b.conv(b.input({1, 3, 4, 4}), 6);
  b.output(b.add(Op::kSigmoid, {b.transpose(b.reshape(y, {1, 2, 3, 4, 4}), {0, 1, 3, 4, 2})}));
  rewrite(b.graph(), {fuse_activations, remove_dead});
  EXPECT_EQ(b.graph().nodes.size(), 3U);
  EXPECT_EQ(fused_activation(b.graph()), ActivationKind::kSigmoid);
  GraphBuilder shared;  // what was reshaped is read by others, too
  const ValueId z = shared.reshape(shared.conv(shared.input({1, 3, 4, 4}), 6), {1, 96});
  shared.output(shared.concat({shared.add(Op::kRelu, {z}), z}));
  rewrite(shared.graph(), {fuse_activations});
  EXPECT_EQ(fused_activation(shared.graph()), ActivationKind::kNone);
}

// The pixels (2y + a, 2x + b), cut in two steps as YOLOX does.
ValueId pixels_of_blocks(GraphBuilder& b, ValueId x, std::int64_t row, std::int64_t column, std::int64_t step = 2) {
  const Shape& shape = b.shape(x);
  return b.slice(b.slice(x, 2, row, shape[2], step), 3, column, shape[3], 2);
}

TEST(FoldFocus, TheFirstConvolutionOfYolox) {
  for (const std::int64_t kernel : {1, 3, 5}) {
    for (const std::int64_t stride : {1, 2}) {
      GraphBuilder b;
      const ValueId x = b.input({2, 3, 12, 8});
      const ValueId blocks = b.concat({pixels_of_blocks(b, x, 0, 0), pixels_of_blocks(b, x, 1, 0),
                                       pixels_of_blocks(b, x, 0, 1), pixels_of_blocks(b, x, 1, 1)});
      b.output(b.conv(blocks, 5, {.kernel = kernel, .stride = stride}));
      rewrite(b.graph(), {fold_focus, remove_dead});
      EXPECT_EQ(b.graph().nodes.size(), 1U);
    }
  }
}

TEST(FoldFocus, LeavesWhatItMust) {
  const auto remaining = [](Shape shape, const std::vector<std::array<std::int64_t, 3>>& parts, std::int64_t group) {
    GraphBuilder b;
    const ValueId x = b.input(std::move(shape));
    std::vector<ValueId> inputs;
    for (const auto& [row, column, step] : parts) inputs.push_back(pixels_of_blocks(b, x, row, column, step));
    b.output(b.conv(b.concat(inputs), 4, {.kernel = 3, .group = group}));
    rewrite(b.graph(), {fold_focus, remove_dead});
    return b.graph().nodes.size();
  };
  EXPECT_EQ(remaining({1, 3, 8, 8}, {{0, 0, 2}, {1, 0, 2}, {0, 1, 2}, {1, 1, 2}}, 1), 1U);
  EXPECT_GT(remaining({1, 3, 8, 8}, {{0, 0, 2}, {1, 0, 2}, {0, 1, 2}, {0, 1, 2}}, 1), 1U);   // one pixel twice
  EXPECT_GT(remaining({1, 3, 8, 8}, {{0, 0, 2}, {1, 0, 2}, {0, 1, 2}}, 1), 1U);              // one missing
  EXPECT_GT(remaining({1, 3, 8, 8}, {{0, 0, 2}, {1, 0, 2}, {0, 1, 2}, {1, 1, 2}}, 4), 1U);   // groups
  EXPECT_GT(remaining({1, 3, 9, 8}, {{0, 0, 3}, {1, 0, 3}, {0, 1, 3}, {1, 1, 3}}, 1), 1U);   // every third row
  EXPECT_GT(remaining({1, 3, 10, 8}, {{2, 0, 2}, {3, 0, 2}, {2, 1, 2}, {3, 1, 2}}, 1), 1U);  // not from the edge
}

TEST(FuseActivations, ClipWithAnyOfItsBounds) {
  for (const bool low : {false, true}) {
    for (const bool high : {false, true}) {
      GraphBuilder b;
      const ValueId y = b.conv(b.input({1, 3, 4, 4}), 5);
      b.output(b.add(Op::kClip, {y, low ? b.scalar(-0.25F) : kNoValue, high ? b.scalar(0.5F) : kNoValue}));
      rewrite(b.graph(), {fuse_activations});
      ASSERT_EQ(b.graph().nodes.size(), 1U);
      const auto& activation = b.graph().nodes[0].as<ConvAttrs>().activation;
      EXPECT_EQ(activation.kind, ActivationKind::kClip);
      EXPECT_EQ(activation.alpha, low ? -0.25F : std::numeric_limits<float>::lowest());
      EXPECT_EQ(activation.beta, high ? 0.5F : std::numeric_limits<float>::max());
    }
  }
}

TEST(FuseActivations, LeavesWhatItMust) {
  {  // a bound that is computed
    GraphBuilder b;
    b.output(b.add(Op::kClip, {b.conv(b.input({1, 3, 4, 4}), 5), b.input({}), kNoValue}));
    rewrite(b.graph(), {fuse_activations});
    EXPECT_EQ(count(b.graph(), Op::kClip), 1);
  }
  {  // used twice
    GraphBuilder b;
    const ValueId y = b.conv(b.input({1, 3, 4, 4}), 5);
    b.output(b.concat({b.add(Op::kRelu, {y}), y}));
    rewrite(b.graph(), {fuse_activations});
    EXPECT_EQ(count(b.graph(), Op::kRelu), 1);
  }
  {  // also a graph output
    GraphBuilder b;
    const ValueId y = b.conv(b.input({1, 3, 4, 4}), 5);
    b.output(y).output(b.add(Op::kRelu, {y}));
    rewrite(b.graph(), {fuse_activations});
    EXPECT_EQ(count(b.graph(), Op::kRelu), 1);
  }
  {  // the second of two, and one behind a residual
    GraphBuilder b;
    const ValueId x = b.input({1, 5, 4, 4});
    const ValueId once = b.add(Op::kSigmoid, {b.add(Op::kRelu, {b.conv(x, 5)})});
    const ValueId sum = b.add(Op::kRelu, {b.add(Op::kAdd, {b.conv(once, 5), x})});
    b.output(sum);
    rewrite(b.graph(), {fuse_activations, fuse_residuals, fuse_activations});
    EXPECT_EQ(count(b.graph(), Op::kSigmoid), 1);
    EXPECT_EQ(count(b.graph(), Op::kRelu), 1);
  }
}

// Both orders of the Concat, one or two convolutions behind it (YOLOv8 and YOLOv5).
TEST(ConvolveBeforeUpsampling, TheNecksOfYolo) {
  for (const bool first : {false, true}) {
    for (const std::int64_t convolutions : {1, 2}) {
      GraphBuilder b;
      const ValueId up = b.upsample(b.input({2, 6, 3, 5})), x = b.input({2, 4, 6, 10});
      const ValueId both = b.concat(first ? std::vector{up, x} : std::vector{x, up});
      for (std::int64_t i = 0; i < convolutions; ++i) b.output(b.conv_silu(both, 7 + i));
      rewrite(b.graph(), {recognise_activations, fuse_activations, convolve_before_upsampling, remove_dead});
      ASSERT_EQ(b.graph().nodes.size(), static_cast<std::size_t>(2 * convolutions));
      for (const Node& node : b.graph().nodes) EXPECT_EQ(node.op, Op::kConv);
    }
  }
}

TEST(ConvolveBeforeUpsampling, LeavesWhatItMust) {
  const auto resizes_left = [](const std::function<void(GraphBuilder&, ValueId, ValueId)>& build) {
    GraphBuilder b;
    const ValueId small = b.input({1, 6, 3, 5}), x = b.input({1, 4, 6, 10});
    build(b, small, x);
    rewrite(b.graph(), {convolve_before_upsampling, remove_dead});
    return count(b.graph(), Op::kResize);
  };
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {
              b.output(b.conv(b.concat({b.upsample(small), x}), 7));
            }),
            0);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // between the pixels
              b.output(b.conv(b.concat({b.upsample(small, true), x}), 7));
            }),
            1);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // neighbours
              b.output(b.conv(b.concat({b.upsample(small), x}), 7, {.kernel = 3}));
            }),
            1);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // every other pixel
              b.output(b.conv(b.concat({b.upsample(small), x}), 7, {.stride = 2}));
            }),
            1);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // groups
              b.output(b.conv(b.concat({b.upsample(small), x}), 10, {.group = 2}));
            }),
            1);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // another reader
              const ValueId both = b.concat({b.upsample(small), x});
              b.output(b.conv(both, 7)).output(b.max_pool(both, 3));
            }),
            1);
  EXPECT_EQ(resizes_left([](GraphBuilder& b, ValueId small, ValueId x) {  // three inputs
              b.output(b.conv(b.concat({b.upsample(small), x, x}), 7));
            }),
            1);
}

// (2 x - 0.5 + grid) * stride and (2 x)^2 * anchor.
std::array<ValueId, 2> yolov5_boxes(GraphBuilder& b, ValueId xy, ValueId wh, bool constants_first) {
  const auto apply = [&](Op op, ValueId x, ValueId constant) {
    return b.add(op, constants_first && op != Op::kSub ? std::vector{constant, x} : std::vector{x, constant});
  };
  const ValueId shifted = apply(Op::kSub, apply(Op::kMul, xy, b.scalar(2)), b.scalar(0.5F));
  const ValueId placed = apply(Op::kAdd, shifted, b.random({1, 1, 4, 5, 2}, 0, 8));
  const ValueId doubled = apply(Op::kMul, wh, b.scalar(2));
  return {apply(Op::kMul, placed, b.scalar(8)),
          apply(Op::kMul, b.add(Op::kMul, {doubled, doubled}), b.random({1, 3, 1, 1, 2}, 1, 9))};
}

TEST(FuseDecoding, TheBoxesOfYolov5) {
  for (const bool constants_first : {false, true}) {
    for (const bool scores : {false, true}) {
      GraphBuilder b;
      const ValueId x = b.input({2, 3, 4, 5, scores ? 9 : 4});
      auto parts = b.split(x, scores ? std::vector<std::int64_t>{2, 2, 5} : std::vector<std::int64_t>{2, 2}, 4);
      const auto boxes = yolov5_boxes(b, parts[0], parts[1], constants_first);
      std::ranges::copy(boxes, parts.begin());
      b.output(b.concat(parts, -1));
      rewrite(b.graph(), {fuse_decoding, remove_dead});
      ASSERT_EQ(b.graph().nodes.size(), 1U);
      EXPECT_EQ(b.graph().nodes[0].op, Op::kDecodeBoxes);
      // Anchors differ by box only, the grid by cell only.
      EXPECT_EQ(*b.graph().value(b.graph().nodes[0].inputs[1]).shape, (Shape{1, 3, 1, 1, 4}));
      EXPECT_EQ(*b.graph().value(b.graph().nodes[0].inputs[3]).shape, (Shape{1, 1, 4, 5, 4}));
    }
  }
}

TEST(FuseDecoding, LeavesWhatItMust) {
  const auto left = [](const std::function<ValueId(GraphBuilder&, std::vector<ValueId>)>& build) {
    GraphBuilder b;
    const ValueId x = b.input({1, 3, 4, 5, 9});
    b.output(build(b, b.split(x, {2, 2, 5}, 4)));
    rewrite(b.graph(), {fuse_decoding, remove_dead});
    return count(b.graph(), Op::kConcat);
  };
  using Parts = std::vector<ValueId>;
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {
              return b.concat({b.add(Op::kMul, {p[0], b.scalar(2)}), p[1], p[2]}, 4);
            }),
            0);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // another order
              return b.concat({b.add(Op::kMul, {p[1], b.scalar(2)}), p[0], p[2]}, 4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // not all of them
              return b.concat({b.add(Op::kMul, {p[0], b.scalar(2)}), p[1]}, 4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // another axis
              return b.concat({b.add(Op::kMul, {p[0], b.scalar(2)}), p[1]}, 0);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // no polynomial
              return b.concat({b.add(Op::kSigmoid, {p[0]}), p[1], p[2]}, 4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // of degree 4
              const ValueId two = b.add(Op::kMul, {p[0], p[0]});
              return b.concat({b.add(Op::kMul, {two, two}), p[1], p[2]}, 4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // not of itself alone
              return b.concat({b.add(Op::kMul, {p[0], p[1]}), p[1], p[2]}, 4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) {  // stretched
              return b.concat({b.add(Op::kMul, {p[0], b.random({2, 1, 1, 1, 1})}),
                               b.add(Op::kMul, {p[1], b.random({2, 1, 1, 1, 1})}),
                               b.add(Op::kMul, {p[2], b.random({2, 1, 1, 1, 1})})},
                              4);
            }),
            1);
  EXPECT_EQ(left([](GraphBuilder& b, Parts p) { return b.concat(p, 4); }), 1);  // nothing to compute
}

TEST(FuseExpectations, TheBoxesOfYolov8) {
  GraphBuilder b;
  const ValueId p = b.add(Op::kSoftmax, {b.input({2, 16, 4, 7})}, SoftmaxAttrs{1, false, {}});
  b.output(b.conv(p, 1, {.bias = false}));
  rewrite(b.graph(), {fuse_expectations});
  ASSERT_EQ(b.graph().nodes.size(), 1U);
  EXPECT_EQ(b.graph().nodes[0].as<SoftmaxAttrs>().expectation.size(), 16U);
}

TEST(FuseExpectations, LeavesWhatItMust) {
  const auto remaining = [](std::int64_t axis, std::int64_t channels, const GraphBuilder::ConvOptions& options,
                            bool shared) {
    GraphBuilder b;
    const ValueId p = b.add(Op::kSoftmax, {b.input({1, 6, 6, 6})}, SoftmaxAttrs{axis, false, {}});
    b.output(b.conv(p, channels, options));
    if (shared) b.output(p);
    rewrite(b.graph(), {fuse_expectations});
    return b.graph().nodes.size();
  };
  EXPECT_EQ(remaining(-3, 1, {.bias = false}, false), 1U);
  EXPECT_EQ(remaining(2, 1, {.bias = false}, false), 2U);
  EXPECT_EQ(remaining(1, 2, {.bias = false}, false), 2U);
  EXPECT_EQ(remaining(1, 1, {.bias = true}, false), 2U);
  EXPECT_EQ(remaining(1, 1, {.kernel = 3, .bias = false}, false), 2U);
  EXPECT_EQ(remaining(1, 1, {.stride = 2, .bias = false}, false), 2U);
  EXPECT_EQ(remaining(1, 1, {.bias = false}, true), 2U);
}

TEST(UntransposeSoftmax, OnlyWhereTheSecondUndoesTheFirst) {
  const auto remaining = [](std::vector<std::int64_t> forth, std::vector<std::int64_t> back, bool shared = false) {
    GraphBuilder b;
    const ValueId x = b.add(Op::kTranspose, {b.input({2, 3, 4, 5})}, TransposeAttrs{std::move(forth)});
    const ValueId p = b.add(Op::kSoftmax, {x}, SoftmaxAttrs{-1, true, {}});
    b.output(b.add(Op::kTranspose, {p}, TransposeAttrs{std::move(back)}));
    if (shared) b.output(p);
    rewrite(b.graph(), {untranspose_softmax});
    return b.graph().nodes.size();
  };
  EXPECT_EQ(remaining({0, 3, 2, 1}, {0, 3, 2, 1}), 1U);
  EXPECT_EQ(remaining({0, 2, 3, 1}, {0, 3, 1, 2}), 1U);
  EXPECT_EQ(remaining({0, 2, 3, 1}, {0, 2, 3, 1}), 3U);
  EXPECT_EQ(remaining({0, 3, 2, 1}, {0, 3, 2, 1}, true), 3U);
}

// Where no shape is known the verifier has not seen whether the axes exist.
TEST(UntransposeSoftmax, LeavesWhatHasNoShape) {
  GraphBuilder b;
  const ValueId x = b.add(Op::kTranspose, {b.input({2, 3, 4, 5})}, TransposeAttrs{{0, 3, 2, 1}});
  const ValueId p = b.add(Op::kSoftmax, {x}, SoftmaxAttrs{-1, false, {}});
  b.output(b.add(Op::kTranspose, {p}, TransposeAttrs{{0, 3, 2, 1}}));
  b.graph().nodes[1].attrs = SoftmaxAttrs{9, false, {}};
  for (Value& value : b.graph().values) value.shape.reset();
  ASSERT_TRUE(untranspose_softmax(b.graph()).ok());
  EXPECT_EQ(b.graph().nodes.size(), 3U);
}

TEST(FuseResiduals, EitherSideAndTheLaterOfTwoConvolutions) {
  for (const bool first : {false, true}) {
    GraphBuilder b;
    const ValueId x = b.input({1, 5, 4, 4});
    const ValueId y = b.conv_silu(x, 5, 3);
    b.output(b.add(Op::kAdd, first ? std::vector{y, x} : std::vector{x, y}));
    rewrite(b.graph(), {recognise_activations, fuse_activations, fuse_residuals});
    EXPECT_EQ(b.graph().nodes.size(), 1U);
  }
  GraphBuilder b;
  const ValueId x = b.input({1, 5, 4, 4});
  b.output(b.add(Op::kAdd, {b.conv(x, 6), b.conv(x, 6, {.kernel = 3})}));
  rewrite(b.graph(), {fuse_residuals});
  EXPECT_EQ(b.graph().nodes.size(), 2U);
  EXPECT_EQ(b.graph().nodes[1].inputs.size(), 4U);
}

TEST(FuseResiduals, LeavesWhatItMust) {
  const auto adds_left = [](const std::function<void(GraphBuilder&, ValueId)>& build) {
    GraphBuilder b;
    build(b, b.input({1, 5, 4, 4}));
    rewrite(b.graph(), {fuse_residuals});
    return count(b.graph(), Op::kAdd);
  };
  EXPECT_EQ(adds_left([](GraphBuilder& b, ValueId x) {  // broadcast residual
              b.output(b.add(Op::kAdd, {b.conv(x, 5), b.add(Op::kGlobalAveragePool, {x})}));
            }),
            1);
  EXPECT_EQ(adds_left([](GraphBuilder& b, ValueId x) {  // broadcast convolution
              b.output(b.add(Op::kAdd, {b.conv(b.add(Op::kGlobalAveragePool, {x}), 5), x}));
            }),
            1);
  EXPECT_EQ(adds_left([](GraphBuilder& b, ValueId x) {  // a convolution added to itself
              const ValueId y = b.conv(x, 5);
              b.output(b.add(Op::kAdd, {y, y}));
            }),
            1);
  EXPECT_EQ(adds_left([](GraphBuilder& b, ValueId x) {  // read by somebody else too
              const ValueId y = b.conv(x, 5);
              b.output(b.add(Op::kAdd, {y, x})).output(y);
            }),
            1);
  EXPECT_EQ(adds_left([](GraphBuilder& b, ValueId x) {  // one residual a convolution
              b.output(b.add(Op::kAdd, {b.add(Op::kAdd, {b.conv(x, 5), x}), x}));
            }),
            1);
}

TEST(FoldBatchNormalization, IntoConvolutionsWithAndWithoutBias) {
  for (const bool bias : {false, true}) {
    for (const std::int64_t group : {1, 5}) {
      GraphBuilder b;
      b.output(b.batch_norm(b.conv(b.input({2, 5, 4, 4}), 10, {.kernel = 3, .group = group, .bias = bias})));
      rewrite(b.graph(), {fold_batch_normalization});
      EXPECT_EQ(b.graph().nodes.size(), 1U);
    }
  }
}

TEST(FoldBatchNormalization, AloneItBecomesMulAndAdd) {
  for (const Shape& shape : {Shape{2, 5, 4, 4}, Shape{3, 5}, Shape{2, 5, 7}}) {
    GraphBuilder b;
    b.output(b.batch_norm(b.input(shape)));
    rewrite(b.graph(), {fold_batch_normalization});
    EXPECT_EQ(count(b.graph(), Op::kMul), 1);
    EXPECT_EQ(count(b.graph(), Op::kAdd), 1);
    EXPECT_EQ(b.graph().nodes.size(), 2U);
  }
}

TEST(FoldBatchNormalization, LeavesWhatItMust) {
  {  // the convolution has another reader: Mul and Add instead
    GraphBuilder b;
    const ValueId y = b.conv(b.input({1, 3, 4, 4}), 5);
    b.output(b.batch_norm(y)).output(y);
    rewrite(b.graph(), {fold_batch_normalization});
    EXPECT_EQ(b.graph().nodes.size(), 3U);
  }
  {  // the convolution has an activation already
    GraphBuilder b;
    b.output(b.batch_norm(b.add(Op::kRelu, {b.conv(b.input({1, 3, 4, 4}), 5)})));
    rewrite(b.graph(), {fuse_activations, fold_batch_normalization});
    EXPECT_EQ(b.graph().nodes.size(), 3U);
    EXPECT_EQ(fused_activation(b.graph()), ActivationKind::kRelu);
  }
  {  // parameters that are computed
    GraphBuilder b;
    const ValueId x = b.input({1, 3, 4, 4});
    b.output(b.add(Op::kBatchNormalization, {x, b.input({3}), b.random({3}), b.random({3}), b.random({3}, 1, 2)},
                   BatchNormalizationAttrs{}));
    rewrite(b.graph(), {fold_batch_normalization});
    EXPECT_EQ(count(b.graph(), Op::kBatchNormalization), 1);
  }
  {  // two in a row, and weights that two convolutions share
    GraphBuilder b;
    const ValueId x = b.input({1, 5, 4, 4});
    const ValueId w = b.random({5, 5, 1, 1});
    const ValueId twice = b.batch_norm(b.batch_norm(b.add(Op::kConv, {x, w}, ConvAttrs{})));
    b.output(b.add(Op::kSub, {twice, b.batch_norm(b.add(Op::kConv, {x, w}, ConvAttrs{}))}));
    rewrite(b.graph(), {fold_batch_normalization});
    EXPECT_EQ(count(b.graph(), Op::kBatchNormalization), 0);
  }
}

// Only float32 may become Mul and Add of float32 constants.
TEST(FoldBatchNormalization, LeavesOtherTypes) {
  GraphBuilder b;
  const ValueId x = b.input({1, 3, 4, 4}, DType::kFloat64);
  b.output(b.add(Op::kBatchNormalization, {x, b.random({3}), b.random({3}), b.random({3}), b.random({3}, 1, 2)},
                 BatchNormalizationAttrs{}));
  ASSERT_TRUE(fold_batch_normalization(b.graph()).ok());
  EXPECT_EQ(count(b.graph(), Op::kBatchNormalization), 1);
}

TEST(RecogniseActivations, SiluInBothOrders) {
  for (const bool swapped : {false, true}) {
    GraphBuilder b;
    const ValueId x = b.input({2, 3});
    const ValueId s = b.add(Op::kSigmoid, {x});
    b.output(b.add(Op::kMul, swapped ? std::vector{s, x} : std::vector{x, s}));
    rewrite(b.graph(), {recognise_activations});
    ASSERT_EQ(b.graph().nodes.size(), 1U);
    EXPECT_EQ(b.graph().nodes[0].op, Op::kSilu);
  }
}

TEST(RecogniseActivations, SigmoidOfSomethingElseStays) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  const ValueId z = b.input({2, 3});
  const ValueId s = b.add(Op::kSigmoid, {z});
  b.output(b.add(Op::kMul, {x, s})).output(b.add(Op::kMul, {s, s}));
  rewrite(b.graph(), {recognise_activations});
  EXPECT_EQ(count(b.graph(), Op::kSilu), 0);
}

// x * clip(x + 3, 0, 6) / 6 with the division on the clip, on the product, or as a multiplication; and HardSigmoid.
ValueId hard_swish(GraphBuilder& b, ValueId x, int form, float three, float six, float top) {
  const ValueId c3 = b.scalar(three);
  const ValueId shifted = form % 2 == 0 ? b.add(Op::kAdd, {x, c3}) : b.add(Op::kAdd, {c3, x});
  const ValueId clip = b.add(Op::kClip, {shifted, b.scalar(0), b.scalar(top)});
  switch (form / 2) {
    case 0:
      return b.add(Op::kMul, {x, b.add(Op::kDiv, {clip, b.scalar(six)})});
    case 1:
      return b.add(Op::kMul, {b.add(Op::kMul, {b.scalar(1 / six), clip}), x});
    case 2:
      return b.add(Op::kDiv, {b.add(Op::kMul, {clip, x}), b.scalar(six)});
    case 3:
      return b.add(Op::kMul, {b.scalar(1 / six), b.add(Op::kMul, {x, clip})});
    default:
      return b.add(Op::kMul, {x, b.add(Op::kHardSigmoid, {x}, HardSigmoidAttrs{1 / six, three / six})});
  }
}

TEST(RecogniseActivations, HardSwishInEveryForm) {
  for (int form = 0; form < 10; ++form) {
    GraphBuilder b;
    const ValueId x = b.input({2, 3});
    b.output(hard_swish(b, x, form, 3, 6, 6));
    rewrite(b.graph(), {recognise_activations});
    ASSERT_EQ(b.graph().nodes.size(), 1U) << form;
    EXPECT_EQ(b.graph().nodes[0].op, Op::kHardSwish) << form;
  }
}

TEST(RecogniseActivations, AlmostHardSwishStays) {
  for (int form = 0; form < 10; ++form) {
    for (int wrong = 0; wrong < 3; ++wrong) {
      if (form >= 8 && wrong == 2) continue;  // HardSigmoid has no such number
      GraphBuilder b;
      const ValueId x = b.input({2, 3});
      b.output(hard_swish(b, x, form, wrong == 0 ? 2.5F : 3, wrong == 1 ? 5.0F : 6, wrong == 2 ? 5.0F : 6));
      rewrite(b.graph(), {recognise_activations});
      EXPECT_EQ(count(b.graph(), Op::kHardSwish), 0) << form << " " << wrong;
    }
  }
}

// A constant of higher rank makes the result's rank higher: HardSwish would not.
TEST(RecogniseActivations, AResultOfAnotherShapeStays) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  const ValueId shifted = b.add(Op::kAdd, {x, b.floats({1, 1, 1}, {3})});
  const ValueId clip = b.add(Op::kClip, {shifted, b.scalar(0), b.scalar(6)});
  b.output(b.add(Op::kMul, {x, b.add(Op::kDiv, {clip, b.scalar(6)})}));
  rewrite(b.graph(), {recognise_activations});
  EXPECT_EQ(count(b.graph(), Op::kHardSwish), 0);
}

TEST(RecogniseActivations, PartsThatAreReadElsewhereRemain) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  const ValueId s = b.add(Op::kSigmoid, {x});
  b.output(b.add(Op::kMul, {x, s})).output(s);
  rewrite(b.graph(), {recognise_activations});
  EXPECT_EQ(count(b.graph(), Op::kSilu), 1);
  EXPECT_EQ(count(b.graph(), Op::kSigmoid), 1);
}

TEST(RemoveIdentities, NodesThatChangeNothing) {
  GraphBuilder b;
  ValueId x = b.input({2, 3, 4});
  x = b.add(Op::kIdentity, {b.add(Op::kRelu, {x})});
  x = b.add(Op::kCast, {x}, CastAttrs{DType::kFloat32});
  x = b.reshape(x, {2, 3, -1});
  x = b.transpose(x, {0, 1, 2});
  x = b.slice(x, 1, 0, 100);
  x = b.concat({x}, 0);
  x = b.split(x, {3})[0];
  x = b.add(Op::kExpand, {x, b.ints({1, 3, 1})});
  x = b.add(Op::kTile, {x, b.ints({1, 1, 1})});
  x = b.add(Op::kAdd, {b.floats({1, 1, 4}, {0, 0, 0, 0}), x});
  x = b.add(Op::kMul, {x, b.scalar(1)});
  b.output(x);
  rewrite(b.graph(), {remove_identities});
  ASSERT_EQ(b.graph().nodes.size(), 1U);
  EXPECT_EQ(b.graph().nodes[0].op, Op::kRelu);
}

TEST(RemoveIdentities, LeavesWhatItMust) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3, 2});
  b.output(b.transpose(x, {2, 1, 0}));                                                // same shape, other order
  b.output(b.slice(x, 1, -1, INT64_MIN, -1));                                         // same shape, backwards
  b.output(b.add(Op::kAdd, {x, b.floats({1, 2, 3, 2}, std::vector<float>(12, 0))}));  // another rank
  b.output(b.add(Op::kMul, {x, b.floats({2}, {1, 2})}));
  b.output(b.add(Op::kMul, {x, b.scalar(0)}));
  b.output(b.reshape(x, {3, 2, 2}));
  b.output(b.add(Op::kTile, {x, b.ints({1, 2, 1})}));
  rewrite(b.graph(), {remove_identities});
  EXPECT_EQ(b.graph().nodes.size(), 7U);
}

TEST(RemoveIdentities, OutputsThatAreInputsOrConstants) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  const ValueId c = b.random({4});
  b.output(b.add(Op::kIdentity, {x})).output(b.add(Op::kIdentity, {c})).output(x);
  rewrite(b.graph(), {remove_identities, remove_dead});
  EXPECT_TRUE(b.graph().nodes.empty());
  EXPECT_EQ(b.graph().outputs, (std::vector<ValueId>{x, c, x}));
}

TEST(RemoveDead, UnusedNodesAndConstants) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3});
  const ValueId unused = b.random({3});
  b.add(Op::kRelu, {b.add(Op::kAdd, {x, unused})});
  const auto parts = b.split(x, {1, 2});
  b.output(parts[1]);
  rewrite(b.graph(), {remove_dead});
  ASSERT_EQ(b.graph().nodes.size(), 1U);
  EXPECT_EQ(b.graph().nodes[0].op, Op::kSplit);
  EXPECT_FALSE(b.graph().value(unused).constant.has_value());
}

}  // namespace
}  // namespace saker
