// Tensors of the operator cases (operator_cases.h), and the cases of the layers.
#pragma once

#include <cstring>

#include "graph/ops/convert.h"
#include "support/operator_cases.h"

namespace saker::operator_cases_detail {

constexpr std::int64_t kRow = 1 << 15;

// Numbers from 1 to 8, or all the same.
inline Tensor numbers(DType dtype, const Shape& shape, double same = 0) {
  Tensor wide = Tensor::make(DType::kFloat64, shape).value();
  for (std::int64_t i = 0; i < wide.elements(); ++i)
    wide.data<double>()[i] = same != 0 ? same : static_cast<double>(1 + i % 8);
  return ops::converted(wide, dtype).value();
}
inline Tensor floats(const Shape& shape) {
  return numbers(DType::kFloat32, shape);
}
inline Tensor bytes(const Shape& shape) {
  return numbers(DType::kUint8, shape);
}
inline Tensor zeros(DType dtype, const Shape& shape) {
  Tensor tensor = Tensor::make(dtype, shape).value();
  if (tensor.bytes() > 0) std::memset(tensor.raw(), 0, tensor.bytes());
  return tensor;
}
inline Tensor scalar(DType dtype, double value) {
  return numbers(dtype, {}, value);
}

}  // namespace saker::operator_cases_detail

namespace saker {

// Those of graph/layer_attributes.h.
void add_layer_cases(std::vector<OperatorCase>& cases);

}  // namespace saker
