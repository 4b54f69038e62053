// Helpers of the operator tests: tensors from literals, a node run through inference and evaluation.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>

#include "graph/op_def.h"

namespace saker::ops {

template <typename T>
struct TypeOf;
template <>
struct TypeOf<float> {
  static constexpr DType kValue = DType::kFloat32;
};
template <>
struct TypeOf<double> {
  static constexpr DType kValue = DType::kFloat64;
};
template <>
struct TypeOf<std::int8_t> {
  static constexpr DType kValue = DType::kInt8;
};
template <>
struct TypeOf<std::uint8_t> {
  static constexpr DType kValue = DType::kUint8;
};
template <>
struct TypeOf<std::int16_t> {
  static constexpr DType kValue = DType::kInt16;
};
template <>
struct TypeOf<std::int32_t> {
  static constexpr DType kValue = DType::kInt32;
};
template <>
struct TypeOf<std::int64_t> {
  static constexpr DType kValue = DType::kInt64;
};

template <>
struct TypeOf<std::uint16_t> {
  static constexpr DType kValue = DType::kUint16;
};
template <>
struct TypeOf<std::uint64_t> {
  static constexpr DType kValue = DType::kUint64;
};

template <typename T>
Tensor tensor(Shape shape, std::vector<T> values, DType dtype = TypeOf<T>::kValue) {
  Tensor result = Tensor::make(dtype, std::move(shape)).value();
  EXPECT_EQ(result.elements(), static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), result.data<T>());
  return result;
}
inline Tensor floats(Shape shape, std::vector<float> values) {
  return tensor<float>(std::move(shape), std::move(values));
}
inline Tensor ints(std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return tensor<std::int64_t>({count}, std::move(values));
}
// 0, 1, 2, ...
inline Tensor counting(Shape shape) {
  Tensor result = Tensor::make(DType::kFloat32, std::move(shape)).value();
  for (std::int64_t i = 0; i < result.elements(); ++i) result.data<float>()[i] = static_cast<float>(i);
  return result;
}

template <typename T = float>
std::vector<T> values(const Tensor& tensor) {
  return std::vector<T>(tensor.data<T>(), tensor.data<T>() + tensor.elements());
}

// One operator on given inputs (null: absent).
struct Case {
  Op op;
  std::vector<const Tensor*> inputs;
  Attributes attrs = {};
  std::size_t outputs = 1;
};

// Infers (with every input constant, then with shapes alone) and evaluates; inference must agree
// with the evaluation, and refuse what it refuses.
inline Result<std::vector<Tensor>> run(const Case& test) {
  Node node{test.op, "n", {}, {}, test.attrs};
  Graph constants;
  Graph shapes;
  for (const Tensor* input : test.inputs) {
    node.inputs.push_back(input == nullptr ? kNoValue : constants.add_constant("c", *input));
    if (input == nullptr) continue;
    shapes.value(shapes.add_value("s", input->dtype())).shape = input->shape();
  }
  for (std::size_t i = 0; i < test.outputs; ++i) {
    node.outputs.push_back(constants.add_value("o", DType::kFloat32));
    shapes.add_value("o", DType::kFloat32);
  }
  const Status inferred = infer_node(constants, node);
  const Status by_shape = infer_node(shapes, node);
  auto result = evaluate(node, test.inputs);
  if (!inferred.ok()) {
    EXPECT_FALSE(result.ok()) << inferred.error().message;
    return result;
  }
  if (!result.ok()) return result;
  EXPECT_TRUE(by_shape.ok());
  for (std::size_t i = 0; i < test.outputs; ++i) {
    for (const Graph* graph : {&constants, &shapes}) {
      const Value& value = graph->value(node.outputs[i]);
      EXPECT_EQ(value.dtype, (*result)[i].dtype());
      EXPECT_EQ(value.shape.value_or((*result)[i].shape()), (*result)[i].shape());
    }
  }
  return result;
}

inline Tensor run_one(const Case& test) {
  auto result = run(test);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? result->front() : Tensor();
}

// The error of a case that must fail; empty when it does not.
inline std::string error_of(const Case& test) {
  auto result = run(test);
  return result.ok() ? "" : result.error().message;
}

inline testing::AssertionResult mentions(const std::string& message, const std::string& part) {
  if (!part.empty() && message.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << message << "\" does not mention \"" << part << "\"";
}

inline void expect_floats(const Tensor& tensor, const Shape& shape, const std::vector<float>& expected) {
  EXPECT_EQ(tensor.shape(), shape);
  ASSERT_EQ(tensor.elements(), static_cast<std::int64_t>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(tensor.data<float>()[i], expected[i], 1e-5) << i;
}

}  // namespace saker::ops
