// What the importer checks of a file as a whole: versions, names, order, operators, bounds.
#include "model/onnx/importer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstring>

#include "graph/verifier.h"
#include "support/onnx_writer.h"

namespace saker::onnx {
namespace {

using namespace test_support;

Result<ImportedModel> import(const std::string& text, Unknown unknown = Unknown::kRefuse) {
  auto memory = std::shared_ptr<std::byte>(new std::byte[text.size() + 1], std::default_delete<std::byte[]>());
  std::memcpy(memory.get(), text.data(), text.size());
  return import_model({memory, text.size()}, {.unknown = unknown});
}

std::string error_of(const std::string& text) {
  const auto model = import(text);
  return model.ok() ? "" : model.error().message;
}

void expect_error(const std::string& text, ErrorCode code, const std::string& part) {
  const auto model = import(text);
  ASSERT_FALSE(model.ok()) << "should mention " << part;
  EXPECT_EQ(model.error().code, code) << model.error().message;
  EXPECT_NE(model.error().message.find(part), std::string::npos) << model.error().message;
}

ModelWriter relu(std::int64_t opset = 17, std::int64_t ir = 8) {
  ModelWriter model(opset, ir);
  model.input("x", {1, 4}).node("Relu", {"x"}, {"y"}).output("y");
  return model;
}

TEST(Importer, SmallestModel) {
  const auto model = import(relu().text());
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_TRUE(verify(model->graph).ok());
  EXPECT_EQ(model->graph.nodes.size(), 1U);
  EXPECT_EQ(model->graph.value(model->graph.inputs[0]).name, "x");
  EXPECT_EQ(model->outputs[0].name, "y");
}

TEST(Importer, NotAModel) {
  expect_error("", ErrorCode::kInvalid, "empty");
  expect_error("This is not an ONNX file.", ErrorCode::kInvalid, "not a");
  expect_error(ProtoWriter().varint(1, 8).text(), ErrorCode::kInvalid, "no graph");
  const std::string whole = relu().text();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(error_of(whole.substr(0, size)), "") << size;
}

TEST(Importer, Versions) {
  for (const std::int64_t opset : {1, 8, 9, 13, 20, 23}) EXPECT_EQ(error_of(relu(opset).text()), "");
  for (const std::int64_t opset : {-1, 0, 24}) {
    expect_error(relu(opset).text(), ErrorCode::kUnsupported, "opset " + std::to_string(opset) + " is not supported");
  }
  for (const std::int64_t ir : {3, 10, 13}) EXPECT_EQ(error_of(relu(17, ir).text()), "");
  for (const std::int64_t ir : {0, 2, 14}) expect_error(relu(17, ir).text(), ErrorCode::kUnsupported, "IR version");
}

TEST(Importer, PluginsOfTensorRtAreNamed) {
  ModelWriter model;
  model.input("x", {1, 4, 4}).node("EfficientNMS_TRT", {"x"}, {"y"}).output("y");
  expect_error(model.text(), ErrorCode::kUnsupported, "TensorRT's plug-ins");
  expect_error(model.text(), ErrorCode::kUnsupported, "EfficientNMS_TRT");
  expect_error(model.text(), ErrorCode::kUnsupported, "without NMS inside the model");
}

TEST(Importer, OpsetOfTheDefaultDomainCounts) {
  ProtoWriter model;
  model.varint(1, 8).message(8, ProtoWriter().bytes(1, "ai.onnx.ml").varint(2, 3));
  const ProtoWriter graph = ProtoWriter().message(11, value_info("x", {1})).message(12, ProtoWriter().bytes(1, "x"));
  expect_error(ProtoWriter(model).message(7, graph).text(), ErrorCode::kInvalid, "names no ONNX opset");
  model.message(8, ProtoWriter().bytes(1, "ai.onnx").varint(2, 17));
  EXPECT_EQ(error_of(ProtoWriter(model).message(7, graph).text()), "");
}

TEST(Importer, NodesInAnyOrder) {
  ModelWriter model;
  model.input("x", {1}).node("Relu", {"b"}, {"y"}).node("Tanh", {"a"}, {"b"}).node("Exp", {"x"}, {"a"}).output("y");
  const auto imported = import(model.text());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_TRUE(verify(imported->graph).ok());
  EXPECT_EQ(imported->graph.nodes[0].op, Op::kExp);
  EXPECT_EQ(imported->graph.nodes[2].op, Op::kRelu);
}

TEST(Importer, Cycles) {
  ModelWriter two;
  two.input("x", {1}).node("Relu", {"b"}, {"a"}, {}, "first").node("Relu", {"a"}, {"b"}).output("b");
  expect_error(two.text(), ErrorCode::kInvalid, "cycle");
  ModelWriter own;
  own.node("Add", {"a", "a"}, {"a"}, {}, "self").output("a");
  expect_error(own.text(), ErrorCode::kInvalid, "node 'self' (Add)");
}

TEST(Importer, Names) {
  expect_error(relu().node("Exp", {"x"}, {"y"}).text(), ErrorCode::kInvalid, "'y' is already defined");
  expect_error(relu().node("Exp", {"x"}, {"x"}).text(), ErrorCode::kInvalid, "'x' is already defined");
  expect_error(relu().constant(float_tensor("c", {1}, {1})).constant(float_tensor("c", {1}, {1})).text(),
               ErrorCode::kInvalid, "'c'");
  expect_error(relu().constant(float_tensor("", {1}, {1})).text(), ErrorCode::kInvalid, "no name");
  expect_error(relu().input("x", {1}).text(), ErrorCode::kInvalid, "'x' is declared twice");
  expect_error(relu().node("Exp", {"nothing"}, {"z"}).text(), ErrorCode::kInvalid,
               "nothing defines its input 'nothing'");
  expect_error(relu().output("z").text(), ErrorCode::kInvalid, "nothing produces the output 'z'");
  ModelWriter none;
  none.input("x", {1});
  expect_error(none.text(), ErrorCode::kInvalid, "no outputs");
}

TEST(Importer, NamesInMessagesArePrintableAndShort) {
  const std::string message = error_of(relu().node("Exp", {"\x1b[2J"}, {"z"}, {}, std::string(5000, 'n')).text());
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 1000U);
}

// Before IR 4 every initialiser was an input too.
TEST(Importer, InitialisersAmongTheInputs) {
  ModelWriter model(9, 3);
  model.constant(float_tensor("c", {1}, {2}))
      .input("x", {1})
      .input("c", {1})
      .node("Add", {"x", "c"}, {"y"})
      .output("y");
  const auto imported = import(model.text());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported->graph.inputs.size(), 1U);
}

TEST(Importer, Dimensions) {
  ModelWriter model;
  model.graph().message(11, value_info("x", {-1, 3}));
  model.node("Relu", {"x"}, {"y"}).output("y");
  const auto imported = import(model.text());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported->graph.declared_inputs[0][0].size, -1);
  ModelWriter negative;
  negative.input("x", {-5}).node("Relu", {"x"}, {"y"}).output("y");
  expect_error(negative.text(), ErrorCode::kInvalid, "a dimension is -5");
  ModelWriter no_shape;
  no_shape.graph().message(
      11, ProtoWriter().bytes(1, "x").message(2, ProtoWriter().message(1, ProtoWriter().varint(1, 1))));
  no_shape.node("Relu", {"x"}, {"y"}).output("y");
  expect_error(no_shape.text(), ErrorCode::kUnsupported, "input 'x' has no declared shape");
}

TEST(Importer, InputsThatAreNotTensors) {
  ModelWriter sequence;
  sequence.graph().message(11, ProtoWriter().bytes(1, "s").message(2, ProtoWriter().bytes(4, "")));
  sequence.node("Identity", {"s"}, {"y"}).output("y");
  expect_error(sequence.text(), ErrorCode::kUnsupported, "input 's' is not a tensor");
  ModelWriter strings;
  strings.input("s", {1}, kOnnxString).node("Identity", {"s"}, {"y"}).output("y");
  expect_error(strings.text(), ErrorCode::kUnsupported, "string");
}

TEST(Importer, UnknownOperatorsAreListedTogether) {
  ModelWriter model(14);
  model.input("x", {1}).node("Bernoulli", {"x"}, {"a"}, {}, "first").node("Bernoulli", {"a"}, {"b"});
  model.node("Loop", {"b"}, {"y"});
  model.graph().message(1, test_support::node("Relu", {"y"}, {"z"}).bytes(7, "com.example"));
  model.output("z");
  const auto imported = import(model.text());
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.error().code, ErrorCode::kUnsupported);
  const std::string& message = imported.error().message;
  for (const char* part :
       {"Bernoulli (first at node 'first' (Bernoulli), opset 14)", "Loop (first at node '#2' (Loop), opset 14)",
        "com.example.Relu", "What to do", "onnxslim", "Supported: Abs, "}) {
    EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
  }
  EXPECT_EQ(message.find("node '#1'"), std::string::npos);  // once each
}

TEST(Importer, ALongListOfUnknownOperatorsIsCut) {
  ModelWriter model;
  for (int i = 0; i < 1000; ++i) model.graph().message(1, test_support::node("Op" + std::to_string(i), {}, {"y"}));
  const std::string message = error_of(model.output("y").text());
  EXPECT_NE(message.find("and 980 more"), std::string::npos) << message;
}

TEST(Importer, ThingsThatAreNotSupported) {
  ModelWriter control;
  control.input("x", {1}).node("If", {"x"}, {"y"}, {ProtoWriter().bytes(1, "then_branch").bytes(6, "")}).output("y");
  expect_error(control.text(), ErrorCode::kUnsupported, "node '#0' (If) holds a subgraph");
  ModelWriter sparse = relu();
  sparse.graph().bytes(15, "");
  expect_error(sparse.text(), ErrorCode::kUnsupported, "sparse");
  ModelWriter functions = relu();
  functions.model().bytes(25, "");
  expect_error(functions.text(), ErrorCode::kUnsupported, "functions");
  ModelWriter training;
  training.input("x", {1, 1})
      .node("BatchNormalization", {"x", "x", "x", "x", "x"}, {"y"}, {int_attr("training_mode", 1)});
  expect_error(training.output("y").text(), ErrorCode::kUnsupported, "training");
}

// For another engine: what we lack is accepted, everything else is checked as ever.
TEST(Importer, UnknownOperatorsForAnotherEngine) {
  ModelWriter model(17, 8);
  model.input("x", {1, 4}).node("Fancy", {"x"}, {"a"}).node("Relu", {"a"}, {"b"}).node("Relu", {"x"}, {"c"});
  model.output("b").output("c");
  const auto read = import(model.text(), Unknown::kAccept);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->operators, (std::map<std::string, int>{{"Fancy", 1}, {"Relu", 2}}));
  EXPECT_EQ(read->outputs.size(), 2U);
  EXPECT_TRUE(import(relu(22, 11).text(), Unknown::kAccept).ok());
}

TEST(Importer, ConstantsOfUnknownTypesForAnotherEngine) {
  constexpr std::int64_t kFloat8 = 17;
  ModelWriter model(17, 8);
  model.input("x", {1, 4}).constant(raw_tensor("shape", kFloat8, {2}, std::vector<std::uint8_t>{1, 4}));
  model.node("Reshape", {"x", "shape"}, {"y"}).output("y");
  EXPECT_FALSE(import(model.text()).ok());
  const auto read = import(model.text(), Unknown::kAccept);
  EXPECT_TRUE(read.ok()) << read.error().message;
  model.constant(raw_tensor("shape", kFloat8, {2}, std::vector<std::uint8_t>{1, 4}));
  const auto twice = import(model.text(), Unknown::kAccept);
  ASSERT_FALSE(twice.ok());
  EXPECT_NE(twice.error().message.find("'shape' has no name of its own"), std::string::npos) << twice.error().message;
}

TEST(Importer, FaultsBesideUnknownOperatorsAreFound) {
  const auto code = [](const ModelWriter& model) {
    const auto read = import(model.text(), Unknown::kAccept);
    return read.ok() ? "" : read.error().message;
  };
  ModelWriter undefined(17, 8);
  undefined.input("x", {1, 4}).node("Fancy", {"nowhere"}, {"y"}).output("y");
  EXPECT_NE(code(undefined).find("nothing defines its input"), std::string::npos) << code(undefined);
  ModelWriter cycle(17, 8);
  cycle.input("x", {1, 4}).node("Fancy", {"b"}, {"a"}).node("Fancy", {"a"}, {"b"}).output("b");
  EXPECT_NE(code(cycle).find("cycle"), std::string::npos) << code(cycle);
  ModelWriter arity(17, 8);
  arity.input("x", {1, 4}).node("Fancy", {"x"}, {"a"}).node("Relu", {"x", "x"}, {"y"}).output("y");
  EXPECT_NE(code(arity).find("2 inputs"), std::string::npos) << code(arity);
  ModelWriter output(17, 8);
  output.input("x", {1, 4}).node("Fancy", {"x"}, {"a"}).output("y");
  EXPECT_NE(code(output).find("nothing produces"), std::string::npos) << code(output);
}

TEST(Importer, FaultsBehindUnknownOperatorsAreFound) {
  const auto behind = [](const std::string& op, const std::string& attribute, std::int64_t value) {
    ModelWriter model(17, 8);
    model.input("x", {1, 4, 8, 8}).input("w", {4, 4, 3, 3}).node("Fancy", {"x"}, {"a"});
    if (op.starts_with("Conv")) {
      model.node(op, {"a", "w"}, {"y"}, {int_attr(attribute, value)});
    } else {
      model.node(op, {"a"}, {"y"}, {int_attr(attribute, value)});
    }
    model.output("y");
    const auto read = import(model.text(), Unknown::kAccept);
    return read.ok() ? "" : read.error().message;
  };
  EXPECT_EQ(behind("ConvTranspose", "group", 2), "");
  EXPECT_EQ(behind("DepthToSpace", "blocksize", 2), "");
  for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    for (const auto& [op, attribute] : {std::pair("ConvTranspose", "group"),
                                        {"Conv", "group"},
                                        {"DepthToSpace", "blocksize"},
                                        {"SpaceToDepth", "blocksize"}}) {
      const std::string message = behind(op, attribute, wrong);
      EXPECT_NE(
          message.find("attribute '" + std::string(attribute) + "' is " + std::to_string(wrong) + ", out of range"),
          std::string::npos)
          << op << ": " << message;
    }
  }
}

TEST(Importer, OpsetsThatCannotBeGoToNoEngine) {
  for (const std::int64_t opset : {INT64_MIN, std::int64_t{0}, std::int64_t{1001}, INT64_MAX}) {
    const auto read = import(relu(opset).text(), Unknown::kAccept);
    ASSERT_FALSE(read.ok()) << opset;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalid);
    EXPECT_NE(read.error().message.find("opset " + std::to_string(opset) + " is not supported"), std::string::npos);
  }
}

TEST(Importer, AttributesOfAnotherType) {
  const auto with = [](const ProtoWriter& attr) {
    return ModelWriter().input("x", {1, 2}).node("Concat", {"x", "x"}, {"y"}, {attr}, "c").output("y").text();
  };
  EXPECT_EQ(error_of(with(int_attr("axis", 1))), "");
  EXPECT_EQ(error_of(with(ProtoWriter().bytes(1, "axis").varint(20, 2))), "");  // a zero that was left out
  expect_error(with(float_attr("axis", 1)), ErrorCode::kInvalid,
               "node 'c' (Concat): attribute 'axis' is not an integer");
  expect_error(with(text_attr("axis", "1")), ErrorCode::kInvalid, "not an integer");
  expect_error(with(int_attr("axes", 1)), ErrorCode::kInvalid, "axis is missing");
  EXPECT_NE(error_of(with(ProtoWriter().bytes(1, "axis").bytes(3, "x"))), "");
}

TEST(Importer, NumbersOfInputsAndOutputs) {
  const auto with = [](Names inputs, Names outputs) {
    return error_of(ModelWriter().input("x", {1}).node("Add", inputs, outputs).output("x").text());
  };
  EXPECT_EQ(with({"x", "x"}, {"y"}), "");
  EXPECT_NE(with({"x"}, {"y"}), "");
  EXPECT_NE(with({"x", ""}, {"y"}), "");
  EXPECT_NE(with({"", "x"}, {"y"}), "");
  EXPECT_NE(with({"x", "x", "x"}, {"y"}), "");
  EXPECT_NE(with({"x", "x"}, {}), "");
  EXPECT_NE(with({"x", "x"}, {"y", "z"}), "");
}

// A message of two bytes must not become a hundred bytes as often as the file likes.
TEST(Importer, Bounds) {
  const auto start = std::chrono::steady_clock::now();
  const auto many = [](std::uint32_t field, int count, const std::string& part) {
    ProtoWriter graph;
    for (int i = 0; i < count; ++i) graph.bytes(field, part);
    return ProtoWriter().varint(1, 8).message(7, graph).text();
  };
  expect_error(many(1, 60'000, ""), ErrorCode::kLimit, "too many nodes (at most 50000)");
  expect_error(many(5, 600'000, ""), ErrorCode::kLimit, "too many");
  expect_error(many(11, 600'000, ""), ErrorCode::kLimit, "too many");
  expect_error(many(12, 600'000, ""), ErrorCode::kLimit, "too many");
  const std::string attributes = ProtoWriter().raw(std::string("\x2a\x00", 2)).text();
  std::string node_text;
  for (int i = 0; i < 600'000; ++i) node_text += attributes;
  expect_error(many(1, 1, node_text), ErrorCode::kLimit, "too many");
  const ProtoWriter list = ProtoWriter().bytes(1, "axes").bytes(8, std::string(3'000'000, '\1'));
  expect_error(many(1, 1, ProtoWriter().message(5, list).text()), ErrorCode::kLimit, "too many integers");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 10.0);
}

// 40,000 nodes, the last first: sorting must not take time quadratic in them.
TEST(Importer, ALongChainBackwards) {
  ModelWriter model;
  constexpr int kNodes = 40'000;
  for (int i = kNodes; i-- > 0;) model.node("Relu", {"v" + std::to_string(i)}, {"v" + std::to_string(i + 1)});
  model.input("v0", {1}).output("v" + std::to_string(kNodes));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(error_of(model.text()), "");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(took.count(), 10.0);
}

TEST(Importer, Metadata) {
  ModelWriter model = relu();
  model.model().message(14, ProtoWriter().bytes(1, "names").bytes(2, "{0: 'cat'}"));
  const auto imported = import(model.text());
  ASSERT_TRUE(imported.ok());
  EXPECT_EQ(imported->graph.metadata.at("names"), "{0: 'cat'}");
}

}  // namespace
}  // namespace saker::onnx
