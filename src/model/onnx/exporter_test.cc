// Export and import again: the same graph, the same results, for every operator that opset 17 has.
#include "model/onnx/exporter.h"

#include <set>

#include "graph/printer.h"
#include "model/onnx/proto.h"
#include "support/export_cases.h"
#include "support/import_testing.h"

namespace saker::onnx {
namespace {

Graph reimported(const Graph& graph) {
  const auto text = export_model(graph);
  EXPECT_TRUE(text.ok()) << text.error().message;
  if (!text.ok()) return {};
  auto model = import_text(*text);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? model->graph : Graph();
}

// Types and shapes are inferred again; the rest is in the file.
std::string text_of(Graph graph) {
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    Shape shape;
    for (const DeclaredDim& dim : graph.declared_inputs[i]) shape.push_back(dim.size);
    graph.value(graph.inputs[i]).shape = shape;
  }
  for (const Node& node : graph.nodes) EXPECT_TRUE(infer_node(graph, node).ok());
  return print(graph);
}

void expect_same(const Graph& before, const Graph& after) {
  const auto inputs = random_inputs(before, 3);
  const auto expected = results_of(before, inputs), got = results_of(after, inputs);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].shape(), expected[i].shape());
    ASSERT_EQ(got[i].dtype(), expected[i].dtype());
    EXPECT_EQ(std::memcmp(got[i].raw(), expected[i].raw(), got[i].bytes()), 0) << "output " << i;
  }
}

TEST(Exporter, EveryOperatorComesBackAsItWas) {
  for (const ExportCase& test : export_cases()) {
    SCOPED_TRACE(op_def(test.op).name);
    GraphBuilder b;
    test.build(b);
    const Graph after = reimported(b.graph());
    expect_same(b.graph(), after);
    // Axes are an attribute in the file and a constant of another name here.
    if (std::string_view(op_def(test.op).name).starts_with("Reduce") || test.op == Op::kDFT) continue;
    EXPECT_EQ(text_of(after), text_of(b.graph()));
  }
}

TEST(Exporter, TheTableAboveHasEveryOperatorOfOnnx) {
  std::set<Op> tested;
  for (const ExportCase& test : export_cases()) tested.insert(test.op);
  const std::set<Op> later = {Op::kAffineGrid, Op::kAttention,          Op::kCenterCropPad,    Op::kCol2Im,
                              Op::kDeformConv, Op::kGroupNormalization, Op::kRMSNormalization, Op::kRotaryEmbedding};
  for (const OpDef& def : op_table()) {
    const bool own = later.contains(def.op) || def.op == Op::kSilu || def.op == Op::kDecodeBoxes ||
                     def.op == Op::kConvInt8 || def.op == Op::kLookup || def.op == Op::kSumInt8 ||
                     def.op == Op::kGelu || def.op == Op::kBitwiseAnd || def.op == Op::kBitwiseNot ||
                     def.op == Op::kBitwiseOr || def.op == Op::kBitwiseXor;
    EXPECT_EQ(tested.contains(def.op), !own) << def.name;
  }
}

TEST(Exporter, SiluIsWrittenOut) {
  GraphBuilder b;
  b.output(b.add(Op::kSilu, {b.input({3})}));
  const Graph after = reimported(b.graph());
  ASSERT_EQ(after.nodes.size(), 2U);
  EXPECT_EQ(after.nodes[0].op, Op::kSigmoid);
  EXPECT_EQ(after.nodes[1].op, Op::kMul);
}

TEST(Exporter, ResizeOfSomeAxes) {
  for (const bool by_sizes : {false, true}) {
    GraphBuilder b;
    ResizeAttrs attrs;
    attrs.axes = {3, -2};
    const ValueId x = b.input({1, 2, 3, 4}), scales = b.floats({2}, {2, 3}), sizes = b.ints({8, 9});
    b.output(
        b.add(Op::kResize,
              by_sizes ? std::vector<ValueId>{x, kNoValue, kNoValue, sizes} : std::vector<ValueId>{x, kNoValue, scales},
              attrs));
    const Graph after = reimported(b.graph());
    EXPECT_TRUE(after.nodes[0].as<ResizeAttrs>().axes.empty());
    expect_same(b.graph(), after);
  }
}

// Forms that opset 18 and 19 brought.
TEST(Exporter, ResizeOfLaterOpsets) {
  GraphBuilder b;
  ResizeAttrs attrs;
  attrs.mode = ResizeMode::kLinear;
  attrs.coordinates = ResizeCoordinates::kHalfPixelSymmetric;
  attrs.antialias = true;
  attrs.aspect = ResizeAspect::kNotLarger;
  attrs.axes = {2, 3};
  const ValueId x = b.input({1, 1, 6, 8}), sizes = b.ints({3, 5});
  b.output(b.add(Op::kResize, {x, kNoValue, kNoValue, sizes}, attrs));
  EXPECT_FALSE(export_model(b.graph(), ExportForm::kQdq, 18).ok());
  const auto text = export_model(b.graph(), ExportForm::kQdq, 19);
  ASSERT_TRUE(text.ok()) << text.error().message;
  const auto model = import_text(*text);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->graph.nodes[0].as<ResizeAttrs>(), attrs);
  expect_same(b.graph(), model->graph);
}

TEST(Exporter, GeluIsWrittenOut) {
  for (const bool by_tanh : {false, true}) {
    GraphBuilder b;
    b.output(b.add(Op::kGelu, {b.input({64})}, GeluAttrs{by_tanh}));
    const Graph after = reimported(b.graph());
    for (const Node& node : after.nodes) EXPECT_NE(node.op, Op::kGelu);
    const auto inputs = random_inputs(b.graph(), 3);
    const Tensor expected = results_of(b.graph(), inputs)[0], got = results_of(after, inputs)[0];
    for (std::int64_t i = 0; i < 64; ++i) EXPECT_NEAR(got.data<float>()[i], expected.data<float>()[i], 1e-6F) << i;
  }
}

// Axes are an attribute of opset 17 and an input of opset 18: the file has them once.
TEST(Exporter, WhatBecameAnAttributeIsNoConstant) {
  GraphBuilder b;
  const ValueId x = b.input({2, 3}), axes = b.ints({1});
  b.output(b.add(Op::kReduceMax, {x, axes}, ReduceAttrs{}));
  for (const auto& [opset, constants] : {std::pair<std::int64_t, std::size_t>{17, 0}, {18, 1}}) {
    const std::string text = export_model(b.graph(), ExportForm::kQdq, opset).value();
    const auto file = parse_model(std::as_bytes(std::span(text)));
    ASSERT_TRUE(file.ok()) << file.error().message;
    EXPECT_EQ(file->graph->initializers.size(), constants) << opset;
  }
}

TEST(Exporter, RefusesWhatCameLater) {
  GraphBuilder b;
  const ValueId x = b.add(Op::kCast, {b.input({3})}, CastAttrs{DType::kInt32});
  b.output(b.add(Op::kBitwiseNot, {x}));
  const auto text = export_model(b.graph());
  ASSERT_FALSE(text.ok());
  EXPECT_NE(text.error().message.find("(BitwiseNot)"), std::string::npos) << text.error().message;
  EXPECT_NE(text.error().message.find("opset 18"), std::string::npos) << text.error().message;
}

TEST(Exporter, NamesMetadataAndOpenDimensionsAreKept) {
  GraphBuilder b;
  Graph& graph = b.graph();
  const ValueId x = b.input({1, 3});
  b.output(b.add(Op::kRelu, {x}));
  graph.name = "net";
  graph.value(x).name = "images";
  graph.value(graph.outputs[0]).name = "boxes";
  graph.nodes[0].name = "last";
  graph.metadata["names"] = "{0: 'cat'}";
  graph.declared_inputs[0] = {{-1, "batch"}, {3, ""}};
  const Graph after = reimported(graph);
  EXPECT_EQ(after.name, "net");
  EXPECT_EQ(after.value(after.inputs[0]).name, "images");
  EXPECT_EQ(after.value(after.outputs[0]).name, "boxes");
  EXPECT_EQ(after.nodes[0].name, "last");
  EXPECT_EQ(after.metadata, graph.metadata);
  EXPECT_EQ(after.declared_inputs[0][0].symbol, "batch");
  EXPECT_EQ(after.declared_inputs[0][0].size, -1);
  EXPECT_EQ(after.declared_inputs[0][1].size, 3);
}

TEST(Exporter, ValuesOfOneNameOrNone) {
  GraphBuilder b;
  Graph& graph = b.graph();
  const ValueId x = b.input({3});
  b.output(b.add(Op::kAdd, {b.add(Op::kMul, {x, b.scalar(2)}), b.add(Op::kMul, {x, b.scalar(3)})}));
  for (Value& value : graph.values) value.name = "same";
  expect_same(graph, reimported(graph));
  for (Value& value : graph.values) value.name.clear();
  expect_same(graph, reimported(graph));
}

TEST(Exporter, OutputsThatNoNodeMakes) {
  GraphBuilder b;
  const ValueId x = b.input({3});
  b.output(b.floats({2}, {1, 2})).output(x).output(b.add(Op::kRelu, {x}));
  expect_same(b.graph(), reimported(b.graph()));
}

TEST(Exporter, ConstantsOfEveryType) {
  for (const DType dtype :
       {DType::kFloat16, DType::kBFloat16, DType::kFloat64, DType::kInt8, DType::kUint8, DType::kInt16, DType::kUint16,
        DType::kInt32, DType::kUint32, DType::kInt64, DType::kUint64, DType::kBool}) {
    SCOPED_TRACE(dtype_name(dtype));
    GraphBuilder b;
    Tensor value = Tensor::make(dtype, {1, 3}).value();
    std::memset(value.raw(), 1, value.bytes());
    b.output(b.add(Op::kIdentity, {b.constant(value)}));
    expect_same(b.graph(), reimported(b.graph()));
  }
}

void expect_refusal(const Graph& graph, const std::string& part) {
  const auto text = export_model(graph);
  ASSERT_FALSE(text.ok()) << part;
  EXPECT_EQ(text.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(text.error().message.find("node 'n"), std::string::npos) << text.error().message;
  EXPECT_NE(text.error().message.find(part), std::string::npos) << text.error().message;
}

TEST(Exporter, RefusalsNameTheNode) {
  const auto refuses = [](const char* part, const BuildGraph& build) {
    GraphBuilder b;
    build(b);
    expect_refusal(b.graph(), part);
  };
  refuses("saker's own", [](GraphBuilder& b) {
    b.output(b.add(Op::kLookup, {b.input({3}, DType::kUint8)}, LookupAttrs{std::vector<std::uint8_t>(256)}));
  });
  refuses("fused with", [](GraphBuilder& b) {
    ConvAttrs attrs;
    attrs.activation = {ActivationKind::kRelu, 0, 0};
    b.output(b.add(Op::kConv, {b.input({1, 1, 2, 2}), b.random({1, 1, 1, 1})}, attrs));
  });
  refuses("dilations", [](GraphBuilder& b) {
    PoolAttrs attrs;
    attrs.window.kernel = attrs.window.dilations = {2, 2};
    b.output(b.add(Op::kAveragePool, {b.input({1, 2, 4, 6})}, attrs));
  });
  refuses("half_pixel_symmetric", [](GraphBuilder& b) {
    ResizeAttrs attrs;
    attrs.coordinates = ResizeCoordinates::kHalfPixelSymmetric;
    b.output(b.add(Op::kResize, {b.input({1, 1, 2, 2}), kNoValue, b.floats({4}, {1, 1, 2, 2})}, attrs));
  });
  refuses("antialias", [](GraphBuilder& b) {
    ResizeAttrs attrs;
    attrs.mode = ResizeMode::kLinear;
    attrs.antialias = true;
    b.output(b.add(Op::kResize, {b.input({1, 1, 2, 2}), kNoValue, b.floats({4}, {1, 1, 2, 2})}, attrs));
  });
  refuses("came later", [](GraphBuilder& b) {
    b.output(b.add(Op::kRMSNormalization, {b.input({2, 3}), b.random({3})}, NormalizationAttrs{}));
  });
  refuses("of a volume", [](GraphBuilder& b) {
    b.output(b.add(Op::kGridSample, {b.input({1, 1, 2, 2, 2}), b.input({1, 1, 1, 1, 3})}, GridSampleAttrs{}));
  });
  refuses("dilations or ceil_mode", [](GraphBuilder& b) {
    LpPoolAttrs attrs;
    attrs.window.kernel = attrs.window.dilations = {2, 2};
    b.output(b.add(Op::kLpPool, {b.input({1, 2, 4, 6})}, attrs));
  });
  refuses("in blocks", [](GraphBuilder& b) {
    const ValueId q = b.add(Op::kQuantizeLinear, {b.input({2, 4}), b.floats({2, 2}, {1, 2, 3, 4})}, AxisAttrs{1, 2});
    b.output(q);
  });
  refuses("16 bits", [](GraphBuilder& b) {
    Tensor zero = Tensor::make(DType::kInt16, {}).value();
    *zero.data<std::int16_t>() = 1;
    b.output(b.add(Op::kQuantizeLinear, {b.input({2, 4}), b.scalar(1), b.constant(zero)}, AxisAttrs{}));
  });
  refuses("its mode", [](GraphBuilder& b) {
    b.output(b.add(Op::kPad, {b.input({2, 3}), b.ints({0, 1, 1, 0})}, PadAttrs{PadMode::kWrap}));
  });
  refuses("several axes", [](GraphBuilder& b) {
    b.output(b.add(Op::kSoftmax, {b.input({2, 3, 4})}, SoftmaxAttrs{1, true}));
  });
  refuses("its reduction", [](GraphBuilder& b) {
    const ValueId rows = b.constant(make_ints({0}).reshaped({1, 1}));
    b.output(b.add(Op::kScatterND, {b.input({3}), rows, b.floats({1}, {5})}, ScatterNDAttrs{ScatterReduction::kMax}));
  });
  refuses("not constant", [](GraphBuilder& b) {
    b.output(b.add(Op::kReduceMean, {b.input({2, 3}), b.input({1}, DType::kInt64)}, ReduceAttrs{}));
  });
  refuses("noop_with_empty_axes", [](GraphBuilder& b) {
    b.output(b.add(Op::kReduceMax, {b.input({2, 3})}, ReduceAttrs{true, true}));
  });
}

}  // namespace
}  // namespace saker::onnx
