#include "model/openvino_ir/layer_importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/try.h"
#include "graph/op_def.h"
#include "graph/ops/convert.h"

namespace saker::openvino_ir {
namespace {

constexpr std::int64_t kMaxListed = 4096;  // integers in a constant that says how, not what
constexpr std::int64_t kMaxDecided = 64;   // integers of a value that is worked out here; shapes have as many at most

Result<float> parse_float(std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return Error{ErrorCode::kInvalid, fmt::format("'{}' is not a number", printable_name(text.substr(0, 40)))};
  return value;
}

Error not_constant(const char* what) {
  return {ErrorCode::kUnsupported, fmt::format("{} is not a constant", what)};
}

bool is_integer(DType dtype) {
  return dtype != DType::kFloat32 && dtype != DType::kFloat16 && dtype != DType::kBFloat16 && dtype != DType::kFloat64;
}

// The shape as a tensor; null where a dimension is open.
std::optional<Tensor> shape_tensor(const Shape& shape) {
  if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent < 0; })) return std::nullopt;
  auto tensor = Tensor::make(DType::kInt64, {static_cast<std::int64_t>(shape.size())});
  if (!tensor.ok()) return std::nullopt;
  std::ranges::copy(shape, tensor->data<std::int64_t>());
  return std::move(*tensor);
}

bool outside(std::size_t count, int low, int high) {
  return count < static_cast<std::size_t>(low) || (high >= 0 && count > static_cast<std::size_t>(high));
}

}  // namespace

Workspace::Workspace(const Network& net, const FileBytes& bin)
    : network(net), constants(bin), values(net.layers.size()), readers(net.layers.size()) {
  for (std::size_t i = 0; i < net.layers.size(); ++i) {
    values[i].assign(net.layers[i].outputs.size(), kNoValue);
    readers[i].assign(net.layers[i].outputs.size(), 0);
  }
  for (const Layer& layer : net.layers) {
    if (layer.type == "ShapeOf") continue;
    for (const Source& source : layer.inputs) ++readers[source.layer][source.port];
  }
}

std::string output_name(const Layer& layer, std::size_t port) {
  // Names are separated by commas; "\," is a comma in a name.
  std::string name;
  const std::string_view names = layer.outputs[port].names;
  for (std::size_t i = 0; i < names.size() && names[i] != ','; ++i) {
    if (names[i] == '\\' && i + 1 < names.size()) ++i;
    name += names[i];
  }
  if (!name.empty()) return name;
  return layer.outputs.size() == 1 ? std::string(layer.name) : fmt::format("{}.{}", layer.name, port);
}

LayerImporter::LayerImporter(Workspace& work, std::size_t index)
    : work_(work), index_(index), layer_(work.network.layers[index]) {}

ValueId LayerImporter::input(std::size_t i) const {
  return work_.values[source(i).layer][source(i).port];
}

const Tensor* LayerImporter::constant(std::size_t i) const {
  const auto& constant = work_.graph.value(input(i)).constant;
  return constant ? &*constant : nullptr;
}

const Tensor* LayerImporter::decided(std::size_t i) const {
  const auto found = work_.decided.find(input(i));
  return found == work_.decided.end() ? constant(i) : &found->second;
}

DType LayerImporter::dtype(std::size_t i) const {
  const Tensor* tensor = constant(i);
  if (tensor != nullptr) return tensor->dtype();
  return work_.network.layers[source(i).layer].outputs[source(i).port].dtype.value_or(DType::kFloat32);
}

const Shape& LayerImporter::dims(std::size_t i) const {
  const Tensor* tensor = constant(i);
  return tensor != nullptr ? tensor->shape() : work_.network.layers[source(i).layer].outputs[source(i).port].dims;
}

std::size_t LayerImporter::readers(std::size_t output) const {
  return work_.readers[index_][output];
}

const std::string_view* LayerImporter::find(std::string_view name) const {
  for (const auto& [key, value] : layer_.attributes) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool LayerImporter::has_attr(std::string_view name) const {
  return find(name) != nullptr;
}

static Error in_attribute(const Error& error, std::string_view name) {
  return error.with_context(fmt::format("attribute '{}'", name));
}

Result<std::int64_t> LayerImporter::int_attr(std::string_view name, std::int64_t fallback) const {
  const std::string_view* text = find(name);
  if (text == nullptr) return fallback;
  auto value = parse_integer(*text);
  if (!value.ok()) return in_attribute(value.error(), name);
  return value;
}

Result<float> LayerImporter::float_attr(std::string_view name, float fallback) const {
  const std::string_view* text = find(name);
  if (text == nullptr) return fallback;
  auto value = parse_float(*text);
  if (!value.ok()) return in_attribute(value.error(), name);
  return value;
}

Result<bool> LayerImporter::bool_attr(std::string_view name, bool fallback) const {
  const std::string_view text = text_attr(name, fallback ? "true" : "false");
  if (text == "true" || text == "True" || text == "1") return true;
  if (text == "false" || text == "False" || text == "0") return false;
  return in_attribute({ErrorCode::kInvalid, fmt::format("'{}' is neither true nor false", printable_name(text))}, name);
}

std::string_view LayerImporter::text_attr(std::string_view name, std::string_view fallback) const {
  const std::string_view* text = find(name);
  return text == nullptr ? fallback : *text;
}

Result<std::vector<std::int64_t>> LayerImporter::ints_attr(std::string_view name) const {
  auto values = parse_list(text_attr(name, ""));
  if (!values.ok()) return in_attribute(values.error(), name);
  return values;
}

Result<std::vector<std::int64_t>> LayerImporter::ints(std::size_t i, const char* what) const {
  const Tensor* tensor = decided(i);
  if (tensor == nullptr) return not_constant(what);
  const DType dtype = tensor->dtype();
  if (!is_integer(dtype) || dtype == DType::kBool || tensor->shape().size() > 1 || tensor->elements() > kMaxListed) {
    return Error{ErrorCode::kInvalid, fmt::format("{} is {} of shape {}, not a list of integers", what,
                                                  dtype_name(dtype), to_string(tensor->shape()))};
  }
  SAKER_ASSIGN(const Tensor wide, ops::converted(*tensor, DType::kInt64));
  return std::vector<std::int64_t>(wide.data<std::int64_t>(), wide.data<std::int64_t>() + wide.elements());
}

Result<std::int64_t> LayerImporter::one_int(std::size_t i, const char* what) const {
  SAKER_ASSIGN(const std::vector<std::int64_t> values, ints(i, what));
  if (values.size() != 1) return Error{ErrorCode::kInvalid, fmt::format("{} has {} numbers", what, values.size())};
  return values[0];
}

Result<Tensor> LayerImporter::floats(std::size_t i, const char* what) {
  const Tensor* tensor = constant(i);
  if (tensor == nullptr) return not_constant(what);
  return work_.constants.converted(*tensor, DType::kFloat32);
}

Result<float> LayerImporter::one_float(std::size_t i, const char* what) {
  const Tensor* tensor = constant(i);
  if (tensor != nullptr && tensor->elements() != 1)
    return Error{ErrorCode::kInvalid, fmt::format("{} has {} numbers", what, tensor->elements())};
  SAKER_ASSIGN(const Tensor one, floats(i, what));
  return *one.data<float>();
}

Result<ValueId> LayerImporter::input_as(std::size_t i, DType to) {
  if (dtype(i) == to) return input(i);
  const std::string what = fmt::format("input{}", i);
  if (const Tensor* tensor = constant(i)) {
    SAKER_ASSIGN(Tensor made, work_.constants.converted(*tensor, to));
    return constant_of(what, std::move(made));
  }
  return step(Op::kCast, CastAttrs{to}, {input(i)}, what, to);
}

std::string LayerImporter::name_of(std::string_view what) const {
  return fmt::format("{}.{}", printable_name(layer_.name), what);
}

ValueId LayerImporter::constant_of(std::string_view what, Tensor tensor) {
  return work_.graph.add_constant(name_of(what), std::move(tensor));
}

Result<ValueId> LayerImporter::int_constant(std::string_view what, std::span<const std::int64_t> values) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kInt64, {static_cast<std::int64_t>(values.size())}));
  if (!values.empty()) std::memcpy(tensor.raw(), values.data(), values.size_bytes());
  return constant_of(what, std::move(tensor));
}

Result<ValueId> LayerImporter::float_constant(std::string_view what, float value, DType dtype) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, {}));
  *tensor.data<float>() = value;
  SAKER_ASSIGN(Tensor made, ops::converted(tensor, dtype));
  return constant_of(what, std::move(made));
}

Result<ValueId> LayerImporter::float_list(std::string_view what, std::span<const float> values, Shape shape) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, std::move(shape)));
  if (!values.empty()) std::memcpy(tensor.raw(), values.data(), values.size_bytes());
  return constant_of(what, std::move(tensor));
}

ValueId LayerImporter::new_output(std::size_t k) {
  const ValueId id = work_.graph.add_value(output_name(layer_, k), layer_.outputs[k].dtype.value_or(DType::kFloat32));
  set_output(k, id);
  return id;
}

void LayerImporter::set_output(std::size_t k, ValueId id) {
  work_.values[index_][k] = id;
}

Status LayerImporter::emit(Op op, Attributes attrs) {
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < input_count(); ++i) inputs.push_back(input(i));
  return emit(op, std::move(attrs), std::move(inputs));
}

Status LayerImporter::emit(Op op, Attributes attrs, std::vector<ValueId> inputs) {
  const OpDef& def = op_def(op);
  if (outside(inputs.size(), def.min_inputs, def.max_inputs))
    return Error{ErrorCode::kInvalid, fmt::format("it has {} inputs", input_count())};
  if (outside(layer_.outputs.size(), def.min_outputs, def.max_outputs))
    return Error{ErrorCode::kInvalid, fmt::format("it has {} outputs", layer_.outputs.size())};
  Node node{op, printable_name(layer_.name), std::move(inputs), {}, std::move(attrs)};
  for (std::size_t k = 0; k < layer_.outputs.size(); ++k) node.outputs.push_back(new_output(k));
  append(std::move(node));
  return {};
}

void LayerImporter::emit_output(std::size_t k, Op op, Attributes attrs, std::vector<ValueId> inputs) {
  append({op, printable_name(layer_.name), std::move(inputs), {new_output(k)}, std::move(attrs)});
}

Status LayerImporter::emit_first(Op op, Attributes attrs, std::vector<ValueId> inputs) {
  if (layer_.outputs.empty()) return Error{ErrorCode::kInvalid, "it has no outputs"};
  for (std::size_t k = 1; k < layer_.outputs.size(); ++k) {
    if (readers(k) != 0)
      return Error{ErrorCode::kUnsupported, fmt::format("its output {} is read, which saker does not compute", k)};
  }
  emit_output(0, op, std::move(attrs), std::move(inputs));
  return {};
}

ValueId LayerImporter::step(Op op, Attributes attrs, std::vector<ValueId> inputs, std::string_view what, DType to) {
  const ValueId id = work_.graph.add_value(name_of(what), to);
  append({op, name_of(what), std::move(inputs), {id}, std::move(attrs)});
  return id;
}

void LayerImporter::append(Node node) {
  learn(node);
  work_.graph.nodes.push_back(std::move(node));
}

// Integers alone, which is what shape arithmetic is made of; the graph stays as it is.
void LayerImporter::learn(const Node& node) {
  if (layer_.type == "ShapeOf" && node.op == Op::kShape) {
    if (auto shape = shape_tensor(dims(0))) work_.decided.insert_or_assign(node.outputs[0], std::move(*shape));
    return;
  }
  std::vector<const Tensor*> inputs;
  for (const ValueId id : node.inputs) {
    const auto found = work_.decided.find(id);
    const Tensor* tensor = nullptr;
    if (found != work_.decided.end()) {
      tensor = &found->second;
    } else if (id != kNoValue && work_.graph.value(id).constant) {
      tensor = &*work_.graph.value(id).constant;
    }
    if (id != kNoValue && (tensor == nullptr || tensor->elements() > kMaxDecided || !is_integer(tensor->dtype())))
      return;
    inputs.push_back(tensor);
  }
  auto results = evaluate(node, inputs, kMaxDecided * sizeof(std::int64_t));
  if (!results.ok()) return;  // whoever runs the node says what is wrong with it
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (is_integer((*results)[i].dtype())) work_.decided.insert_or_assign(node.outputs[i], std::move((*results)[i]));
  }
}

}  // namespace saker::openvino_ir
