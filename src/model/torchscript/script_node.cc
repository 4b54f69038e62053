#include "model/torchscript/script_node.h"

#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "graph/ops/convert.h"

namespace saker::torchscript {

Error unsupported(std::string_view what) {
  return {ErrorCode::kUnsupported, fmt::format("it cannot be written as TorchScript: {}", what)};
}

// c10/core/ScalarType.h
std::optional<int> scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kUint8:
      return 0;
    case DType::kInt8:
      return 1;
    case DType::kInt16:
      return 2;
    case DType::kInt32:
      return 3;
    case DType::kInt64:
      return 4;
    case DType::kFloat16:
      return 5;
    case DType::kFloat32:
      return 6;
    case DType::kFloat64:
      return 7;
    case DType::kBool:
      return 11;
    case DType::kBFloat16:
      return 15;
    case DType::kUint16:
    case DType::kUint32:
    case DType::kUint64:
      break;
  }
  return std::nullopt;
}

std::string literal(double number) {
  if (std::isnan(number)) return "float('nan')";
  if (std::isinf(number)) return number > 0 ? "float('inf')" : "float('-inf')";
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += '.';
  return text;
}

std::string literal(std::int64_t number) {
  return std::to_string(std::max(number, -INT64_MAX));  // a sign is read apart from its number
}

std::string literal(bool truth) {
  return truth ? "True" : "False";
}

std::string literal(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> texts;
  for (const std::int64_t number : numbers) texts.push_back(literal(number));
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

std::optional<double> number_of(const Tensor& tensor) {
  if (tensor.elements() != 1) return std::nullopt;
  const auto wide = ops::converted(tensor, DType::kFloat64);
  return wide.ok() ? std::optional(*wide->data<double>()) : std::nullopt;
}

const Shape* ScriptNode::out_shape(std::size_t i) const {
  const auto& shape = graph_.value(node_.outputs[i]).shape;
  return shape ? &*shape : nullptr;
}

std::optional<std::vector<std::int64_t>> ScriptNode::constants(std::size_t i) const {
  if (!has(i) || !input(i).constant) return std::nullopt;
  const Tensor& tensor = *input(i).constant;
  const auto count = static_cast<std::size_t>(tensor.elements());
  if (tensor.dtype() == DType::kInt32)
    return std::vector<std::int64_t>(tensor.data<std::int32_t>(), tensor.data<std::int32_t>() + count);
  if (tensor.dtype() != DType::kInt64) return std::nullopt;
  return std::vector<std::int64_t>(tensor.data<std::int64_t>(), tensor.data<std::int64_t>() + count);
}

std::optional<double> ScriptNode::number(std::size_t i) const {
  return has(i) && input(i).constant ? number_of(*input(i).constant) : std::nullopt;
}

std::string ScriptNode::integers(std::size_t i) const {
  if (const auto known = constants(i)) return literal(*known);
  const std::string list = dtype(i) == DType::kInt64 ? in(i) : call("to", in(i), "4");
  return fmt::format("annotate(List[int], {}.tolist())", list);
}

std::string ScriptNode::integer(std::size_t i, std::size_t k) const {
  if (const auto known = constants(i); known && k < known->size()) return literal((*known)[k]);
  return fmt::format("int(torch.select({}, 0, {}))", in(i), k);
}

std::string ScriptNode::step(const std::string& expression) {
  std::string name = variables_.make(node_.name);
  statements_.push_back(fmt::format("{} = {}", name, expression));
  return name;
}

void ScriptNode::assign(const std::string& expression, std::size_t output) {
  statements_.push_back(fmt::format("{} = {}", outputs_[output], expression));
}

void ScriptNode::assign_all(const std::string& expression) {
  std::string names;
  for (const std::string& output : outputs_) names += (output.empty() ? variables_.make(node_.name) : output) + ", ";
  statements_.push_back(fmt::format("{}= {}", names, expression));
}

}  // namespace saker::torchscript
