#include "model/onnx/node_importer.h"

#include <fmt/format.h>

#include <cstring>

#include "base/half.h"
#include "base/try.h"
#include "graph/op_def.h"

namespace saker::onnx {

NodeImporter::NodeImporter(Graph& graph, ImportNames& names, const NodeProto& proto, std::int64_t opset,
                           TensorSource& source, std::size_t index)
    : graph_(graph),
      names_(names),
      proto_(proto),
      opset_(opset),
      source_(source),
      node_name_(printable_name(proto.name)) {
  if (node_name_.empty()) node_name_ = fmt::format("{}_{}", proto.op_type, index);
}

Status NodeImporter::resolve() {
  for (const std::string_view name : proto_.inputs) {
    if (name.empty()) {
      inputs_.push_back(kNoValue);
      continue;
    }
    const auto found = names_.ids.find(name);
    if (found == names_.ids.end())
      return Error{ErrorCode::kInvalid, fmt::format("nothing defines its input '{}'", printable_name(name))};
    inputs_.push_back(found->second);
  }
  while (!inputs_.empty() && inputs_.back() == kNoValue) inputs_.pop_back();
  four_bit_ = four_bit(input(0));
  return {};
}

const Tensor* NodeImporter::constant(std::size_t i) const {
  const ValueId id = input(i);
  return id != kNoValue && graph_.value(id).constant ? &*graph_.value(id).constant : nullptr;
}

Status NodeImporter::check_inputs(std::size_t least, std::size_t most) const {
  if (inputs_.size() < least || inputs_.size() > most)
    return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", inputs_.size())};
  for (std::size_t i = 0; i < least; ++i) {
    if (inputs_[i] == kNoValue) return Error{ErrorCode::kInvalid, fmt::format("its input {} is missing", i)};
  }
  return {};
}

std::optional<DType> NodeImporter::four_bit(ValueId id) const {
  const auto found = names_.four_bit.find(id);
  return found == names_.four_bit.end() ? std::nullopt : std::optional(found->second);
}

void NodeImporter::name_value(std::string_view name, ValueId id) {
  names_.ids[name] = id;
  if (four_bit_) names_.four_bit[id] = *four_bit_;
}

const AttributeProto* NodeImporter::find(std::string_view name) const {
  for (const AttributeProto& attribute : proto_.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

namespace {
Error wrong_type(std::string_view name, const char* type) {
  return {ErrorCode::kInvalid, fmt::format("attribute '{}' is not {}", name, type)};
}

Error out_of_range(std::string_view name, std::int64_t value) {
  return {ErrorCode::kInvalid, fmt::format("attribute '{}' is {}, out of range", name, value)};
}
}  // namespace

// Writers may leave out a scalar that is zero; the declared type (1 float, 2 int, 3 string) tells.
Result<std::int64_t> NodeImporter::int_attr(std::string_view name, std::int64_t fallback) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return fallback;
  if (!a->i && a->type != 2) return wrong_type(name, "an integer");
  return a->i.value_or(0);
}

Result<bool> NodeImporter::bool_attr(std::string_view name, bool fallback) const {
  SAKER_ASSIGN(const std::int64_t value, int_attr(name, fallback ? 1 : 0));
  return value != 0;
}

Result<float> NodeImporter::float_attr(std::string_view name, float fallback) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return fallback;
  if (!a->f && a->type != 1) return wrong_type(name, "a float");
  return a->f.value_or(0);
}

Result<std::string_view> NodeImporter::text_attr(std::string_view name, std::string_view fallback) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return fallback;
  if (!a->s && a->type != 3) return wrong_type(name, "a string");
  return a->s.value_or(std::string_view());
}

Result<std::vector<std::int64_t>> NodeImporter::ints_attr(std::string_view name) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return std::vector<std::int64_t>();
  if (a->i || a->f || a->s || a->t) return wrong_type(name, "a list of integers");
  return a->ints;
}

Result<std::vector<float>> NodeImporter::floats_attr(std::string_view name) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return std::vector<float>();
  if (a->i || a->f || a->s || a->t) return wrong_type(name, "a list of floats");
  return a->floats;
}

Result<std::int64_t> NodeImporter::int_attr_within(std::string_view name, std::int64_t fallback, std::int64_t least,
                                                   std::int64_t most) const {
  SAKER_ASSIGN(const std::int64_t value, int_attr(name, fallback));
  if (value < least || value > most) return out_of_range(name, value);
  return value;
}

Result<std::vector<std::int64_t>> NodeImporter::ints_attr_within(std::string_view name, std::int64_t least,
                                                                 std::int64_t most) const {
  SAKER_ASSIGN(std::vector<std::int64_t> values, ints_attr(name));
  for (const std::int64_t value : values) {
    if (value < least || value > most) return out_of_range(name, value);
  }
  return values;
}

Result<std::optional<Tensor>> NodeImporter::tensor_attr(std::string_view name) {
  const AttributeProto* a = find(name);
  if (a == nullptr) return std::optional<Tensor>();
  if (!a->t) return wrong_type(name, "a tensor");
  SAKER_ASSIGN(NamedTensor named, parse_tensor(*a->t, source_));
  if (named.four_bit) four_bit_ = named.tensor.dtype();
  return std::optional<Tensor>(std::move(named.tensor));
}

Result<std::vector<std::string_view>> NodeImporter::texts_attr(std::string_view name) const {
  const AttributeProto* a = find(name);
  if (a == nullptr) return std::vector<std::string_view>();
  if (a->i || a->f || a->s || a->t || !a->ints.empty()) return wrong_type(name, "a list of strings");
  return a->strings;
}

ValueId NodeImporter::add_constant(std::string_view what, Tensor tensor) {
  return graph_.add_constant(fmt::format("{}.{}", node_name_, what), std::move(tensor));
}

Result<ValueId> NodeImporter::int_constant(std::string_view what, std::span<const std::int64_t> values, bool scalar) {
  SAKER_ASSIGN(Tensor tensor,
               Tensor::make(DType::kInt64, scalar ? Shape{} : Shape{static_cast<std::int64_t>(values.size())}));
  if (!values.empty()) std::memcpy(tensor.raw(), values.data(), values.size_bytes());
  return graph_.add_constant(fmt::format("{}.{}", node_name_, what), std::move(tensor));
}

Result<ValueId> NodeImporter::float_constant(std::string_view what, std::span<const float> values, DType dtype,
                                             bool scalar) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, scalar ? Shape{} : Shape{static_cast<std::int64_t>(values.size())}));
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (dtype) {
      case DType::kFloat32:
        tensor.data<float>()[i] = values[i];
        break;
      case DType::kFloat64:
        tensor.data<double>()[i] = static_cast<double>(values[i]);
        break;
      case DType::kFloat16:
        tensor.data<std::uint16_t>()[i] = float_to_half(values[i]);
        break;
      default:
        return Error{ErrorCode::kUnsupported, fmt::format("a float attribute for {} data", dtype_name(dtype))};
    }
  }
  return graph_.add_constant(fmt::format("{}.{}", node_name_, what), std::move(tensor));
}

// Which type that is only shape inference knows, which makes a constant of it.
Result<ValueId> NodeImporter::number_like(std::string_view what, float number, ValueId like) {
  SAKER_ASSIGN(const ValueId constant,
               float_constant(fmt::format("{}.float", what), {&number, 1}, DType::kFloat32, true));
  return step(Op::kCastLike, {}, {constant, like}, what);
}

Status NodeImporter::emit(Op op, Attributes attrs) {
  return emit(op, std::move(attrs), inputs_);
}

Status NodeImporter::emit(Op op, Attributes attrs, std::vector<ValueId> inputs) {
  std::vector<ValueId> outputs;
  for (const std::string_view name : proto_.outputs) outputs.push_back(define(name));
  return append(op, std::move(attrs), std::move(inputs), std::move(outputs));
}

Status NodeImporter::emit_output(std::size_t i, Op op, Attributes attrs, std::vector<ValueId> inputs) {
  if (i >= proto_.outputs.size() || proto_.outputs[i].empty()) return {};
  return append(op, std::move(attrs), std::move(inputs), {define(proto_.outputs[i])});
}

ValueId NodeImporter::define(std::string_view output) {
  if (output.empty()) return kNoValue;
  const ValueId id = graph_.add_value(std::string(output), DType::kFloat32);
  name_value(output, id);
  return id;
}

Status NodeImporter::append(Op op, Attributes attrs, std::vector<ValueId> inputs, std::vector<ValueId> outputs) {
  const OpDef& def = op_def(op);
  const auto outside = [](std::size_t count, int low, int high) {
    return count < static_cast<std::size_t>(low) || (high >= 0 && count > static_cast<std::size_t>(high));
  };
  while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
  if (outside(inputs.size(), def.min_inputs, def.max_inputs)) {
    return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", inputs.size())};
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(def.min_inputs); ++i) {
    if (inputs[i] == kNoValue) return Error{ErrorCode::kInvalid, fmt::format("its input {} is missing", i)};
  }
  while (!outputs.empty() && outputs.back() == kNoValue) outputs.pop_back();
  if (outside(outputs.size(), def.min_outputs, def.max_outputs)) {
    return Error{ErrorCode::kInvalid, fmt::format("it has {} outputs", outputs.size())};
  }
  graph_.nodes.push_back({op, node_name_, std::move(inputs), std::move(outputs), std::move(attrs)});
  return {};
}

ValueId NodeImporter::step(Op op, Attributes attrs, std::vector<ValueId> inputs, std::string_view what) {
  while (!inputs.empty() && inputs.back() == kNoValue) inputs.pop_back();
  const std::string name = fmt::format("{}.{}", node_name_, what);
  const ValueId id = graph_.add_value(name, DType::kFloat32);
  graph_.nodes.push_back({op, name, std::move(inputs), {id}, std::move(attrs)});
  return id;
}

Status NodeImporter::emit_constant(Tensor tensor) {
  if (proto_.outputs.size() != 1) return Error{ErrorCode::kInvalid, "a constant must have one output"};
  name_value(proto_.outputs[0], graph_.add_constant(std::string(proto_.outputs[0]), std::move(tensor)));
  return {};
}

void NodeImporter::emit_nothing() {
  for (const std::string_view name : proto_.outputs) {
    if (!name.empty()) names_.ids[name] = graph_.add_value(std::string(name), DType::kFloat32);
  }
}

}  // namespace saker::onnx
