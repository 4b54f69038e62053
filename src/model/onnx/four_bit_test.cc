// 4-bit integers, which are kept in 8 bits, and what else opset 21 brought to quantization.
#include "graph/ops/convert.h"
#include "support/import_testing.h"

namespace saker::onnx {
namespace {

using namespace test_support;

// 1, -2, 7 as int4; 1, 14, 7 as uint4.
ProtoWriter packed(std::string_view name, std::int64_t type) {
  return raw_tensor<std::uint8_t>(name, type, {3}, {0xE1, 0x07});
}

Tensor floats(const std::vector<float>& values) {
  Tensor tensor = Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(values.size())}).value();
  std::copy(values.begin(), values.end(), tensor.data<float>());
  return tensor;
}

// The first output as numbers.
std::vector<double> numbers(const ModelWriter& writer, const std::vector<Tensor>& inputs = {}) {
  const auto model = import_text(writer.text());
  EXPECT_TRUE(model.ok()) << (model.ok() ? "" : model.error().message);
  if (!model.ok()) return {};
  const auto outputs = results_of(model->graph, inputs);
  if (outputs.empty()) return {};
  const Tensor wide = ops::converted(outputs[0], DType::kFloat64).value();
  return {wide.data<double>(), wide.data<double>() + wide.elements()};
}
using Numbers = std::vector<double>;

TEST(FourBits, ConstantsAreUnpacked) {
  for (const bool is_signed : {true, false}) {
    ModelWriter model(21, 10);
    model.constant(packed("q", is_signed ? kOnnxInt4 : kOnnxUint4)).constant(float_tensor("s", {}, {2}));
    model.node("DequantizeLinear", {"q", "s"}, {"y"}).output("y");
    EXPECT_EQ(numbers(model), (is_signed ? Numbers{2, -4, 14} : Numbers{2, 28, 14}));
  }
  ModelWriter typed(21, 10);  // the same pairs as integers
  typed.constant(tensor_head("q", kOnnxInt4, {3}).varint(5, 0xE1).varint(5, 0x07));
  typed.node("Cast", {"q"}, {"y"}, {int_attr("to", kOnnxFloat)}).output("y");
  EXPECT_EQ(numbers(typed), (Numbers{1, -2, 7}));
}

TEST(FourBits, TensorsOfAnotherLengthAreRefused) {
  for (const auto& bytes : {std::vector<std::uint8_t>{1}, {1, 2, 3}}) {
    ModelWriter model(21, 10);
    model.constant(raw_tensor("q", kOnnxInt4, {3}, bytes)).node("Identity", {"q"}, {"y"}).output("y");
    EXPECT_NE(import_error(model.text()).find("tensor 'q'"), std::string::npos);
  }
}

TEST(FourBits, QuantizingClamps) {
  const Tensor x = floats({-100, -8.4F, 3, 7.6F, 100});
  for (const bool is_signed : {true, false}) {
    const std::int64_t type = is_signed ? kOnnxInt4 : kOnnxUint4;
    const Numbers expected = is_signed ? Numbers{-8, -8, 3, 7, 7} : Numbers{0, 0, 3, 8, 15};
    ModelWriter by_type(21, 10);
    by_type.input("x", {5}).constant(float_tensor("s", {}, {1}));
    by_type.node("QuantizeLinear", {"x", "s"}, {"y"}, {int_attr("output_dtype", type)}).output("y");
    EXPECT_EQ(numbers(by_type, {x}), expected);
    // The zero point's type counts, by whatever way it comes.
    ModelWriter by_zero(21, 10);
    by_zero.input("x", {5}).constant(float_tensor("s", {}, {1}));
    by_zero.node("Constant", {}, {"c"}, {tensor_attr("value", raw_tensor<std::uint8_t>("", type, {1}, {0}))});
    by_zero.constant(raw_tensor<std::int64_t>("none", kOnnxInt64, {0}, {}));
    by_zero.node("Reshape", {"c", "none"}, {"zero"}).node("QuantizeLinear", {"x", "s", "zero"}, {"y"}).output("y");
    EXPECT_EQ(numbers(by_zero, {x}), expected);
  }
}

TEST(FourBits, CastsClampAndWiden) {
  const Tensor x = floats({-300, -8, 7.9F, 300});
  ModelWriter model(21, 10);
  model.input("x", {4}).node("Cast", {"x"}, {"q"}, {int_attr("to", kOnnxInt4)});
  model.node("Cast", {"q"}, {"y"}, {int_attr("to", kOnnxFloat)}).output("y");
  EXPECT_EQ(numbers(model, {x}), (Numbers{-8, -8, 7, 7}));
}

TEST(QuantizationSinceOpset21, TypesWithoutAZeroPoint) {
  const Tensor x = floats({-70000, -8, 7, 70000});
  for (const auto& [type, expected] :
       {std::pair{kOnnxInt16, Numbers{-32768, -8, 7, 32767}}, std::pair{kOnnxUint16, Numbers{0, 0, 7, 65535}},
        std::pair{kOnnxInt8, Numbers{-128, -8, 7, 127}}}) {
    ModelWriter model(21, 10);
    model.input("x", {4}).constant(float_tensor("s", {}, {1}));
    model.node("QuantizeLinear", {"x", "s"}, {"y"}, {int_attr("output_dtype", type)}).output("y");
    EXPECT_EQ(numbers(model, {x}), expected);
  }
  ModelWriter tiny(21, 10);
  tiny.input("x", {4}).constant(float_tensor("s", {}, {1}));
  tiny.node("QuantizeLinear", {"x", "s"}, {"y"}, {int_attr("output_dtype", 17)}).output("y");
  EXPECT_NE(import_error(tiny.text()).find("float8e4m3fn"), std::string::npos);
}

TEST(QuantizationSinceOpset21, Blocks) {
  ModelWriter model(21, 10);
  model.constant(raw_tensor<std::uint8_t>("q", kOnnxUint4, {2, 2}, {0x21, 0x43}));
  model.constant(float_tensor("s", {2, 1}, {1, 10}));
  model.node("DequantizeLinear", {"q", "s"}, {"y"}, {int_attr("block_size", 2), int_attr("axis", 1)}).output("y");
  EXPECT_EQ(numbers(model), (Numbers{1, 2, 30, 40}));
  ModelWriter negative(21, 10);
  negative.input("x", {2, 2}).constant(float_tensor("s", {2, 1}, {1, 10}));
  negative.node("QuantizeLinear", {"x", "s"}, {"y"}, {int_attr("block_size", -2)}).output("y");
  EXPECT_NE(import_error(negative.text()).find("block_size"), std::string::npos);
}

TEST(QuantizationSinceOpset21, DequantizedToAnotherType) {
  ModelWriter model(23, 11);
  model.input("q", {2}, kOnnxInt8).constant(float_tensor("s", {}, {0.5F}));
  model.node("DequantizeLinear", {"q", "s"}, {"y"}, {int_attr("output_dtype", kOnnxFloat16)}).output("y");
  const auto imported = import_text(model.text());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  Tensor q = Tensor::make(DType::kInt8, {2}).value();
  q.data<std::int8_t>()[0] = 1;
  q.data<std::int8_t>()[1] = -3;
  const auto outputs = results_of(imported->graph, {q});
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].dtype(), DType::kFloat16);
  EXPECT_EQ(ops::converted(outputs[0], DType::kFloat32).value().data<float>()[1], -1.5F);
}

}  // namespace
}  // namespace saker::onnx
