// Quantized operators of every form. Expected numbers: ONNX Runtime 1.23 on the same inputs.
#include <algorithm>

#include "support/import_testing.h"

namespace saker::onnx {
namespace {

using namespace test_support;

ProtoWriter bytes(const Shape& shape, const std::vector<int>& values, OnnxType type = kOnnxUint8) {
  if (type == kOnnxInt32) return raw_tensor("", type, shape, std::vector<std::int32_t>(values.begin(), values.end()));
  std::vector<std::uint8_t> raw;
  for (const int value : values) raw.push_back(static_cast<std::uint8_t>(value));
  return raw_tensor("", type, shape, raw);
}
ProtoWriter scale(float value) {
  return float_tensor("", {}, {value});
}
ProtoWriter zero(int value, OnnxType type = kOnnxUint8) {
  return bytes({}, {value}, type);
}

struct Case {
  const char* domain;
  const char* op;
  std::vector<ProtoWriter> inputs;  // without a name; empty: absent
  std::vector<ProtoWriter> attrs = {};
};

// The node 'q', its inputs constants c0, c1, ...
std::string model_of(const Case& test) {
  ModelWriter model;
  ProtoWriter node;
  for (std::size_t i = 0; i < test.inputs.size(); ++i) {
    const std::string name = "c" + std::to_string(i);
    if (test.inputs[i].text().empty()) {
      node.bytes(1, "");
      continue;
    }
    model.constant(ProtoWriter(test.inputs[i]).bytes(8, name));
    node.bytes(1, name);
  }
  node.bytes(2, "y").bytes(3, "q").bytes(4, test.op).bytes(7, test.domain);
  for (const ProtoWriter& attr : test.attrs) node.message(5, attr);
  model.graph().message(1, node);
  return model.output("y").text();
}

Tensor result_of(const Case& test) {
  const auto model = import_text(model_of(test));
  EXPECT_TRUE(model.ok()) << model.error().message;
  if (!model.ok() || !verify(model->graph).ok()) return Tensor();
  const auto results = results_of(model->graph, {});
  return results.empty() ? Tensor() : results[0];
}

template <typename T>
std::vector<int> integers(const Tensor& tensor) {
  return {tensor.data<T>(), tensor.data<T>() + tensor.elements()};
}

void expect_bytes(const Case& test, const Shape& shape, const std::vector<int>& expected, DType dtype = DType::kUint8) {
  SCOPED_TRACE(test.op);
  const Tensor y = result_of(test);
  ASSERT_EQ(y.shape(), shape);
  ASSERT_EQ(y.dtype(), dtype);
  const auto got = dtype == DType::kInt32  ? integers<std::int32_t>(y)
                   : dtype == DType::kInt8 ? integers<std::int8_t>(y)
                                           : integers<std::uint8_t>(y);
  const int bound = dtype == DType::kInt32 ? 0 : 1;
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got[i], expected[i], bound) << i;
}

ProtoWriter picture() {
  return bytes({1, 1, 3, 3}, {0, 20, 40, 60, 80, 100, 120, 140, 255});
}

TEST(ImportQuantized, QuantizeAndDequantizeOfBothDomains) {
  for (const char* domain : {"", "com.microsoft"}) {
    const auto x = float_tensor("", {2, 3}, {-1, 0, 1, 2, 3, 400}), scales = float_tensor("", {2}, {0.5F, 2});
    const auto zeros = bytes({2}, {10, 20});
    for (const std::int64_t axis : {0, -2})
      expect_bytes({domain, "QuantizeLinear", {x, scales, zeros}, {int_attr("axis", axis)}}, {2, 3},
                   {8, 10, 12, 21, 22, 220});
    const Tensor y = result_of(
        {domain, "DequantizeLinear", {bytes({2, 3}, {0, 10, 20, 30, 40, 250}), scales, zeros}, {int_attr("axis", 0)}});
    ASSERT_EQ(y.elements(), 6);
    EXPECT_EQ(std::vector<float>(y.data<float>(), y.data<float>() + 6), (std::vector<float>{-5, 0, 5, 20, 40, 460}));
  }
}

TEST(ImportQuantized, TheAxisIsOneUnlessItIsGiven) {
  expect_bytes({"", "QuantizeLinear", {float_tensor("", {1, 2}, {8, 8}), float_tensor("", {2}, {1, 4})}}, {1, 2},
               {8, 2});
}

TEST(ImportQuantized, QLinearConvOfUnsignedWeightsWithABias) {
  expect_bytes({"",
                "QLinearConv",
                {picture(), scale(0.02F), zero(30), bytes({2, 1, 2, 2}, {128, 130, 100, 255, 0, 128, 129, 90}),
                 scale(0.01F), zero(128), scale(0.1F), zero(100), bytes({2}, {500, -2000}, kOnnxInt32)},
                {ints_attr("pads", {1, 0, 0, 1})}},
               {1, 2, 3, 3}, {100, 104, 100, 112, 116, 97, 124, 152, 88, 97, 95, 96, 100, 93, 94, 80, 66, 79});
}

TEST(ImportQuantized, QLinearConvOfScalesPerOutputChannel) {
  expect_bytes({"",
                "QLinearConv",
                {picture(), scale(0.02F), zero(30), bytes({2, 1, 2, 2}, {1, -2, 3, 4, -5, 6, 7, -128}, kOnnxInt8),
                 float_tensor("", {2}, {0.1F, 0.02F}), bytes({2}, {0, 0}, kOnnxInt8), scale(0.1F), zero(100)},
                {ints_attr("strides", {2, 1})}},
               {1, 2, 1, 2}, {106, 108, 76, 66});
}

TEST(ImportQuantized, ConvInteger) {
  expect_bytes({"",
                "ConvInteger",
                {picture(), bytes({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 200}), zero(30), zero(3)},
                {ints_attr("pads", {1, 1, 0, 0})}},
               {1, 2, 3, 3},
               {-30, -10, 10, 60, 120, 80, 60, 0, 55, -5910, -2090, 1930, 5820, 9880, 14000, 17820, 22240, 45075},
               DType::kInt32);
  expect_bytes({"", "ConvInteger", {picture(), bytes({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, -100}, kOnnxInt8)}},
               {1, 2, 2, 2}, {540, 740, 1140, 1720, -7460, -9100, -12380, -23520}, DType::kInt32);
}

TEST(ImportQuantized, MatMulInteger) {
  const auto a = bytes({2, 3}, {0, 50, 100, 150, 200, 250});
  expect_bytes({"", "MatMulInteger", {a, bytes({3, 2}, {10, 20, 30, 40, 50, 255}), zero(100), zero(7)}}, {2, 2},
               {-1450, -2950, 8900, 41150}, DType::kInt32);
  expect_bytes({"",
                "MatMulInteger",
                {a, bytes({3, 2}, {1, -2, 3, -4, 5, -128}, kOnnxInt8), ProtoWriter(), bytes({2}, {1, 2}, kOnnxInt8)}},
               {2, 2}, {500, -13300, 1400, -34300}, DType::kInt32);
}

TEST(ImportQuantized, QLinearMatMul) {
  expect_bytes({"",
                "QLinearMatMul",
                {bytes({2, 3}, {0, 50, 100, 150, 200, 250}), scale(0.02F), zero(100),
                 bytes({3, 2}, {10, 20, 30, 40, 50, 255}), scale(0.01F), zero(30), scale(0.05F), zero(60)}},
               {2, 2}, {68, 62, 68, 197});
}

TEST(ImportQuantized, SumsAndProductsOfOnnxRuntime) {
  const auto p = bytes({1, 2, 3}, {-128, -60, 0, 1, 60, 127}, kOnnxInt8);
  const auto q = bytes({1, 2, 3}, {100, -100, 3, -7, 0, 50}, kOnnxInt8);
  expect_bytes(
      {"com.microsoft",
       "QLinearAdd",
       {p, scale(0.1F), zero(3, kOnnxInt8), q, scale(0.05F), zero(-4, kOnnxInt8), scale(0.12F), zero(10, kOnnxInt8)}},
      {1, 2, 3}, {-56, -82, 10, 7, 59, 127}, DType::kInt8);
  expect_bytes(
      {"com.microsoft",
       "QLinearMul",
       {p, scale(0.1F), zero(3, kOnnxInt8), q, scale(0.05F), zero(-4, kOnnxInt8), scale(0.5F), zero(10, kOnnxInt8)}},
      {1, 2, 3}, {-126, 70, 10, 10, 12, 77}, DType::kInt8);
  expect_bytes({"com.microsoft",  // broadcast
                "QLinearAdd",
                {bytes({2, 3}, {0, 50, 100, 150, 200, 250}), scale(0.1F), zero(3), bytes({3}, {5, 200, 9}),
                 scale(0.05F), zero(100), scale(0.12F), zero(10)}},
               {2, 3}, {0, 91, 53, 93, 216, 178});
}

TEST(ImportQuantized, FunctionsOfOnnxRuntime) {
  const auto x = bytes({1, 2, 3}, {-128, -60, 0, 1, 60, 127}, kOnnxInt8);
  expect_bytes({"com.microsoft",
                "QLinearSigmoid",
                {x, scale(0.05F), zero(3, kOnnxInt8), scale(1.0F / 256), zero(-128, kOnnxInt8)}},
               {1, 2, 3}, {-128, -117, -10, -6, 114, 127}, DType::kInt8);
  expect_bytes({"com.microsoft",
                "QLinearLeakyRelu",
                {x, scale(0.05F), zero(3, kOnnxInt8), scale(0.04F), zero(-20, kOnnxInt8)},
                {float_attr("alpha", 0.1F)}},
               {1, 2, 3}, {-36, -28, -20, -20, 51, 127}, DType::kInt8);
}

TEST(ImportQuantized, ConcatOfOnnxRuntime) {
  expect_bytes({"com.microsoft",
                "QLinearConcat",
                {scale(0.1F), zero(10), bytes({1, 2}, {0, 50}), scale(0.2F), zero(5), bytes({1, 3}, {100, 255, 1}),
                 scale(0.05F), zero(128)},
                {int_attr("axis", 1)}},
               {1, 5}, {0, 100, 0, 74, 0});
}

TEST(ImportQuantized, PoolsOfOnnxRuntime) {
  const std::vector<ProtoWriter> inputs = {picture(), scale(0.02F), zero(30), scale(0.03F), zero(20)};
  const auto kernel = ints_attr("kernel_shape", {2, 2}), pads = ints_attr("pads", {1, 1, 0, 0});
  expect_bytes({"com.microsoft", "QLinearAveragePool", inputs, {kernel, pads}}, {1, 1, 3, 3},
               {0, 7, 20, 20, 27, 40, 60, 67, 96});
  expect_bytes({"com.microsoft", "QLinearAveragePool", inputs, {kernel, pads, int_attr("count_include_pad", 1)}},
               {1, 1, 3, 3}, {15, 13, 20, 20, 27, 40, 40, 67, 96});
  expect_bytes({"com.microsoft", "QLinearGlobalAveragePool", inputs}, {1, 1, 1, 1}, {60});
  for (const char* op : {"QLinearAveragePool", "QLinearGlobalAveragePool"})
    EXPECT_NE(import_error(model_of({"com.microsoft", op, inputs, {kernel, int_attr("channels_last", 1)}}))
                  .find("channels_last"),
              std::string::npos);
}

TEST(ImportQuantized, DynamicQuantizeLinearHasThreeOutputs) {
  ModelWriter model;
  model.input("x", {3}).node("DynamicQuantizeLinear", {"x"}, {"y", "scale", "zero"});
  const auto imported = import_text(model.output("y").output("scale").output("zero").text());
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  ASSERT_EQ(imported->graph.nodes.size(), 1U);
  EXPECT_EQ(imported->graph.nodes[0].op, Op::kDynamicQuantizeLinear);
}

// ---- what is malformed ----

// Each input that must be there, left out in turn.
TEST(ImportQuantized, MissingInputsAreNamed) {
  const auto x = picture(), w = bytes({2, 1, 1, 1}, {1, 2}), s = scale(0.1F), z = zero(3);
  const std::vector<std::pair<Case, std::vector<std::size_t>>> cases = {
      {{"", "QuantizeLinear", {float_tensor("", {1}, {1}), s, z}}, {0, 1}},
      {{"", "DequantizeLinear", {x, s, z}}, {0, 1}},
      {{"", "QLinearConv", {x, s, z, w, s, z, s, z}}, {0, 1, 3, 4, 6}},
      {{"", "QLinearMatMul", {x, s, z, x, s, z, s, z}}, {0, 1, 3, 4, 6}},
      {{"", "ConvInteger", {x, w, z, z}}, {0, 1}},
      {{"", "MatMulInteger", {x, x, z, z}}, {0, 1}},
      {{"com.microsoft", "QLinearAdd", {x, s, z, x, s, z, s, z}}, {0, 1, 3, 4, 6}},
      {{"com.microsoft", "QLinearMul", {x, s, z, x, s, z, s, z}}, {0, 1, 3, 4, 6}},
      {{"com.microsoft", "QLinearSigmoid", {x, s, z, s, z}}, {0, 1, 3}},
      {{"com.microsoft", "QLinearLeakyRelu", {x, s, z, s, z}}, {0, 1, 3}},
      {{"com.microsoft", "QLinearGlobalAveragePool", {x, s, z, s, z}}, {0, 1, 3}},
      {{"com.microsoft", "QLinearConcat", {s, z, x, s, z, x, s, z}, {int_attr("axis", 1)}}, {0, 2, 3, 6}},
  };
  for (const auto& [test, required] : cases) {
    SCOPED_TRACE(test.op);
    EXPECT_EQ(import_error(model_of(test)), "");
    for (const std::size_t i : required) {
      Case spoiled = test;
      spoiled.inputs[i] = ProtoWriter();
      const std::string message = import_error(model_of(spoiled));
      EXPECT_NE(message.find("node 'q'"), std::string::npos) << i << ": " << message;
      spoiled = test;
      spoiled.inputs.resize(i);
      EXPECT_NE(import_error(model_of(spoiled)).find("node 'q'"), std::string::npos) << "from " << i;
    }
  }
}

TEST(ImportQuantized, TooManyInputsAndUnknownNames) {
  const auto x = picture(), s = scale(0.1F), z = zero(3);
  EXPECT_NE(import_error(model_of({"", "QuantizeLinear", {x, s, z, z}})).find("4 inputs"), std::string::npos);
  EXPECT_NE(import_error(model_of({"com.microsoft", "QLinearConcat", {s, z}})).find("nothing to join"),
            std::string::npos);
  EXPECT_NE(import_error(model_of({"com.microsoft", "QAttention", {x}})).find("com.microsoft.QAttention"),
            std::string::npos);
  EXPECT_NE(import_error(model_of({"", "QLinearAdd", {x, s, z, x, s, z, s, z}})).find("QLinearAdd"), std::string::npos);
  EXPECT_NE(import_error(model_of({"com.microsoft", "Relu", {x}})), "");
}

}  // namespace
}  // namespace saker::onnx
