// Forms of operators in older opsets, rewritten into today's: run through a session, because only
// the numbers tell whether the rewriting was right.
#include <gtest/gtest.h>
#include <saker/session.h>

#include <algorithm>

#include "base/half.h"
#include "support/onnx_writer.h"

namespace saker::onnx {
namespace {

using namespace test_support;

Result<Tensor> run(const ModelWriter& writer, const std::vector<float>& x) {
  const std::string text = writer.text();
  auto model = Model::parse(std::as_bytes(std::span(text)), "test");
  if (!model.ok()) return model.error();
  SessionOptions options;
  options.threads = 1;
  auto session = Session::create(*model, options);
  if (!session.ok()) return session.error();
  Tensor input = session->input(0);
  EXPECT_EQ(static_cast<std::size_t>(input.elements()), x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (input.dtype() == DType::kFloat16) {
      input.data<std::uint16_t>()[i] = float_to_half(x[i]);
    } else {
      input.data<float>()[i] = x[i];
    }
  }
  if (const Status status = session->run(); !status.ok()) return status.error();
  return to_dense(session->output(0));
}

void expect_floats(const ModelWriter& model, const std::vector<float>& x, const Shape& shape,
                   const std::vector<float>& expected) {
  const auto output = run(model, x);
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_EQ(output->shape(), shape);
  ASSERT_EQ(static_cast<std::size_t>(output->elements()), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const float value =
        output->dtype() == DType::kFloat16 ? half_to_float(output->data<std::uint16_t>()[i]) : output->data<float>()[i];
    EXPECT_NEAR(value, expected[i], 1e-3) << i;
  }
}

ModelWriter one_node(std::int64_t opset, std::string_view op, const Shape& shape, const std::vector<ProtoWriter>& attrs,
                     Names inputs = {"x"}, std::int64_t type = kOnnxFloat) {
  ModelWriter model(opset, 4);
  model.input("x", shape, type).node(op, inputs, {"y"}, attrs).output("y");
  return model;
}

TEST(OldOpsets, ClipWithAttributes) {
  expect_floats(one_node(9, "Clip", {4}, {float_attr("min", -1), float_attr("max", 2)}), {-3, -0.5, 1, 3}, {4},
                {-1, -0.5, 1, 2});
  expect_floats(one_node(10, "Clip", {3}, {float_attr("max", 2)}), {-3, 1, 3}, {3}, {-3, 1, 2});
  expect_floats(one_node(9, "Clip", {2}, {}), {-3, 3}, {2}, {-3, 3});
}

TEST(OldOpsets, ClipOfFloat16) {
  const std::vector<ProtoWriter> bounds = {float_attr("min", 0), float_attr("max", 6)};
  expect_floats(one_node(9, "Clip", {3}, bounds, {"x"}, kOnnxFloat16), {-1, 3, 9}, {3}, {0, 3, 6});
}

TEST(OldOpsets, Upsample) {
  ModelWriter nearest = one_node(9, "Upsample", {1, 1, 1, 2}, {}, {"x", "s"});
  nearest.constant(float_tensor("s", {4}, {1, 1, 2, 2}));
  expect_floats(nearest, {1, 2}, {1, 1, 2, 4}, {1, 1, 2, 2, 1, 1, 2, 2});
  ModelWriter linear = one_node(9, "Upsample", {1, 1, 1, 2}, {text_attr("mode", "linear")}, {"x", "s"});
  linear.constant(float_tensor("s", {4}, {1, 1, 1, 2}));
  expect_floats(linear, {1, 3}, {1, 1, 1, 4}, {1, 2, 3, 3});
}

TEST(OldOpsets, ResizeWithScalesOnly) {
  ModelWriter model = one_node(10, "Resize", {1, 1, 1, 2}, {text_attr("mode", "nearest")}, {"x", "s"});
  model.constant(float_tensor("s", {4}, {1, 1, 1, 2.5F}));
  expect_floats(model, {1, 2}, {1, 1, 1, 5}, {1, 1, 1, 2, 2});
}

TEST(OldOpsets, SliceWithAttributes) {
  expect_floats(one_node(9, "Slice", {2, 3}, {ints_attr("starts", {0, -2}), ints_attr("ends", {1, 3})}),
                {1, 2, 3, 4, 5, 6}, {1, 2}, {2, 3});
  expect_floats(
      one_node(9, "Slice", {2, 3}, {ints_attr("starts", {1}), ints_attr("ends", {9}), ints_attr("axes", {0})}),
      {1, 2, 3, 4, 5, 6}, {1, 3}, {4, 5, 6});
}

TEST(OldOpsets, SplitWithAttribute) {
  ModelWriter model(11, 6);
  model.input("x", {1, 4}).node("Split", {"x"}, {"a", "b"}, {int_attr("axis", 1), ints_attr("split", {3, 1})});
  expect_floats(model.output("b"), {1, 2, 3, 4}, {1, 1}, {4});
}

TEST(OldOpsets, TopKWithAttribute) {
  ModelWriter model(9, 4);
  model.input("x", {4}).node("TopK", {"x"}, {"v", "i"}, {int_attr("k", 2)}).output("v");
  expect_floats(model, {3, 1, 4, 2}, {2}, {4, 3});
}

TEST(OldOpsets, PadWithAttributes) {
  expect_floats(one_node(9, "Pad", {1, 2}, {ints_attr("pads", {0, 1, 0, 0}), float_attr("value", 7)}), {1, 2}, {1, 3},
                {7, 1, 2});
  expect_floats(one_node(10, "Pad", {1, 2}, {ints_attr("pads", {0, 1, 0, 0})}, {"x"}, kOnnxFloat16), {1, 2}, {1, 3},
                {0, 1, 2});
}

TEST(OldOpsets, SqueezeAndUnsqueezeWithAttributes) {
  expect_floats(one_node(12, "Squeeze", {1, 2, 1}, {ints_attr("axes", {0})}), {1, 2}, {2, 1}, {1, 2});
  expect_floats(one_node(12, "Squeeze", {1, 2, 1}, {}), {1, 2}, {2}, {1, 2});
  expect_floats(one_node(11, "Unsqueeze", {2}, {ints_attr("axes", {0, -1})}), {1, 2}, {1, 2, 1}, {1, 2});
}

TEST(OldOpsets, ReductionsWithAttributes) {
  expect_floats(one_node(13, "ReduceMean", {2, 2}, {ints_attr("axes", {1}), int_attr("keepdims", 0)}), {1, 3, 5, 7},
                {2}, {2, 6});
  expect_floats(one_node(11, "ReduceSum", {2, 2}, {ints_attr("axes", {0})}), {1, 3, 5, 7}, {1, 2}, {6, 10});
  expect_floats(one_node(17, "ReduceMax", {2, 2}, {}), {1, 3, 5, 7}, {1, 1}, {7});
}

// Until opset 13 over all axes from `axis`, which was 1.
TEST(OldOpsets, SoftmaxOverTheTrailingAxes) {
  expect_floats(one_node(11, "Softmax", {1, 2, 2}, {}), {0, 0, 0, 0}, {1, 2, 2}, {0.25, 0.25, 0.25, 0.25});
  expect_floats(one_node(13, "Softmax", {1, 2, 2}, {}), {0, 0, 0, 0}, {1, 2, 2}, {0.5, 0.5, 0.5, 0.5});
}

// Until opset 7 the second operand's axes could lie anywhere in the first's.
TEST(OldOpsets, BroadcastAlongAnAxis) {
  const auto sum = [](std::int64_t opset, const Shape& b, const std::vector<ProtoWriter>& attrs) {
    ModelWriter model = one_node(opset, "Add", {2, 2, 1}, attrs, {"x", "b"});
    return model.constant(float_tensor("b", b, {10, 20}));
  };
  const std::vector<float> x = {1, 2, 3, 4};
  const auto along = [](std::int64_t axis) { return std::vector{int_attr("broadcast", 1), int_attr("axis", axis)}; };
  expect_floats(sum(6, {2}, along(0)), x, {2, 2, 1}, {11, 12, 23, 24});
  expect_floats(sum(1, {2}, along(1)), x, {2, 2, 1}, {11, 22, 13, 24});
  expect_floats(sum(6, {2}, along(-2)), x, {2, 2, 1}, {11, 22, 13, 24});
  expect_floats(sum(6, {2, 1}, {int_attr("broadcast", 1)}), x, {2, 2, 1}, {11, 22, 13, 24});
  expect_floats(sum(7, {2, 1}, along(0)), x, {2, 2, 1}, {11, 22, 13, 24});  // no attribute any more
  EXPECT_FALSE(run(sum(6, {2}, along(3)), x).ok());
  EXPECT_FALSE(run(sum(6, {2}, along(INT64_MAX)), x).ok());
}

TEST(OldOpsets, SlopesOfChannels) {
  ModelWriter model = one_node(6, "PRelu", {1, 2, 1, 2}, {ints_attr("consumed_inputs", {0, 0})}, {"x", "s"});
  model.constant(float_tensor("s", {2}, {0.5F, 2}));
  expect_floats(model, {-1, 1, -2, 2}, {1, 2, 1, 2}, {-0.5F, 1, -4, 2});
  ModelWriter shared = one_node(1, "PRelu", {1, 2}, {}, {"x", "s"});
  expect_floats(shared.constant(float_tensor("s", {1}, {0.5F})), {-1, 1}, {1, 2}, {-0.5F, 1});
}

TEST(OldOpsets, ShapesAndPadsOfOpset1) {
  expect_floats(one_node(1, "Reshape", {2, 2}, {ints_attr("shape", {0, -1, 1})}), {1, 2, 3, 4}, {2, 2, 1},
                {1, 2, 3, 4});
  expect_floats(one_node(1, "Pad", {1, 2}, {ints_attr("paddings", {0, 1, 0, 0}), float_attr("value", 7)}), {1, 2},
                {1, 3}, {7, 1, 2});
  expect_floats(one_node(2, "Pad", {1, 2}, {ints_attr("pads", {0, 0, 0, 1})}), {1, 2}, {1, 3}, {1, 2, 0});
  expect_floats(one_node(1, "Concat", {1, 2}, {}, {"x", "x"}), {1, 2}, {1, 4}, {1, 2, 1, 2});
  EXPECT_FALSE(run(one_node(4, "Concat", {1, 2}, {}, {"x", "x"}), {1, 2}).ok());
}

TEST(OldOpsets, UpsampleWithAttributes) {
  const std::vector<ProtoWriter> sizes = {float_attr("width_scale", 2), float_attr("height_scale", 1)};
  expect_floats(one_node(1, "Upsample", {1, 1, 1, 2}, sizes), {1, 2}, {1, 1, 1, 4}, {1, 1, 2, 2});
  ProtoWriter scales;
  scales.bytes(1, "scales");
  for (const float scale : {1.0F, 1.0F, 1.0F, 2.0F}) scales.fixed32(7, scale);
  expect_floats(one_node(7, "Upsample", {1, 1, 1, 2}, {scales.varint(20, 6), text_attr("mode", "linear")}), {1, 3},
                {1, 1, 1, 4}, {1, 2, 3, 3});
}

TEST(OldOpsets, CastToTheNameOfAType) {
  ModelWriter model(5, 3);
  model.input("x", {2}).node("Cast", {"x"}, {"i"}, {text_attr("to", "INT32")});
  model.node("Cast", {"i"}, {"y"}, {text_attr("to", "FLOAT")}).output("y");
  expect_floats(model, {1.9F, -1.9F}, {2}, {1, -1});
  const auto odd = run(one_node(1, "Cast", {2}, {text_attr("to", "ODD")}), {1, 2});
  ASSERT_FALSE(odd.ok());
  EXPECT_NE(odd.error().message.find("unknown type 'ODD'"), std::string::npos);
}

TEST(OldOpsets, TilesAlongOneAxis) {
  ModelWriter model = one_node(1, "Tile", {2, 1}, {}, {"x", "n", "axis"});
  model.constant(float_tensor("n", {}, {3})).constant(float_tensor("axis", {}, {1}));
  expect_floats(model, {1, 2}, {2, 3}, {1, 1, 1, 2, 2, 2});
}

TEST(OldOpsets, SplitWithSizesOfItsOwnType) {
  ModelWriter model(1, 3);
  model.input("x", {4}).constant(float_tensor("sizes", {2}, {3, 1}));
  model.node("Split", {"x", "sizes"}, {"a", "b"}, {int_attr("axis", 0)});
  expect_floats(model.output("a"), {1, 2, 3, 4}, {3}, {1, 2, 3});
}

TEST(OldOpsets, NormalizationOfEachElement) {
  const auto model = [](std::int64_t opset, const std::vector<ProtoWriter>& attrs) {
    ModelWriter writer = one_node(opset, "BatchNormalization", {1, 1, 2}, attrs, {"x", "s", "b", "m", "v"});
    writer.constant(float_tensor("s", {1, 2}, {1, 2})).constant(float_tensor("b", {1, 2}, {0, 1}));
    return writer.constant(float_tensor("m", {1, 2}, {1, 1})).constant(float_tensor("v", {1, 2}, {1, 4}));
  };
  const std::vector<ProtoWriter> attrs = {int_attr("spatial", 0), float_attr("epsilon", 0)};
  expect_floats(model(7, attrs), {3, 5}, {1, 1, 2}, {2, 5});
  EXPECT_FALSE(run(model(9, attrs), {3, 5}).ok());
  const auto trains = run(model(6, {int_attr("is_test", 0)}), {3, 5});
  ASSERT_FALSE(trains.ok());
  EXPECT_NE(trains.error().message.find("training mode"), std::string::npos);
}

TEST(OldOpsets, DropoutOfATrainedModel) {
  expect_floats(one_node(6, "Dropout", {2}, {int_attr("is_test", 1)}), {1, 2}, {2}, {1, 2});
  for (const std::int64_t opset : {7, 10, 13}) {
    ModelWriter model(opset, 4);
    model.input("x", {2}).node("Dropout", {"x"}, {"d", "mask"}).node("Cast", {"mask"}, {"m"}, {int_attr("to", 1)});
    expect_floats(model.node("Add", {"d", "m"}, {"y"}).output("y"), {1, 2}, {2}, {2, 3});
  }
  const auto trained = [](std::uint8_t training) {
    ModelWriter model = one_node(13, "Dropout", {2}, {}, {"x", "", "t"});
    return model.constant(raw_tensor<std::uint8_t>("t", kOnnxBool, {}, {training}));
  };
  expect_floats(trained(0), {1, 2}, {2}, {1, 2});
  EXPECT_FALSE(run(trained(1), {1, 2}).ok());
  EXPECT_FALSE(run(one_node(6, "Dropout", {2}, {int_attr("is_test", 0)}), {1, 2}).ok());
}

TEST(OldOpsets, SeluHadFewerDigits) {
  expect_floats(one_node(1, "Selu", {1}, {}), {1000}, {1}, {1050.7F});
  expect_floats(one_node(6, "Selu", {1}, {}), {1000}, {1}, {1050.70102F});
}

TEST(Importing, ConstantsOfEveryForm) {
  const auto with = [](const std::vector<ProtoWriter>& attrs) {
    ModelWriter model;
    model.input("x", {2}).node("Constant", {}, {"c"}, attrs).node("Cast", {"c"}, {"f"}, {int_attr("to", kOnnxFloat)});
    return model.node("Add", {"x", "f"}, {"y"}).output("y");
  };
  expect_floats(with({tensor_attr("value", float_tensor("", {2}, {1, 2}))}), {0, 0}, {2}, {1, 2});
  expect_floats(with({ints_attr("value_ints", {3, 4})}), {0, 0}, {2}, {3, 4});
  expect_floats(with({int_attr("value_int", 5)}), {0, 0}, {2}, {5, 5});
  expect_floats(with({float_attr("value_float", 0.5F)}), {0, 0}, {2}, {0.5, 0.5});
  const ProtoWriter floats = ProtoWriter().bytes(1, "value_floats").fixed32(7, 1).fixed32(7, 2).varint(20, 6);
  expect_floats(with({floats}), {0, 0}, {2}, {1, 2});
  const auto text = run(with({text_attr("value_string", "x")}), {0, 0});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::kUnsupported);
}

TEST(Importing, Float16Graphs) {
  ModelWriter model;
  const std::vector<std::uint16_t> weights = {float_to_half(0.5F), float_to_half(-2)};
  model.input("x", {1, 2}, kOnnxFloat16).constant(raw_tensor("w", kOnnxFloat16, {2, 1}, weights));
  model.node("MatMul", {"x", "w"}, {"m"}).node("Relu", {"m"}, {"y"}).output("y");
  const auto output = run(model, {6, 1});
  ASSERT_TRUE(output.ok()) << output.error().message;
  EXPECT_EQ(output->dtype(), DType::kFloat16);
  expect_floats(model, {6, 1}, {1, 1}, {1});
}

}  // namespace
}  // namespace saker::onnx
