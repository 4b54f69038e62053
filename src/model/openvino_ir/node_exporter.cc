#include "model/openvino_ir/node_exporter.h"

#include <algorithm>

namespace saker::openvino_ir {
namespace {

std::string_view bytes_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

}  // namespace

Source ExportWorkspace::source_of(ValueId id) {
  std::optional<Source>& source = sources[static_cast<std::size_t>(id)];
  if (!source) {
    const Tensor& tensor = *graph.value(id).constant;
    source = network.constant(names[static_cast<std::size_t>(id)],
                              {tensor.dtype(), tensor.shape(), bytes_of(tensor.raw(), tensor.bytes())});
  }
  return *source;
}

const Tensor* NodeExporter::constant(std::size_t i) const {
  const auto& constant = value(i).constant;
  return constant ? &*constant : nullptr;
}

const std::optional<Shape>& NodeExporter::dims_of(ValueId id) const {
  const auto& dims = work_.options.dims;
  return dims.empty() ? work_.graph.value(id).shape : dims[static_cast<std::size_t>(id)];
}

const Node* NodeExporter::producer(std::size_t i) const {
  const std::int32_t index = work_.producers[static_cast<std::size_t>(node_.inputs[i])];
  return index < 0 ? nullptr : &work_.graph.nodes[static_cast<std::size_t>(index)];
}

Result<std::vector<std::int64_t>> NodeExporter::integers(std::size_t i, const char* what) const {
  const Tensor* tensor = constant(i);
  if (tensor == nullptr) return unsupported(fmt::format("{} is not constant", what));
  if (tensor->dtype() == DType::kInt32) {
    const auto* data = tensor->data<std::int32_t>();
    return std::vector<std::int64_t>(data, data + tensor->elements());
  }
  if (tensor->dtype() != DType::kInt64) return unsupported(fmt::format("{} is no list of integers", what));
  return std::vector<std::int64_t>(tensor->data<std::int64_t>(), tensor->data<std::int64_t>() + tensor->elements());
}

Result<std::size_t> NodeExporter::rank(std::size_t i) const {
  if (dims(i)) return dims(i)->size();
  return unsupported(fmt::format("how many axes its input {} has is not known before a run", i));
}

Source NodeExporter::list(std::string_view what, std::span<const std::int64_t> values) {
  return work_.network.constant(
      name_of(what),
      {DType::kInt64, {static_cast<std::int64_t>(values.size())}, bytes_of(values.data(), values.size_bytes())});
}

Source NodeExporter::number(std::string_view what, std::int64_t value) {
  return work_.network.constant(name_of(what), {DType::kInt64, {}, bytes_of(&value, sizeof value)});
}

Source NodeExporter::floats(std::string_view what, std::span<const float> values, Shape shape) {
  return work_.network.constant(
      name_of(what), {DType::kFloat32, std::move(shape), bytes_of(values.data(), values.size_bytes())}, true);
}

Source NodeExporter::bytes(std::string_view what, const Tensor& tensor, Shape shape) {
  return work_.network.constant(name_of(what),
                                {tensor.dtype(), std::move(shape), bytes_of(tensor.raw(), tensor.bytes())});
}

Source NodeExporter::as_shape(std::size_t i, Shape shape) {
  const Tensor& tensor = *constant(i);
  return work_.network.constant(work_.names[static_cast<std::size_t>(node_.inputs[i])],
                                {tensor.dtype(), std::move(shape), bytes_of(tensor.raw(), tensor.bytes())});
}

Source NodeExporter::step(const char* type, const char* version, LayerData data, std::vector<Source> inputs,
                          std::string_view what, DType to, std::optional<Shape> dims) {
  return work_.network.add({type, version, name_of(what), std::move(data), std::move(inputs), {{to, std::move(dims)}}});
}

Status NodeExporter::emit(const char* type, const char* version, LayerData data, std::vector<Source> inputs,
                          std::vector<DType> more) {
  WrittenLayer layer{type, version, node_.name, std::move(data), std::move(inputs), {}};
  for (const ValueId id : node_.outputs) {
    if (id == kNoValue) {
      layer.outputs.push_back({DType::kFloat32, std::nullopt});
    } else {
      layer.outputs.push_back({work_.graph.value(id).dtype, dims_of(id), work_.names[static_cast<std::size_t>(id)]});
    }
  }
  for (const DType dtype : more) layer.outputs.push_back({dtype, std::nullopt});
  if (layer.name.empty()) layer.name = layer.outputs[0].name;
  const Source first = work_.network.add(layer);
  for (std::size_t k = 0; k < node_.outputs.size(); ++k) {
    if (node_.outputs[k] != kNoValue)
      work_.sources[static_cast<std::size_t>(node_.outputs[k])] = Source{first.layer, k};
  }
  return {};
}

Status NodeExporter::emit_binary(const char* type, std::vector<Source> inputs) {
  return emit(type, "opset1", {{"auto_broadcast", "numpy"}}, std::move(inputs));
}

}  // namespace saker::openvino_ir
