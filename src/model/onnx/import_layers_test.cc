// Forms of attention, recurrent, sampling and signal operators that ONNX's data does not have.
#include "support/import_testing.h"

namespace saker::onnx {
namespace {

using namespace test_support;

// The only node of a model of one operator.
Node imported(const ModelWriter& writer) {
  const auto model = import_text(writer.text());
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message);
  return model.ok() && !model->graph.nodes.empty() ? model->graph.nodes.back() : Node();
}

ModelWriter one_node(std::int64_t opset, std::string_view op, Names inputs, const std::vector<ProtoWriter>& attrs) {
  ModelWriter model(opset, 8);
  for (const std::string_view input : inputs) model.input(input, {1, 1, 1});
  model.node(op, inputs, {"y"}, attrs).output("y");
  return model;
}

void expect_refusal(const ModelWriter& model, const std::string& part) {
  const std::string message = import_error(model.text());
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(ImportLayers, RegionsHadNoHalfPixelBeforeOpset16) {
  EXPECT_FALSE(imported(one_node(10, "RoiAlign", {"x", "r", "i"}, {})).as<RoiAlignAttrs>().half_pixel);
  EXPECT_TRUE(imported(one_node(16, "RoiAlign", {"x", "r", "i"}, {})).as<RoiAlignAttrs>().half_pixel);
}

TEST(ImportLayers, GridSampleHasNamesOfTwoOpsets) {
  for (const char* mode : {"bicubic", "cubic"}) {
    const Node node = imported(one_node(16, "GridSample", {"x", "g"}, {text_attr("mode", mode)}));
    EXPECT_EQ(node.as<GridSampleAttrs>().mode, GridSampleMode::kCubic);
  }
  expect_refusal(one_node(16, "GridSample", {"x", "g"}, {text_attr("mode", "area")}), "unknown mode 'area'");
}

TEST(ImportLayers, ActivationsTakeTheirNumbersInTurn) {
  const Node node = imported(one_node(14, "LSTM", {"x", "w", "r"},
                                      {texts_attr("activations", {"sigmoid", "Affine", "ELU"}),
                                       floats_attr("activation_alpha", {2, 3}), floats_attr("activation_beta", {4})}));
  const std::vector<GateActivation> expected = {{Gate::kSigmoid}, {Gate::kAffine, 2, 4}, {Gate::kElu, 3, 0}};
  EXPECT_EQ(node.as<RecurrentAttrs>().activations, expected);
  const Node both = imported(one_node(14, "GRU", {"x", "w", "r"}, {text_attr("direction", "bidirectional")}));
  EXPECT_EQ(both.as<RecurrentAttrs>().activations.size(), 4U);
  expect_refusal(one_node(14, "RNN", {"x", "w", "r"}, {texts_attr("activations", {"Cos"})}),
                 "unknown activation 'Cos'");
  expect_refusal(one_node(14, "RNN", {"x", "w", "r"}, {texts_attr("activations", {"Tanh", "Tanh"})}), "2 activations");
}

TEST(ImportLayers, TheAxisOfDftWasAnAttribute) {
  ModelWriter model = one_node(17, "DFT", {"x"}, {int_attr("axis", 0)});
  const auto graph = import_text(model.text());
  ASSERT_TRUE(graph.ok());
  const Node& node = graph->graph.nodes[0];
  ASSERT_TRUE(node.has_input(2));
  EXPECT_EQ(*graph->graph.value(node.inputs[2]).constant->data<std::int64_t>(), 0);
  EXPECT_FALSE(imported(one_node(20, "DFT", {"x"}, {})).has_input(2));
}

TEST(ImportLayers, WhatIsRefused) {
  expect_refusal(one_node(9, "TfIdfVectorizer", {"x"}, {text_attr("mode", "TF"), texts_attr("pool_strings", {"a"})}),
                 "strings");
  expect_refusal(one_node(12, "Einsum", {"x"}, {}), "equation is missing");
  expect_refusal(one_node(9, "LRN", {"x"}, {}), "size");
  expect_refusal(one_node(9, "MaxRoiPool", {"x", "r"}, {ints_attr("pooled_shape", {2})}), "pooled_shape has 1");
  expect_refusal(one_node(18, "GroupNormalization", {"x", "s", "b"}, {}), "num_groups");
  expect_refusal(one_node(17, "HannWindow", {"x"}, {int_attr("output_datatype", 8)}), "string");
  ModelWriter halves(17, 8);
  halves.input("x", {2}).input("s", {2}).output("y").output("m");
  halves.node("LayerNormalization", {"x", "s"}, {"y", "m"}, {int_attr("stash_type", kOnnxBFloat16)});
  expect_refusal(halves, "stash_type");
}

}  // namespace
}  // namespace saker::onnx
