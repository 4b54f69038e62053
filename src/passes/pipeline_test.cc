// Folding and shape inference, 16-bit floats, the pipeline as a whole.
#include "passes/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include <cstring>

#include "base/half.h"
#include "graph/printer.h"
#include "passes/passes.h"
#include "support/test_graphs.h"

namespace saker {
namespace {

TEST(FoldConstants, ChainsOfShapeArithmetic) {
  GraphBuilder b;
  const ValueId x = b.input({2, 6, 4, 4});
  const ValueId shape = b.add(Op::kShape, {x}, ShapeAttrs{});
  const ValueId n = b.add(Op::kGather, {shape, b.ints({0})}, AxisAttrs{0});
  const ValueId hw = b.add(Op::kMul, {b.add(Op::kGather, {shape, b.ints({2})}, AxisAttrs{0}),
                                      b.add(Op::kGather, {shape, b.ints({3})}, AxisAttrs{0})});
  const ValueId to = b.concat({n, b.ints({6}), hw}, 0);
  const ValueId grid = b.add(Op::kCast, {hw}, CastAttrs{DType::kFloat32});
  b.output(b.add(Op::kMul, {b.add(Op::kReshape, {x, to}, ReshapeAttrs{}), grid}));
  Graph& graph = b.graph();
  for (Value& value : graph.values) {  // as imported: only inputs and constants have shapes
    if (!value.constant && &value != &graph.value(x)) value.shape.reset();
  }
  ASSERT_TRUE(run_passes(graph, all_passes()).ok());
  ASSERT_EQ(graph.nodes.size(), 2U) << print(graph);
  EXPECT_EQ(*graph.value(graph.outputs[0]).shape, (Shape{2, 6, 16}));
}

// A number of its operand's type: a constant once that type is known.
TEST(FoldConstants, CastLikeIsACast) {
  GraphBuilder b;
  const ValueId x = b.input({4}, DType::kFloat16);
  const ValueId minus_one = b.add(Op::kCastLike, {b.scalar(-1), x});
  b.output(b.add(Op::kMul, {x, minus_one})).output(b.add(Op::kCastLike, {x, b.ints({1})}));
  ASSERT_TRUE(infer_and_fold(b.graph()).ok());
  ASSERT_EQ(b.graph().nodes.size(), 2U) << print(b.graph());
  EXPECT_EQ(b.graph().nodes[0].op, Op::kMul);
  EXPECT_EQ(b.graph().value(minus_one).constant->dtype(), DType::kFloat16);
  EXPECT_EQ(b.graph().nodes[1].op, Op::kCast);
  EXPECT_EQ(b.graph().nodes[1].as<CastAttrs>().to, DType::kInt64);
}

TEST(FoldConstants, LeavesWhatIsTooLargeOrTooMuchWork) {
  GraphBuilder b;
  ConstantOfShapeAttrs attrs;
  attrs.value = make_tensor({1}, {1.5F});
  const ValueId large = b.add(Op::kConstantOfShape, {b.ints({9, 1024, 1024})}, attrs);  // 36 MB
  const ValueId small = b.add(Op::kConstantOfShape, {b.ints({1024, 4})}, attrs);
  b.output(large).output(small);
  b.output(b.add(Op::kMatMul, {b.random({4, 4}), b.random({4, 4})}));
  ASSERT_TRUE(infer_and_fold(b.graph()).ok());
  ASSERT_EQ(b.graph().nodes.size(), 2U);
  EXPECT_EQ(b.graph().nodes[0].op, Op::kConstantOfShape);
  EXPECT_EQ(b.graph().nodes[1].op, Op::kMatMul);
  EXPECT_FALSE(b.graph().value(large).constant.has_value());
  ASSERT_TRUE(b.graph().value(small).constant.has_value());
  EXPECT_EQ(b.graph().value(small).constant->data<float>()[4095], 1.5F);
}

TEST(FoldConstants, TheTotalIsBounded) {
  GraphBuilder b;
  ConstantOfShapeAttrs attrs;
  attrs.value = make_tensor({1}, {0});
  for (int i = 0; i < 6; ++i) b.output(b.add(Op::kConstantOfShape, {b.ints({8, 1024, 1024 - i})}, attrs));  // < 32 MB
  ASSERT_TRUE(infer_and_fold(b.graph()).ok());
  EXPECT_EQ(b.graph().nodes.size(), 2U);  // four fit into 128 MB
}

// A large checkpoint of float16; but the same bytes looked at again and again are no large checkpoint.
TEST(FoldConstants, AllWeightsAreWidened) {
  const auto weights = [] {
    Tensor tensor = Tensor::make(DType::kFloat16, {15 << 19}).value();  // 15 MiB
    std::memset(tensor.raw(), 0, tensor.bytes());
    return tensor;
  };
  const auto left = [](const std::vector<Tensor>& all) {
    GraphBuilder b;
    for (const Tensor& tensor : all) b.output(b.add(Op::kCast, {b.constant(tensor)}, CastAttrs{DType::kFloat32}));
    EXPECT_TRUE(infer_and_fold(b.graph()).ok());
    return b.graph().nodes.size();
  };
  std::vector<Tensor> own(5);
  std::ranges::generate(own, weights);
  EXPECT_EQ(left(own), 0U);
  EXPECT_EQ(left(std::vector<Tensor>(8, own[0])), 2U);  // six of 30 MiB fit into 128 MiB and four times 15
}

TEST(WidenFloat16, InputsAndOutputsKeepTheirTypes) {
  for (const DType narrow : {DType::kFloat16, DType::kBFloat16}) {
    GraphBuilder b;
    const ValueId x = b.input({1, 2, 3}, narrow);
    Tensor weights = Tensor::make(narrow, {3, 2}).value();
    for (int i = 0; i < 6; ++i) {
      const float value = static_cast<float>(i) / 4 - 1;
      weights.data<std::uint16_t>()[i] = narrow == DType::kFloat16 ? float_to_half(value) : float_to_bfloat16(value);
    }
    b.output(b.add(Op::kMatMul, {x, b.constant(weights)}));
    b.output(b.add(Op::kCast, {b.add(Op::kRelu, {x})}, CastAttrs{DType::kFloat32}));
    b.output(x);
    Graph graph = b.graph();
    ASSERT_TRUE(run_passes(graph, all_passes()).ok());
    EXPECT_EQ(graph.value(graph.inputs[0]).dtype, narrow);
    EXPECT_EQ(graph.value(graph.outputs[0]).dtype, narrow);
    EXPECT_EQ(graph.value(graph.outputs[1]).dtype, DType::kFloat32);
    EXPECT_EQ(graph.value(graph.outputs[2]).dtype, narrow);
    for (const Node& node : graph.nodes) {
      if (node.op == Op::kMatMul) {
        EXPECT_EQ(graph.value(node.outputs[0]).dtype, DType::kFloat32);
      }
    }
    Tensor input = Tensor::make(narrow, {1, 2, 3}).value();
    for (int i = 0; i < 6; ++i) {
      const float value = static_cast<float>(i) / 2 - 1;
      input.data<std::uint16_t>()[i] = narrow == DType::kFloat16 ? float_to_half(value) : float_to_bfloat16(value);
    }
    // Small multiples of 1/8: exact in every format.
    const auto before = evaluate_graph(b.graph(), {input});
    const auto after = evaluate_graph(graph, {input});
    for (std::size_t k = 0; k < before.size(); ++k) {
      ASSERT_EQ(after[k].dtype(), before[k].dtype());
      EXPECT_EQ(std::memcmp(after[k].raw(), before[k].raw(), before[k].bytes()), 0);
    }
  }
}

TEST(WidenFloat16, ConstantsThatAreOutputs) {
  GraphBuilder b;
  Tensor half = Tensor::make(DType::kFloat16, {2}).value();
  half.data<std::uint16_t>()[0] = float_to_half(0.5F);
  half.data<std::uint16_t>()[1] = float_to_half(-2);
  b.output(b.constant(half));
  ASSERT_TRUE(run_passes(b.graph(), all_passes()).ok());
  const auto outputs = evaluate_graph(b.graph(), {});
  ASSERT_EQ(outputs[0].dtype(), DType::kFloat16);
  EXPECT_EQ(std::memcmp(outputs[0].raw(), half.raw(), 4), 0);
}

TEST(Pipeline, KeepsTheResultsOfYoloParts) {
  for (const std::int64_t batch : {1, 2}) {
    for (const Net& net : yolo_parts(batch)) {
      SCOPED_TRACE(net.name);
      const auto inputs = random_inputs(net.graph, 3);
      Graph graph = net.graph;
      const Status status = run_passes(graph, all_passes());
      ASSERT_TRUE(status.ok()) << status.error().message;
      EXPECT_LE(graph.nodes.size(), net.graph.nodes.size());
      EXPECT_EQ(compare_outputs(evaluate_graph(graph, inputs), evaluate_graph(net.graph, inputs),
                                error_bounds(net.graph, inputs)),
                "")
          << print(graph);
      for (const Node& node : graph.nodes) {
        for (const ValueId id : node.outputs) EXPECT_TRUE(graph.value(id).shape.has_value());
      }
    }
  }
}

// A bound that allows everything tests nothing: it must stay near float32's precision.
TEST(Pipeline, TheBoundsAreTight) {
  for (const Net& net : yolo_parts(1)) {
    const auto inputs = random_inputs(net.graph, 3);
    const auto outputs = evaluate_graph(net.graph, inputs);
    const auto bounds = error_bounds(net.graph, inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      double largest = 0;
      double worst = 0;
      for (std::int64_t i = 0; i < outputs[k].elements(); ++i) {
        largest = std::max(largest, std::fabs(static_cast<double>(outputs[k].data<float>()[i])));
        worst = std::max(worst, static_cast<double>(bounds[k].data<float>()[i]));
      }
      EXPECT_LT(worst, 2e-4 * largest) << net.name;
    }
  }
}

TEST(Pipeline, FusesWhatYoloConsistsOf) {
  for (const Net& net : yolo_parts(1)) {
    if (net.name != "c2f" && net.name != "mobile") continue;
    Graph graph = net.graph;
    ASSERT_TRUE(run_passes(graph, all_passes()).ok());
    for (const Node& node : graph.nodes) {
      EXPECT_TRUE(node.op != Op::kSigmoid && node.op != Op::kSilu && node.op != Op::kAdd && node.op != Op::kClip &&
                  node.op != Op::kBatchNormalization && node.op != Op::kDiv)
          << net.name << ": " << print(graph);
    }
  }
}

TEST(Pipeline, StopsWhereAsked) {
  for (const Pass& pass : all_passes()) {
    GraphBuilder b;
    b.output(b.conv_silu(b.input({1, 3, 4, 4}), 5));
    std::vector<std::string> seen;
    PassOptions options;
    options.stop_after = pass.name;
    options.observe = [&](const Pass& p, const PassRun&) { seen.emplace_back(p.name); };
    ASSERT_TRUE(run_passes(b.graph(), all_passes(), options).ok());
    EXPECT_EQ(seen.back(), pass.name);
  }
  GraphBuilder b;
  b.output(b.input({1}));
  PassOptions stop, leave_out;
  stop.stop_after = "no_such_pass";
  leave_out.without = {"fold_focus", "no_such_pass"};
  for (const PassOptions& options : {stop, leave_out}) {
    const Status status = run_passes(b.graph(), all_passes(), options);
    EXPECT_EQ(status.error().code, ErrorCode::kInvalid);
    EXPECT_NE(status.error().message.find("fuse_residuals"), std::string::npos);
  }
}

TEST(Pipeline, TellsWhatEachPassDid) {
  GraphBuilder b;
  b.output(b.conv_silu(b.input({1, 3, 4, 4}), 5));
  std::vector<std::string> seen;
  std::size_t nodes = b.graph().nodes.size();
  PassOptions options;
  options.without = {"fuse_activations", "remove_dead"};
  options.observe = [&](const Pass& pass, const PassRun& run) {
    seen.emplace_back(pass.name);
    EXPECT_EQ(run.nodes_before, nodes);
    EXPECT_GE(run.ms, 0);
    nodes = run.nodes_after;
  };
  ASSERT_TRUE(run_passes(b.graph(), all_passes(), options).ok());
  EXPECT_EQ(seen.size(), all_passes().size() - 2);
  EXPECT_EQ(nodes, b.graph().nodes.size());
  EXPECT_EQ(nodes, 2U) << print(b.graph());  // Conv, Silu
}

// What files can say, and the quantizer works on.
TEST(Pipeline, PortablePassesLeaveOnnxOperatorsAndSilu) {
  for (const Net& net : yolo_parts(1)) {
    Graph graph = net.graph;
    ASSERT_TRUE(run_passes(graph, portable_passes()).ok());
    for (const Node& node : graph.nodes) {
      EXPECT_TRUE(node.op != Op::kDecodeBoxes && node.op != Op::kConvInt8 && node.op != Op::kLookup &&
                  node.op != Op::kSumInt8)
          << net.name << ": " << print(graph);
      EXPECT_TRUE(node.op != Op::kConv || node.as<ConvAttrs>().activation.kind == ActivationKind::kNone) << net.name;
    }
    ASSERT_TRUE(run_passes(graph, engine_passes()).ok());
    Graph whole = net.graph;
    ASSERT_TRUE(run_passes(whole, all_passes()).ok());
    EXPECT_EQ(print(graph), print(whole)) << net.name;
  }
}

TEST(Pipeline, BrokenGraphsAreRefused) {
  GraphBuilder b;
  b.output(b.add(Op::kRelu, {b.input({2})}));
  b.graph().nodes[0].inputs[0] = 77;
  EXPECT_EQ(run_passes(b.graph(), all_passes()).error().code, ErrorCode::kInternal);
}

TEST(BindInputShapes, ChecksWhatTheFileDeclares) {
  GraphBuilder b;
  b.input({1, 3, 4});
  b.graph().declared_inputs[0] = {{-1, "batch"}, {3, ""}, {-1, ""}};
  const auto error = [&](std::vector<Shape> shapes) {
    const Status status = bind_input_shapes(b.graph(), shapes);
    return status.ok() ? "" : status.error().message;
  };
  EXPECT_EQ(error({{2, 3, 7}}), "");
  EXPECT_EQ(*b.graph().value(b.graph().inputs[0]).shape, (Shape{2, 3, 7}));
  EXPECT_EQ(error({{0, 3, 7}}), "");
  EXPECT_NE(error({}), "");
  EXPECT_NE(error({{2, 3}}), "");
  EXPECT_NE(error({{2, 4, 7}}).find("fixed at 3"), std::string::npos);
  EXPECT_NE(error({{-1, 3, 7}}).find("'batch'"), std::string::npos);
  EXPECT_NE(error({{INT64_MAX, 3, 7}}), "");
}

}  // namespace
}  // namespace saker
