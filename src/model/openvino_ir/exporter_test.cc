// Export and import again: the same results, for every operator that IR can say.
#include "model/openvino_ir/exporter.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "graph/ops/convert.h"
#include "model/openvino_ir/importer.h"
#include "support/export_cases.h"
#include "support/import_testing.h"
#include "support/ir_writer.h"

namespace saker::openvino_ir {
namespace {

using onnx::export_cases;
using onnx::ExportCase;
using onnx::results_of;

Result<ImportedModel> read_back(const IrFiles& files) {
  return import_model(test_support::file_bytes(files.xml), test_support::file_bytes(files.bin));
}

// float32 arithmetic in another order; whole numbers exactly.
void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  ASSERT_EQ(got.dtype(), expected.dtype());
  const Tensor a = ops::converted(got, DType::kFloat64).value(), b = ops::converted(expected, DType::kFloat64).value();
  const bool whole = got.dtype() != DType::kFloat32;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    const double x = a.data<double>()[i], y = b.data<double>()[i];
    if (std::isnan(y)) {
      EXPECT_TRUE(std::isnan(x)) << i;
    } else {
      EXPECT_NEAR(x, y, whole ? 0 : 1e-5 * (1 + std::fabs(y))) << i;
    }
  }
}

void expect_same(const Graph& before, const Graph& after) {
  const auto inputs = random_inputs(before, 3);
  const auto expected = results_of(before, inputs), got = results_of(after, inputs);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) expect_near(got[i], expected[i]);
}

std::string refusal(const Graph& graph) {
  const auto files = export_model(graph);
  if (files.ok()) return "";
  EXPECT_EQ(files.error().code, ErrorCode::kUnsupported);
  return files.error().message;
}

// The table's cases have attributes that IR lacks for some operators it has; and some are not ONNX's.
std::vector<ExportCase> more_cases() {
  return {
      {Op::kArgMax,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kArgMax, {b.input({2, 3})}, ArgMaxAttrs{-1, false}));
       }},
      {Op::kArgMin,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kArgMin, {b.input({2, 3})}, ArgMaxAttrs{0, true}));
       }},
      {Op::kAveragePool,
       [](GraphBuilder& b) {
         for (const bool ceil_mode : {false, true}) {
           PoolAttrs attrs;
           attrs.window = {{3, 2}, {2, 1}, {}, {1, 0, 1, 1}};
           attrs.ceil_mode = ceil_mode;
           attrs.count_include_pad = !ceil_mode;
           b.output(b.add(Op::kAveragePool, {b.input({1, 2, 4, 6})}, attrs));
         }
       }},
      {Op::kMaxPool,
       [](GraphBuilder& b) {
         PoolAttrs attrs;
         attrs.window = {{2, 3}, {1, 2}, {1, 2}, {0, 1, 1, 1}};
         attrs.ceil_mode = true;
         b.output(b.add(Op::kMaxPool, {b.input({1, 2, 5, 8})}, attrs)).output(b.max_pool(b.input({1, 2, 5, 5}), 3, 2));
       }},
      {Op::kResize,
       [](GraphBuilder& b) {
         const ValueId x = b.input({1, 2, 3, 4});
         b.output(b.upsample(x)).output(b.upsample(x, true));
         ResizeAttrs attrs;
         attrs.mode = ResizeMode::kCubic;
         attrs.coordinates = ResizeCoordinates::kAlignCorners;
         b.output(b.add(Op::kResize, {x, kNoValue, kNoValue, b.ints({1, 2, 5, 7})}, attrs));
         attrs = {};
         attrs.axes = {2, 3};
         b.output(b.add(Op::kResize, {x, kNoValue, b.floats({2}, {2, 3})}, attrs));
         b.output(b.add(Op::kResize, {x, kNoValue, kNoValue, b.ints({5, 4})}, attrs));
       }},
      {Op::kScatterND,
       [](GraphBuilder& b) {
         const ValueId rows = b.reshape(b.ints({1, 0}), {2, 1});
         b.output(b.add(Op::kScatterND, {b.input({3}), rows, b.floats({2}, {5, 6})}, ScatterNDAttrs{}));
       }},
      {Op::kSilu, [](GraphBuilder& b) { b.output(b.add(Op::kSilu, {b.input({7})})); }},
      {Op::kGelu,
       [](GraphBuilder& b) {
         const ValueId x = b.input({7});
         b.output(b.add(Op::kGelu, {x}, GeluAttrs{true})).output(b.add(Op::kGelu, {x}, GeluAttrs{false}));
       }},
      {Op::kMax,
       [](GraphBuilder& b) {
         const ValueId x = b.input({3});
         b.output(b.add(Op::kMax, {x, b.scalar(-0.2F), b.scalar(0.1F)})).output(b.add(Op::kMin, {x}));
       }},
      {Op::kGemm,
       [](GraphBuilder& b) {
         const ValueId x = b.input({2, 3}), y = b.random({3, 4});
         b.output(b.add(Op::kGemm, {x, y}, GemmAttrs{})).output(b.add(Op::kGemm, {x, y}, GemmAttrs{2}));
       }},
      {Op::kConv,
       [](GraphBuilder& b) {
         const ValueId x = b.input({1, 4, 6});
         b.output(b.add(Op::kConv, {x, b.random({6, 4, 3}), b.random({6})}, ConvAttrs{}));
         const ValueId weights = b.add(Op::kMul, {b.random({6, 2, 3}), b.input({})});
         ConvAttrs attrs;
         attrs.group = 2;
         b.output(b.add(Op::kConv, {x, weights, b.add(Op::kMul, {b.random({6}), b.input({})})}, attrs));
       }},
      {Op::kConvTranspose,
       [](GraphBuilder& b) {
         ConvTransposeAttrs attrs;
         attrs.group = 2;
         attrs.window.strides = {2, 2};
         attrs.output_shape = {7, 7};
         b.output(b.add(Op::kConvTranspose, {b.input({1, 4, 3, 3}), b.random({4, 3, 3, 3}), b.random({6})}, attrs));
       }},
      {Op::kSplit,
       [](GraphBuilder& b) {
         for (const ValueId id : b.add(Op::kSplit, {b.input({2, 7})}, SplitAttrs{-1}, 3)) b.output(id);
       }},
      {Op::kClip,
       [](GraphBuilder& b) {
         const ValueId x = b.input({5}), low = b.input({}), high = b.input({});
         b.output(b.add(Op::kClip, {x, low, high})).output(b.add(Op::kClip, {x, low}));
         b.output(b.add(Op::kClip, {x, kNoValue, high})).output(b.add(Op::kClip, {x}));
       }},
      {Op::kPRelu,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kPRelu, {b.input({1, 3, 2, 3}), b.random({3})}));
         b.output(b.add(Op::kPRelu, {b.input({1, 3, 2, 3}), b.random({3, 1, 1})}));
       }},
      {Op::kPad,
       [](GraphBuilder& b) {
         const ValueId pads = b.add(Op::kShape, {b.input({2, 3})}, ShapeAttrs{});
         b.output(b.add(Op::kPad, {b.input({4}), pads}, PadAttrs{PadMode::kEdge}));
       }},
      {Op::kMod,
       [](GraphBuilder& b) {
         b.output(b.add(Op::kMod, {b.ints({-7, 7}), b.ints({3, -3})}, ModAttrs{}));
       }},
      {Op::kNonMaxSuppression,
       [](GraphBuilder& b) {
         const ValueId boxes = b.floats({1, 2, 4}, {0, 0, 2, 2, 5, 5, 7, 7});
         const ValueId scores = b.input({1, 1, 2});
         b.output(b.add(Op::kNonMaxSuppression, {boxes, scores, b.ints({5})}, NonMaxSuppressionAttrs{}));
         b.output(b.add(Op::kNonMaxSuppression, {boxes, scores}, NonMaxSuppressionAttrs{}));
       }},
  };
}

// What IR has no layer for.
bool has_no_layer(Op op) {
  constexpr std::array kNone = {Op::kBitShift,
                                Op::kBlackmanWindow,
                                Op::kCelu,
                                Op::kCompress,
                                Op::kDet,
                                Op::kDFT,
                                Op::kDynamicQuantizeLinear,
                                Op::kEinsum,
                                Op::kEyeLike,
                                Op::kGlobalLpPool,
                                Op::kGridSample,
                                Op::kGRU,
                                Op::kHammingWindow,
                                Op::kHannWindow,
                                Op::kHardmax,
                                Op::kInstanceNormalization,
                                Op::kLayerNormalization,
                                Op::kLpNormalization,
                                Op::kLpPool,
                                Op::kLRN,
                                Op::kLSTM,
                                Op::kMaxRoiPool,
                                Op::kMaxUnpool,
                                Op::kMeanVarianceNormalization,
                                Op::kMelWeightMatrix,
                                Op::kOneHot,
                                Op::kReduceLogSum,
                                Op::kReduceLogSumExp,
                                Op::kReduceSumSquare,
                                Op::kReverseSequence,
                                Op::kRNN,
                                Op::kRoiAlign,
                                Op::kScatterElements,
                                Op::kSelu,
                                Op::kShrink,
                                Op::kSTFT,
                                Op::kTfIdfVectorizer,
                                Op::kThresholdedRelu,
                                Op::kTrilu,
                                Op::kUnique};
  return std::ranges::find(kNone, op) != kNone.end();
}

// Of the table's own cases, those whose attributes IR lacks; more_cases() has them with others.
bool has_foreign_attributes(Op op) {
  return op == Op::kArgMax || op == Op::kArgMin || op == Op::kAveragePool || op == Op::kMaxPool || op == Op::kResize ||
         op == Op::kScatterND;
}

void expect_round_trip(const ExportCase& test) {
  SCOPED_TRACE(op_def(test.op).name);
  GraphBuilder b;
  test.build(b);
  const auto files = export_model(b.graph());
  ASSERT_TRUE(files.ok()) << files.error().message;
  const auto model = read_back(*files);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(verify(model->graph).ok());
  expect_same(b.graph(), model->graph);
}

TEST(IrExporter, EveryOperatorComesBackWithTheSameResults) {
  for (const ExportCase& test : export_cases()) {
    if (!has_no_layer(test.op) && !has_foreign_attributes(test.op)) {
      expect_round_trip(test);
      continue;
    }
    GraphBuilder b;
    test.build(b);
    const std::string message = refusal(b.graph());
    EXPECT_NE(message.find("node 'n"), std::string::npos) << op_def(test.op).name << ": " << message;
  }
  for (const ExportCase& test : more_cases()) expect_round_trip(test);
}

Graph must_read(const Graph& graph, const ExportOptions& options = {}) {
  const auto files = export_model(graph, options);
  EXPECT_TRUE(files.ok()) << files.error().message;
  if (!files.ok()) return {};
  auto model = read_back(*files);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model->graph) : Graph();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(IrExporter, NamesMetadataAndOpenDimensionsAreKept) {
  GraphBuilder b;
  Graph& graph = b.graph();
  const ValueId x = b.input({1, 3});
  b.output(b.add(Op::kRelu, {x}));
  graph.name = "net";
  graph.value(x).name = "im,ages";
  graph.value(graph.outputs[0]).name = "boxes";
  graph.metadata = {{"names", "{0: 'cat'}"}, {"model_info.labels", "cat"}, {"not a name", "left out"}};
  graph.declared_inputs[0] = {{-1, "batch"}, {3, ""}};
  const Graph after = must_read(graph, {false, {Shape{-1, 3}, Shape{-1, 3}}});
  EXPECT_EQ(after.name, "net");
  EXPECT_EQ(after.value(after.inputs[0]).name, "im,ages");
  EXPECT_EQ(after.value(after.outputs[0]).name, "boxes");
  EXPECT_EQ(after.metadata.at("names"), "{0: 'cat'}");
  EXPECT_EQ(after.metadata.at("model_info.labels"), "cat");
  EXPECT_EQ(after.metadata.size(), 2U);
  EXPECT_EQ(after.declared_inputs[0][0].size, -1);
  EXPECT_EQ(after.declared_inputs[0][1].size, 3);
}

TEST(IrExporter, ValuesOfOneNameOrNone) {
  GraphBuilder b;
  Graph& graph = b.graph();
  const ValueId x = b.input({3});
  b.output(b.add(Op::kAdd, {b.add(Op::kMul, {x, b.scalar(2)}), b.add(Op::kMul, {x, b.scalar(3)})}));
  for (Value& value : graph.values) value.name = "same";
  expect_same(graph, must_read(graph));
  for (Value& value : graph.values) value.name.clear();
  expect_same(graph, must_read(graph));
}

TEST(IrExporter, OutputsThatNoNodeMakes) {
  GraphBuilder b;
  const ValueId x = b.input({3});
  b.output(b.floats({2}, {1, 2})).output(x).output(b.add(Op::kRelu, {x}));
  expect_same(b.graph(), must_read(b.graph()));
}

TEST(IrExporter, ConstantsAreStoredOnceAndAligned) {
  GraphBuilder b;
  const ValueId x = b.input({3});
  const ValueId sum = b.add(Op::kAdd, {x, b.floats({3}, {1, 2, 3})});
  b.output(b.add(Op::kMul, {b.add(Op::kMul, {sum, b.floats({3}, {1, 2, 3})}), b.floats({1}, {7})}));
  const auto files = export_model(b.graph());
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->bin.size(), 64U + 4U);
  EXPECT_EQ(count(files->xml, "offset=\"0\""), 2U);
  expect_same(b.graph(), must_read(b.graph()));
}

// Weights and biases in half the bytes; a number alone stays.
TEST(IrExporter, HalfStoresWeightsAsFloat16) {
  GraphBuilder b;
  const ValueId x = b.input({1, 3, 4, 4});
  const ValueId y = b.conv(x, 8, {3});
  b.output(b.add(Op::kAdd, {y, b.scalar(0.1F)}));
  const Graph& graph = b.graph();
  const auto whole = export_model(graph), half = export_model(graph, {true, {}});
  ASSERT_TRUE(whole.ok() && half.ok());
  EXPECT_LT(half->bin.size(), whole->bin.size() * 6 / 10);
  EXPECT_EQ(count(half->xml, "name=\"decompression\""), 2U);
  const Graph after = must_read(graph, {true, {}});
  EXPECT_EQ(after.value(after.inputs[0]).dtype, DType::kFloat32);
  const auto inputs = random_inputs(graph, 3);
  const Tensor expected = results_of(graph, inputs)[0], got = results_of(after, inputs)[0];
  for (std::int64_t i = 0; i < got.elements(); ++i)
    EXPECT_NEAR(got.data<float>()[i], expected.data<float>()[i], 0.02F) << i;
}

TEST(IrExporter, WhatFloat16CannotSayStays) {
  GraphBuilder b;
  b.output(b.add(Op::kMul, {b.input({2}), b.floats({2}, {1, 70000})}));
  expect_same(b.graph(), must_read(b.graph(), {true, {}}));
}

Tensor bytes_tensor(DType dtype, Shape shape) {
  Tensor tensor = Tensor::make(dtype, std::move(shape)).value();
  for (std::int64_t i = 0; i < tensor.elements(); ++i)
    tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 37 + 5);
  return tensor;
}

// 8-bit weights stay bytes in the .bin, also where groups give them one axis more.
TEST(IrExporter, QuantizedConvolutions) {
  for (const std::int64_t group : {1, 2}) {
    for (const bool has_zero : {false, true}) {
      SCOPED_TRACE(group);
      GraphBuilder b;
      const ValueId x = b.input({1, 4, 5, 5});
      const ValueId zero = b.constant(bytes_tensor(DType::kUint8, {}));
      const ValueId q = b.add(Op::kQuantizeLinear, {x, b.scalar(0.02F), zero}, AxisAttrs{1});
      const ValueId dq = b.add(Op::kDequantizeLinear, {q, b.scalar(0.02F), zero}, AxisAttrs{1});
      const ValueId bytes = b.constant(bytes_tensor(has_zero ? DType::kUint8 : DType::kInt8, {6, 4 / group, 3, 3}));
      std::vector<ValueId> in = {bytes, b.random({6}, 0.01F, 0.02F)};
      if (has_zero) in.push_back(b.constant(bytes_tensor(DType::kUint8, {6})));
      const ValueId weights = b.add(Op::kDequantizeLinear, in, AxisAttrs{0});
      ConvAttrs attrs;
      attrs.group = group;
      b.output(b.add(Op::kConv, {dq, weights, b.random({6})}, attrs));
      const auto files = export_model(b.graph());
      ASSERT_TRUE(files.ok()) << files.error().message;
      EXPECT_EQ(count(files->xml, "type=\"FakeQuantize\""), 1U);
      EXPECT_EQ(count(files->xml, group == 1 ? "shape=\"6, 4, 3, 3\"" : "shape=\"2, 3, 2, 3, 3\""), 1U);
      EXPECT_EQ(count(files->xml, has_zero ? "element_type=\"u8\"" : "element_type=\"i8\""), 1U);
      const Graph after = must_read(b.graph());
      EXPECT_EQ(std::ranges::count(after.nodes, Op::kDequantizeLinear, &Node::op), 2);
      expect_same(b.graph(), after);
    }
  }
}

// What reads bytes gets bytes.
TEST(IrExporter, BytesThatAreReadAsTheyAre) {
  GraphBuilder b;
  const ValueId q = b.add(Op::kQuantizeLinear, {b.input({1, 2, 4, 4}), b.scalar(0.02F)}, AxisAttrs{1});
  const ValueId moved = b.transpose(q, {0, 2, 3, 1});
  b.output(b.add(Op::kDequantizeLinear, {moved, b.floats({2}, {0.02F, 0.5F})}, AxisAttrs{-1})).output(q);
  expect_same(b.graph(), must_read(b.graph()));
}

TEST(IrExporter, RefusalsNameTheNode) {
  const auto refuses = [](const char* part, const onnx::BuildGraph& build) {
    GraphBuilder b;
    build(b);
    const std::string message = refusal(b.graph());
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_NE(message.find("node 'n"), std::string::npos) << message;
  };
  refuses("no such operation", [](GraphBuilder& b) {
    b.output(b.add(Op::kLookup, {b.input({3}, DType::kUint8)}, LookupAttrs{std::vector<std::uint8_t>(256)}));
  });
  refuses("fused with", [](GraphBuilder& b) {
    ConvAttrs attrs;
    attrs.activation = {ActivationKind::kRelu, 0, 0};
    b.output(b.add(Op::kConv, {b.input({1, 1, 2, 2}), b.random({1, 1, 1, 1})}, attrs));
  });
  refuses("antialias", [](GraphBuilder& b) {
    ResizeAttrs attrs;
    attrs.mode = ResizeMode::kLinear;
    attrs.antialias = true;
    b.output(b.add(Op::kResize, {b.input({1, 1, 2, 2}), kNoValue, b.floats({4}, {1, 1, 2, 2})}, attrs));
  });
  refuses("several axes", [](GraphBuilder& b) {
    b.output(b.add(Op::kSoftmax, {b.input({2, 3, 4})}, SoftmaxAttrs{1, true}));
  });
  refuses("its mode", [](GraphBuilder& b) {
    b.output(b.add(Op::kPad, {b.input({2, 3}), b.ints({0, 1, 1, 0})}, PadAttrs{PadMode::kWrap}));
  });
  refuses("not constant", [](GraphBuilder& b) {
    const ValueId scale = b.input({});
    b.output(b.add(Op::kQuantizeLinear, {b.input({2, 4}), scale}, AxisAttrs{}));
  });
}

}  // namespace
}  // namespace saker::openvino_ir
