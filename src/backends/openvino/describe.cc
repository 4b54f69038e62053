#include "backends/openvino/describe.h"

#include <fmt/format.h>

#include <array>
#include <sstream>

#include "base/try.h"

namespace saker::openvino {
namespace {

const std::array<std::pair<DType, ov::element::Type>, 13>& types() {
  static const std::array<std::pair<DType, ov::element::Type>, 13> all = {{
      {DType::kFloat32, ov::element::f32},
      {DType::kFloat16, ov::element::f16},
      {DType::kBFloat16, ov::element::bf16},
      {DType::kFloat64, ov::element::f64},
      {DType::kInt8, ov::element::i8},
      {DType::kUint8, ov::element::u8},
      {DType::kInt16, ov::element::i16},
      {DType::kUint16, ov::element::u16},
      {DType::kInt32, ov::element::i32},
      {DType::kUint32, ov::element::u32},
      {DType::kInt64, ov::element::i64},
      {DType::kUint64, ov::element::u64},
      {DType::kBool, ov::element::boolean},
  }};
  return all;
}

Result<TensorInfo> describe_port(const ov::Output<const ov::Node>& port) {
  TensorInfo out;
  out.name = port.get_names().empty() ? port.get_node()->get_friendly_name() : port.get_any_name();
  auto dtype = from_openvino(port.get_element_type());
  if (!dtype.ok()) return dtype.error().with_context(fmt::format("'{}'", out.name));
  out.dtype = *dtype;
  const ov::PartialShape& shape = port.get_partial_shape();
  out.has_shape = shape.rank().is_static();
  if (!out.has_shape) return out;
  for (const ov::Dimension& extent : shape) out.shape.push_back(extent.is_static() ? extent.get_length() : -1);
  out.symbols.resize(out.shape.size());  // OpenVINO keeps no names of dimensions
  return out;
}

// A group of metadata, which IR files are read into only when it is asked for. Null if it is something else.
const ov::AnyMap* group(const ov::Model& model, const std::string& key) {
  try {
    return &model.get_rt_info<ov::AnyMap>(key);
  } catch (const ov::Exception&) {
    return nullptr;
  }
}

// Texts, on their own or in groups: "model_info.labels". The group `framework` is where the metadata of the ONNX file
// ends up (`names`, `stride`, `task`): without prefix, as the ONNX file has it.
std::map<std::string, std::string> metadata(const ov::Model& model) {
  std::map<std::string, std::string> out;
  for (const auto& [key, value] : model.get_rt_info()) {
    if (value.is<std::string>()) {
      out.emplace(key, value.as<std::string>());
      continue;
    }
    const ov::AnyMap* const members = group(model, key);
    if (members == nullptr) continue;
    const std::string prefix = key == "framework" ? "" : key + ".";
    for (const auto& [name, text] : *members) {
      if (text.is<std::string>()) out.emplace(prefix + name, text.as<std::string>());
    }
  }
  return out;
}

}  // namespace

Result<DType> from_openvino(const ov::element::Type& type) {
  for (const auto& [ours, theirs] : types()) {
    if (theirs == type) return ours;
  }
  return Error{ErrorCode::kUnsupported, fmt::format("a tensor of OpenVINO's type {}", type.get_type_name())};
}

ov::element::Type to_openvino(DType dtype) {
  for (const auto& [ours, theirs] : types()) {
    if (ours == dtype) return theirs;
  }
  return ov::element::dynamic;
}

Result<ModelDescription> describe(const ov::Model& model) {
  ModelDescription out;
  for (const auto& input : model.inputs()) {
    SAKER_ASSIGN(TensorInfo info, describe_port(input));
    out.inputs.push_back(std::move(info));
  }
  for (const auto& output : model.outputs()) {
    SAKER_ASSIGN(TensorInfo info, describe_port(output));
    out.outputs.push_back(std::move(info));
  }
  out.metadata = metadata(model);
  return out;
}

Error shortened(const Error& error) {
  std::string text;
  std::istringstream lines(error.message);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Exception from ")) text += line + "\n";
  }
  return {error.code, engine_message(text)};
}

}  // namespace saker::openvino
