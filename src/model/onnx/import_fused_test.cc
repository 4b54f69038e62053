// What ONNX Runtime's optimiser writes, and functions of several operators, as the basic operators that they are.
#include <gtest/gtest.h>

#include <cmath>

#include "support/import_testing.h"

namespace saker::onnx {
namespace {

using namespace test_support;

struct Fused {
  std::string_view op;
  std::vector<std::string_view> inputs;
  std::vector<ProtoWriter> attrs = {};
  std::string_view domain = "com.microsoft";
};

struct Given {
  std::string_view name;
  Shape shape;
  std::vector<float> values;
};

std::string model_of(const Fused& fused, const std::vector<Given>& given) {
  ModelWriter model(17);
  model.model().message(8, ProtoWriter().bytes(1, "com.microsoft").varint(2, 1));
  for (const Given& input : given) model.input(input.name, input.shape);
  ProtoWriter node;
  for (const std::string_view input : fused.inputs) node.bytes(1, input);
  node.bytes(2, "y").bytes(4, fused.op).bytes(7, fused.domain);
  for (const ProtoWriter& attr : fused.attrs) node.message(5, attr);
  model.graph().message(1, node);
  return model.output("y").text();
}

// The node's result by the evaluators.
void expect_result(const Fused& fused, const std::vector<Given>& given, const Shape& shape,
                   const std::vector<float>& expected) {
  SCOPED_TRACE(std::string(fused.op));
  auto model = import_text(model_of(fused, given));
  ASSERT_TRUE(model.ok()) << model.error().message;
  std::vector<Tensor> inputs;
  for (const Given& input : given) {
    inputs.push_back(Tensor::make(DType::kFloat32, input.shape).value());
    std::copy(input.values.begin(), input.values.end(), inputs.back().data<float>());
  }
  const std::vector<Tensor> results = results_of(model->graph, inputs);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].shape(), shape);
  ASSERT_EQ(results[0].elements(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(results[0].data<float>()[i], expected[i], 1e-5F) << i;
}

ProtoWriter floats_attr(std::string_view name, const std::vector<float>& values) {
  ProtoWriter out;
  out.bytes(1, name);
  for (const float value : values) out.fixed32(7, value);
  return out.varint(20, 6);
}

float gelu(float x) {
  return 0.5F * x * (1 + std::erf(x / std::sqrt(2.0F)));
}
float gelu_by_tanh(float x) {
  return 0.5F * x * (1 + std::tanh(std::sqrt(2 / 3.14159265F) * (x + 0.044715F * x * x * x)));
}
float swish(float x, float alpha) {
  return x / (1 + std::exp(-alpha * x));
}

TEST(Fused, Gelus) {
  const Given x = {"x", {2}, {-1, 2}}, b = {"b", {2}, {0.5F, 1}};
  expect_result({"Gelu", {"x"}}, {x}, {2}, {gelu(-1), gelu(2)});
  expect_result({"BiasGelu", {"x", "b"}}, {x, b}, {2}, {gelu(-0.5F), gelu(3)});
  expect_result({"FastGelu", {"x"}}, {x}, {2}, {gelu_by_tanh(-1), gelu_by_tanh(2)});
  expect_result({"FastGelu", {"x", "b"}}, {x, b}, {2}, {gelu_by_tanh(-0.5F), gelu_by_tanh(3)});
  expect_result({"QuickGelu", {"x"}}, {x}, {2}, {swish(-1, 1.702F), swish(2, 1.702F)});
  expect_result({"QuickGelu", {"x"}, {float_attr("alpha", 1)}}, {x}, {2}, {swish(-1, 1), swish(2, 1)});
  expect_result({"Gelu", {"x"}, {text_attr("approximate", "tanh")}, ""}, {x}, {2}, {gelu_by_tanh(-1), gelu_by_tanh(2)});
  expect_result({"Swish", {"x"}, {float_attr("alpha", 0.5F)}, ""}, {x}, {2}, {swish(-1, 0.5F), swish(2, 0.5F)});
  EXPECT_NE(import_error(model_of({"BiasGelu", {"x"}}, {x})).find("it has 1 inputs"), std::string::npos);
  EXPECT_NE(import_error(model_of({"Gelu", {"x"}, {text_attr("approximate", "odd")}, ""}, {x})).find("'odd'"),
            std::string::npos);
}

TEST(Fused, Convolutions) {
  const Given x = {"x", {1, 1, 1, 3}, {1, -2, 3}}, w = {"w", {1, 1, 1, 1}, {2}}, b = {"b", {1}, {1}};
  const Given z = {"z", {1, 1, 1, 3}, {-10, 0, 1}};
  expect_result({"FusedConv", {"x", "w", "b"}, {text_attr("activation", "Relu")}}, {x, w, b}, {1, 1, 1, 3}, {3, 0, 7});
  expect_result({"FusedConv", {"x", "w", "b", "z"}, {text_attr("activation", "Relu")}}, {x, w, b, z}, {1, 1, 1, 3},
                {0, 0, 8});
  expect_result({"FusedConv", {"x", "w", "", "z"}}, {x, w, z}, {1, 1, 1, 3}, {-8, -4, 7});
  const std::vector<ProtoWriter> leaky = {text_attr("activation", "LeakyRelu"),
                                          floats_attr("activation_params", {0.5F})};
  expect_result({"FusedConv", {"x", "w"}, leaky}, {x, w}, {1, 1, 1, 3}, {2, -2, 6});
  const std::vector<ProtoWriter> clip = {text_attr("activation", "Clip"), floats_attr("activation_params", {-1, 5})};
  expect_result({"FusedConv", {"x", "w"}, clip}, {x, w}, {1, 1, 1, 3}, {2, -1, 5});
  EXPECT_NE(import_error(model_of({"FusedConv", {"x", "w"}, {text_attr("activation", "Odd")}}, {x, w}))
                .find("activation 'Odd'"),
            std::string::npos);
  // Two channels side by side; the weights have them last too.
  const Given last = {"x", {1, 1, 2, 2}, {1, 10, 2, 20}}, weights = {"w", {1, 1, 1, 2}, {1, 0.5F}};
  expect_result({"NhwcConv", {"x", "w"}}, {last, weights}, {1, 1, 2, 1}, {6, 12});
}

TEST(Fused, Matrices) {
  const Given a = {"a", {2, 2, 1}, {1, 2, 3, 4}}, b = {"b", {2, 2, 1}, {1, 1, 1, 2}};
  expect_result({"FusedMatMul", {"a", "b"}, {int_attr("transA", 1)}}, {a, b}, {2, 1, 1}, {3, 11});
  expect_result({"FusedMatMul", {"a", "b"}, {int_attr("transB", 1), float_attr("alpha", 2)}}, {a, b}, {2, 2, 2},
                {2, 2, 4, 4, 6, 12, 8, 16});
  const Given flat_a = {"a", {1, 2}, {1, -2}}, flat_b = {"b", {2, 1}, {1, 1}};
  expect_result({"FusedMatMul", {"a", "b"}, {int_attr("transA", 1), int_attr("transB", 1)}}, {flat_a, flat_b}, {2, 2},
                {1, 1, -2, -2});
  const std::vector<ProtoWriter> leaky = {text_attr("activation", "LeakyRelu"), float_attr("activation_alpha", 0.5F)};
  expect_result({"FusedGemm", {"a", "b"}, leaky}, {flat_a, flat_b}, {1, 1}, {-0.5F});
  EXPECT_NE(
      import_error(model_of({"FusedMatMul", {"a", "b"}, {int_attr("transBatchA", 1)}}, {a, b})).find("transBatchA"),
      std::string::npos);
}

TEST(Fused, FunctionsOfBasicOperators) {
  const Given x = {"x", {2}, {-0.5F, 4}}, y = {"y0", {2}, {1, 2}}, z = {"z", {1}, {3}};
  const auto plain = [](std::string_view op, std::vector<std::string_view> inputs) {
    return Fused{op, std::move(inputs), {}, ""};
  };
  expect_result(plain("Neg", {"x"}), {x}, {2}, {0.5F, -4});
  expect_result(plain("Reciprocal", {"x"}), {x}, {2}, {-2, 0.25F});
  expect_result(plain("Sum", {"x", "y0", "z"}), {x, y, z}, {2}, {3.5F, 9});
  expect_result(plain("Sum", {"x"}), {x}, {2}, {-0.5F, 4});
  expect_result(plain("Mean", {"x", "y0", "z"}), {x, y, z}, {2}, {3.5F / 3, 3});
  expect_result(plain("Mish", {"x"}), {x}, {2},
                {-0.5F * std::tanh(std::log1p(std::exp(-0.5F))), 4 * std::tanh(std::log1p(std::exp(4.0F)))});
  EXPECT_NE(import_error(model_of(plain("Sum", {}), {x})).find("it has 0 inputs"), std::string::npos);
  EXPECT_NE(import_error(model_of(plain("Mean", {"x", "", "z"}), {x, z})).find("its input 1 is missing"),
            std::string::npos);
}

}  // namespace
}  // namespace saker::onnx
