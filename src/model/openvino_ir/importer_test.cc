// What the importer checks of an IR file as a whole: XML, ports, edges, constants, order, names, bounds.
#include "support/ir_testing.h"

namespace saker::openvino_ir {
namespace {

IrWriter relu() {
  IrWriter ir;
  ir.result(ir.layer("ReLU", {ir.parameter({1, 4})}, {{1, 4}}));
  return ir;
}

Result<ImportedModel> import_text(const std::string& xml, const std::string& bin = "") {
  return import_model(test_support::file_bytes(xml), test_support::file_bytes(bin));
}

void expect_error(const std::string& xml, ErrorCode code, const std::string& part) {
  const auto model = import_text(xml);
  ASSERT_FALSE(model.ok()) << "should mention " << part;
  EXPECT_EQ(model.error().code, code) << model.error().message;
  EXPECT_TRUE(mentions(model.error().message, part)) << model.error().message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(IrImporter, SmallestModel) {
  const auto model = import(relu());
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->graph.nodes.size(), 1U);
  EXPECT_EQ(model->graph.value(model->graph.inputs[0]).name, "Parameter_0");
  EXPECT_EQ(model->outputs[0].name, "ReLU_1");
  EXPECT_EQ(model->outputs[0].dims[1].size, 4);
  EXPECT_EQ(model->operators.at("ReLU"), 1);
  EXPECT_EQ(run(model->graph, {{-1, 2, -3, 4}}), (std::vector<float>{0, 2, 0, 4}));
}

TEST(IrImporter, NotAnIr) {
  expect_error("", ErrorCode::kInvalid, "empty");
  expect_error("this is no XML", ErrorCode::kInvalid, "not an OpenVINO IR file");
  expect_error("<annotation/>", ErrorCode::kInvalid, "no <net>");
  expect_error("<net version='11'/>", ErrorCode::kInvalid, "no layers");
  const std::string whole = relu().xml();
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) EXPECT_FALSE(import_text(whole.substr(0, size)).ok());
}

TEST(IrImporter, Versions) {
  IrWriter ir = relu();
  for (const std::int64_t version : {10, 11}) {
    ir.version = version;
    EXPECT_EQ(error_of(ir), "");
  }
  for (const std::int64_t version : {-1, 7, 9, 12}) {
    ir.version = version;
    expect_error(ir.xml(), ErrorCode::kUnsupported, fmt::format("version '{}' is not supported", version));
  }
  expect_error("<net/>", ErrorCode::kUnsupported, "version ''");
}

TEST(IrImporter, TensorNames) {
  const std::string xml = replaced(relu().xml(), R"(<port id="1" precision="FP32">)",
                                   R"(<port id="1" precision="FP32" names="a\,b,second">)");
  const auto model = import_text(xml);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->outputs[0].name, "a,b");
}

TEST(IrImporter, Metadata) {
  IrWriter ir = relu();
  ir.rt_info =
      "<framework><names value=\"{0: 'cat'}\"/><stride value=\"32\"/></framework>"
      "<model_info><labels value=\"cat\"/></model_info><conversion value=\"x\"/>";
  const Graph graph = must_import(ir);
  EXPECT_EQ(graph.metadata.at("names"), "{0: 'cat'}");
  EXPECT_EQ(graph.metadata.at("stride"), "32");
  EXPECT_EQ(graph.metadata.at("model_info.labels"), "cat");
  EXPECT_EQ(graph.metadata.at("conversion"), "x");
  ir.rt_info = "<model_info><names value=\"['dog']\"/></model_info>";
  EXPECT_EQ(must_import(ir).metadata.at("model_info.names"), "['dog']");
}

TEST(IrImporter, DynamicInputs) {
  IrWriter ir;
  const Ref x = ir.layer("Parameter", {}, {{-1, 3, -1}}, "shape=\"?,3,1..640\" element_type=\"f32\"");
  ir.result(ir.layer("ReLU", {x}, {{-1, 3, -1}}));
  const Graph graph = must_import(ir);
  EXPECT_EQ(graph.declared_inputs[0][0].size, -1);
  EXPECT_EQ(graph.declared_inputs[0][1].size, 3);
  EXPECT_EQ(graph.declared_inputs[0][2].size, -1);
}

TEST(IrImporter, UnknownLayersAllAtOnce) {
  IrWriter ir;
  const Ref x = ir.parameter({1});
  const Ref a = ir.layer("Einsum", {x}, {{1}}, "", "FP32", "opset7");
  const Ref b = ir.layer("ReLU", {a}, {{1}}, "", "FP32", "extension");
  ir.result(ir.layer("Einsum", {b}, {{1}}, "", "FP32", "opset7"));
  const auto model = import(ir);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::kUnsupported);
  const std::string& message = model.error().message;
  EXPECT_TRUE(mentions(message, "Einsum (first at layer 'Einsum_1' (Einsum), opset7)")) << message;
  EXPECT_TRUE(mentions(message, "ReLU (first at layer 'ReLU_2' (ReLU), extension)")) << message;
  EXPECT_TRUE(mentions(message, "`backend` openvino"));
}

TEST(IrImporter, LayersInAnyOrder) {
  std::string xml = relu().xml();
  const std::size_t begin = xml.find("<layer "), end = xml.find("</layer>") + 9;
  const std::string first = xml.substr(begin, end - begin);
  xml = replaced(replaced(xml, first, ""), "</layers>", first + "</layers>");
  const auto model = import_text(xml);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(verify(model->graph).ok());
}

TEST(IrImporter, Cycle) {
  IrWriter ir;
  const Ref x = ir.parameter({1});
  ir.raw_layer(R"(<layer id="1" name="a" type="Add" version="opset1"><input><port id="0"/><port id="1"/></input>)"
               R"(<output><port id="2"/></output></layer>)");
  ir.edge(x.layer, 0, 1, 0);
  ir.edge(1, 2, 1, 1);
  EXPECT_TRUE(mentions(error_of(ir), "layer 'a' (Add): it depends on its own output")) << error_of(ir);
}

TEST(IrImporter, Edges) {
  const std::string whole = relu().xml();
  const std::string edge = R"(<edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>)";
  expect_error(replaced(whole, edge, ""), ErrorCode::kInvalid,
               "layer 'ReLU_1' (ReLU): its input port 0 is not connected");
  expect_error(replaced(whole, edge, edge + edge), ErrorCode::kInvalid, "two edges");
  expect_error(replaced(whole, edge, replaced(edge, "from-layer=\"0\"", "from-layer=\"7\"")), ErrorCode::kInvalid,
               "the layer 7, which does not exist");
  expect_error(replaced(whole, edge, replaced(edge, "to-layer=\"1\"", "to-layer=\"-1\"")), ErrorCode::kInvalid,
               "the layer -1, which does not exist");
  expect_error(replaced(whole, edge, replaced(edge, "from-port=\"0\"", "from-port=\"9\"")), ErrorCode::kInvalid,
               "output port 9, which it lacks");
  expect_error(replaced(whole, edge, replaced(edge, "to-port=\"0\"", "to-port=\"9\"")), ErrorCode::kInvalid,
               "input port 9, which it lacks");
  expect_error(replaced(whole, edge, replaced(edge, "to-port=\"0\"", "to-port=\"x\"")), ErrorCode::kInvalid,
               "'x' is not an integer");
  expect_error(replaced(whole, "<layer id=\"1\"", "<layer id=\"0\""), ErrorCode::kInvalid, "the id 0");
  expect_error(replaced(whole, "<dim>4</dim>", "<dim>-4</dim>"), ErrorCode::kInvalid, "a dimension is '-4'");
  expect_error(replaced(whole, "<port id=\"1\"", "<port id=\"0\""), ErrorCode::kInvalid, "port 0 is there twice");
}

TEST(IrImporter, ResultThatOthersRead) {
  const std::string xml = R"(<net version="11"><layers>
    <layer id="0" name="x" type="Parameter" version="opset1"><data shape="1" element_type="f32"/>
      <output><port id="0"><dim>1</dim></port></output></layer>
    <layer id="1" name="r" type="Result" version="opset1"><input><port id="0"/></input>
      <output><port id="1"/></output></layer>
    <layer id="2" name="y" type="ReLU" version="opset1"><input><port id="0"/></input>
      <output><port id="1"/></output></layer>
    <layer id="3" name="s" type="Result" version="opset1"><input><port id="0"/></input></layer></layers>
    <edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
    <edge from-layer="1" from-port="1" to-layer="2" to-port="0"/>
    <edge from-layer="2" from-port="1" to-layer="3" to-port="0"/></edges></net>)";
  expect_error(xml, ErrorCode::kInvalid, "nothing computes its input 0");
  expect_error(R"(<net version="11"><layers><layer id="0" name="y" type="ReLU" version="opset1"/></layers></net>)",
               ErrorCode::kInvalid, "it has 0 inputs");
}

TEST(IrImporter, NoOutputs) {
  IrWriter ir;
  ir.parameter({1});
  EXPECT_TRUE(mentions(error_of(ir), "no outputs"));
}

// Const layers: shape, size and place against the .bin.
TEST(IrImporter, Constants) {
  const auto error = [](const std::string& type, const Shape& shape, std::int64_t offset, std::int64_t size) {
    IrWriter ir;
    ir.constant<float>({2}, {1, 2});
    ir.result(ir.constant_at(type, shape, offset, size));
    return error_of(ir);
  };
  EXPECT_EQ(error("f32", {2}, 0, 8), "");
  EXPECT_EQ(error("f32", {0}, 8, 0), "");
  EXPECT_TRUE(mentions(error("f32", {2}, 4, 8), "layer 'Const_1' (Const): its 8 bytes from byte 4 on"));
  EXPECT_TRUE(mentions(error("f32", {2}, INT64_MAX, 8), "not in the .bin"));
  EXPECT_TRUE(mentions(error("f32", {2}, -4, 8), "offset is -4"));
  EXPECT_TRUE(mentions(error("f32", {2}, 0, 4), "needs 8 bytes, its size is 4"));
  EXPECT_TRUE(mentions(error("f32", {-1}, 0, 8), "its shape is [-1]"));
  EXPECT_NE(error("f32", {1LL << 40, 1LL << 40}, 0, 8), "");
  EXPECT_NE(error("f32", {INT64_MAX, 2}, 0, 8), "");
  EXPECT_NE(error("f32", {INT64_MAX, 0}, 0, 0).find("'"), 0U);
  EXPECT_TRUE(mentions(error("nf4", {2}, 0, 1), "element type nf4 is not supported"));
  EXPECT_TRUE(mentions(error("", {2}, 0, 1), "element type is missing"));
}

TEST(IrImporter, ConstantsThatAreNotAligned) {
  IrWriter ir;
  const Ref x = ir.parameter({2});
  ir.constant<std::uint8_t>({8}, {0, 0, 0, 0, 0, 0, 0, 0});
  ir.result(ir.layer("Add", {x, ir.constant_at("f32", {1}, 1, 4)}, {{2}}));
  EXPECT_EQ(run(ir, {{1, 2}}), (std::vector<float>{1, 2}));
}

TEST(IrImporter, BooleansAreOneBit) {
  IrWriter ir;
  const Ref x = ir.parameter({2}), y = ir.parameter({2});
  ir.constant<std::uint8_t>({2}, {0, 200});
  ir.result(ir.layer("Select", {ir.constant_at("boolean", {2}, 0, 2), x, y}, {{2}}));
  EXPECT_EQ(run(ir, {{1, 2}, {3, 4}}), (std::vector<float>{3, 2}));
}

// Many layers that convert the same large constant.
TEST(IrImporter, ConversionsAreBounded) {
  IrWriter ir;
  ir.constant<std::uint16_t>({1 << 20}, std::vector<std::uint16_t>(1 << 20, 0));
  for (int i = 0; i < 40; ++i) ir.result(ir.layer("Convert", {Ref{0, 0}}, {{1 << 20}}, "destination_type=\"f32\""));
  EXPECT_TRUE(mentions(error_of(ir), "more than the limit of"));
}

TEST(IrImporter, NodesAreBoundedAsInOnnx) {
  IrWriter ir;
  for (int i = 0; i <= 50'000; ++i) ir.raw_layer(fmt::format("<layer id=\"{}\" type=\"Tanh\" version=\"opset1\"/>", i));
  EXPECT_TRUE(mentions(error_of(ir), "too many layers (at most 50000)"));
}

TEST(IrImporter, NamesInMessagesArePrintableAndShort) {
  IrWriter ir;
  ir.raw_layer("<layer id=\"0\" name=\"" + std::string(5000, 'n') + "\" type=\"a&#27;b\" version=\"opset1\"/>");
  const std::string message = error_of(ir);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.find("What to do"), 1000U);
}

TEST(IrImporter, DeepXml) {
  std::string xml = "<net version=\"11\">";
  for (int i = 0; i < 200000; ++i) xml += "<a>";
  EXPECT_FALSE(import_text(xml).ok());
  for (int i = 0; i < 200000; ++i) xml += "</a>";
  EXPECT_FALSE(import_text(xml + "</net>").ok());
}

}  // namespace
}  // namespace saker::openvino_ir
