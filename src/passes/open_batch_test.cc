// Graphs of one picture opened for several: what each picture gives must be what it gives alone, to the bit; and what
// looks at several pictures must be refused.
#include "passes/open_batch.h"

#include <gtest/gtest.h>

#include <cstring>

#include "graph/printer.h"
#include "passes/pipeline.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

// The pictures one behind the other.
Tensor batch_of(const std::vector<Tensor>& pictures) {
  Shape shape = pictures[0].shape();
  shape[0] = static_cast<std::int64_t>(pictures.size());
  Tensor all = Tensor::make(pictures[0].dtype(), shape).value();
  auto* to = static_cast<std::byte*>(all.raw());
  for (const Tensor& picture : pictures) {
    std::memcpy(to, picture.raw(), picture.bytes());
    to += picture.bytes();
  }
  return all;
}

void expect_pictures_apart(const Graph& one) {
  Graph any = one;
  const Status status = open_batch(any);
  ASSERT_TRUE(status.ok()) << status.error().message << "\n" << print(one);
  EXPECT_EQ(any.declared_inputs[0][0].symbol, "batch");
  std::vector<Tensor> pictures;
  std::vector<std::vector<Tensor>> alone;
  for (const std::uint32_t seed : {3U, 4U, 5U}) {
    pictures.push_back(random_inputs(one, seed)[0]);
    alone.push_back(evaluate_graph(one, {pictures.back()}));
    EXPECT_EQ(
        std::memcmp(evaluate_graph(any, {pictures.back()})[0].raw(), alone.back()[0].raw(), alone.back()[0].bytes()),
        0);
  }
  const Tensor batch = batch_of(pictures);
  const std::vector<Shape> shapes = {batch.shape()};
  ASSERT_TRUE(bind_input_shapes(any, shapes).ok());
  ASSERT_TRUE(run_passes(any, all_passes()).ok()) << print(any);
  ASSERT_TRUE(open_batch(any = one).ok());
  const std::vector<Tensor> together = evaluate_graph(any, {batch});
  for (std::size_t k = 0; k < together.size(); ++k) {
    EXPECT_EQ(any.declared_outputs[k][0].size, -1);
    const Tensor expected = batch_of({alone[0][k], alone[1][k], alone[2][k]});
    ASSERT_EQ(together[k].shape(), expected.shape());
    EXPECT_EQ(std::memcmp(together[k].raw(), expected.raw(), expected.bytes()), 0) << print(any);
  }
}

TEST(OpenBatch, WhatYoloConsistsOf) {
  for (const Net& net : yolo_parts(1)) {
    SCOPED_TRACE(net.name);
    Graph graph = net.graph;
    ASSERT_TRUE(run_passes(graph, portable_passes()).ok());
    expect_pictures_apart(graph);
  }
}

TEST(OpenBatch, TargetsAndSizesThatSpeakOfOnePicture) {
  GraphBuilder b;
  const ValueId x = b.input({1, 4, 6, 6});
  const ValueId to = b.ints({1, 2, 2, 36});  // read twice, once by what no picture reaches
  ResizeAttrs nearest;
  nearest.coordinates = ResizeCoordinates::kAsymmetric;
  nearest.nearest = ResizeNearest::kFloor;
  const ValueId twice = b.add(Op::kResize, {x, kNoValue, kNoValue, b.ints({1, 4, 12, 12})}, nearest);
  const ValueId constant = b.add(Op::kReshape, {b.random({4, 36}), to}, ReshapeAttrs{});
  const ValueId sum = b.add(Op::kAdd, {b.add(Op::kReshape, {x, to}, ReshapeAttrs{true}), constant});
  b.output(b.reshape(twice, {-1, 576})).output(b.reshape(sum, {1, 2, -1})).output(b.reshape(x, {0, 144}));
  expect_pictures_apart(b.graph());
}

TEST(OpenBatch, PicksAndRanks) {
  GraphBuilder b;
  const ValueId x = b.input({1, 6, 5, 4});
  const ValueId flat = b.add(Op::kFlatten, {x}, AxisAttrs{1});
  const auto best = b.add(Op::kTopK, {flat, b.ints({7})}, TopKAttrs{-1, true, true}, 2);
  b.output(b.add(Op::kGatherElements, {flat, best[1]}, AxisAttrs{1}));
  b.output(b.add(Op::kGather, {b.random({120, 3}), best[1]}, AxisAttrs{0}));
  b.output(b.add(Op::kGather, {x, b.ints({3, 1})}, AxisAttrs{2}));
  b.output(b.add(Op::kMatMul, {flat, b.random({120, 5})}));
  b.output(b.add(Op::kGemm, {flat, b.random({120, 5}), b.random({5})}, GemmAttrs{}));
  b.output(b.add(Op::kReduceMax, {x, b.ints({-1, 2})}, ReduceAttrs{false, false}));
  b.output(b.add(Op::kUnsqueeze, {b.add(Op::kSqueeze, {b.slice(x, 2, 0, 1), b.ints({2})}), b.ints({1})}));
  b.output(b.add(Op::kPad, {x, b.ints({0, 0, 1, 1, 0, 0, 2, 2})}, PadAttrs{}));
  b.output(b.add(Op::kTile, {x, b.ints({1, 2, 1, 1})}));
  b.output(b.add(Op::kExpand, {b.slice(x, 1, 0, 1), b.ints({1, 3, 5, 4})}));
  expect_pictures_apart(b.graph());
}

using Build = std::function<ValueId(GraphBuilder&, ValueId)>;

TEST(OpenBatch, WhatLooksAtSeveralPicturesIsRefused) {
  const std::vector<Build> mixing = {
      [](GraphBuilder& b, ValueId x) {
        return b.concat({x, x}, 0);
      },
      [](GraphBuilder& b, ValueId x) {
        return b.concat({x, b.random({1, 2, 4, 4})});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kSoftmax, {x}, SoftmaxAttrs{0, false});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kReduceMean, {x, b.ints({0, 2})}, ReduceAttrs{});
      },
      [](GraphBuilder& b, ValueId x) { return b.add(Op::kReduceMean, {x}, ReduceAttrs{}); },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kSqueeze, {x, b.ints({0})});
      },
      [](GraphBuilder& b, ValueId x) { return b.add(Op::kFlatten, {x}, AxisAttrs{0}); },
      [](GraphBuilder& b, ValueId x) {
        return b.transpose(x, {1, 0, 2, 3});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.reshape(x, {3, 16});
      },
      [](GraphBuilder& b, ValueId x) { return b.slice(x, 0, 0, 1); },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kGather, {x, b.ints({0})}, AxisAttrs{0});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kTile, {x, b.ints({2, 1, 1, 1})});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kMatMul, {b.reshape(x, {48}), b.random({48, 2})});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kMul, {x, b.random({2, 3, 4, 4})});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kAdd, {x, b.reshape(x, {1, 1, 3, 4, 4})});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kPad, {x, b.ints({0, 0, 0, 0, 1, 0, 0, 0})}, PadAttrs{});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kResize, {x, kNoValue, b.floats({4}, {1.5F, 1, 2, 2})}, ResizeAttrs{});
      },
      [](GraphBuilder& b, ValueId x) {
        return b.add(Op::kResize, {b.slice(x, 3, 0, 3), kNoValue, kNoValue, b.ints({1, 3, 4, 4})}, ResizeAttrs{});
      },
      [](GraphBuilder& b, ValueId x) { return b.add(Op::kDynamicQuantizeLinear, {x}, {}, 3)[0]; },
      [](GraphBuilder& b, ValueId x) { return b.add(Op::kShape, {x}, ShapeAttrs{}); },
      [](GraphBuilder& b, ValueId) {
        return b.random({1, 3});
      },
  };
  for (std::size_t i = 0; i < mixing.size(); ++i) {
    GraphBuilder b;
    b.output(mixing[i](b, b.input({1, 3, 4, 4})));
    const std::string before = print(b.graph());
    const Status status = open_batch(b.graph());
    ASSERT_FALSE(status.ok()) << i << "\n" << before;
    EXPECT_EQ(status.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(print(b.graph()), before);
    EXPECT_EQ(b.graph().declared_inputs[0][0].size, 1);
    if (!b.graph().nodes.empty()) {
      EXPECT_NE(status.error().message.find("node 'n"), std::string::npos) << status.error().message;
    }
  }
}

TEST(OpenBatch, OnlyOnePicture) {
  for (const Shape& shape : {Shape{4, 3, 2, 2}, Shape{1, 3}, Shape{}}) {
    GraphBuilder b;
    b.output(b.add(Op::kRelu, {b.input(shape)}));
    EXPECT_FALSE(open_batch(b.graph()).ok());
  }
  GraphBuilder two;
  two.output(two.add(Op::kAdd, {two.input({1, 3, 2, 2}), two.input({1, 3, 2, 2})}));
  EXPECT_FALSE(open_batch(two.graph()).ok());
}

}  // namespace
}  // namespace saker
