#include "model/openvino_ir/network_writer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "base/half.h"
#include "model/openvino_ir/element_types.h"

namespace saker::openvino_ir {
namespace {

constexpr std::size_t kAlignment = 64;  // of constants in the .bin

// float16 in place of float32. Empty: a number is too large for it.
std::optional<std::string> narrowed(std::string_view floats) {
  std::string bytes;
  bytes.reserve(floats.size() / 2);
  for (std::size_t at = 0; at < floats.size(); at += sizeof(float)) {
    float wide = 0;
    std::memcpy(&wide, floats.data() + at, sizeof wide);
    const std::uint16_t narrow = float_to_half(wide);
    if (std::isfinite(wide) && !std::isfinite(half_to_float(narrow))) return std::nullopt;
    bytes.append(reinterpret_cast<const char*>(&narrow), sizeof narrow);
  }
  return bytes;
}

// A comma separates the names of a tensor.
std::string escaped(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == ',' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

void append_port(pugi::xml_node parent, std::size_t id, const PortType& type, bool with_names) {
  pugi::xml_node port = parent.append_child("port");
  port.append_attribute("id") = static_cast<unsigned long long>(id);
  port.append_attribute("precision") = precision_name(type.dtype);
  if (with_names && !type.name.empty()) port.append_attribute("names") = escaped(type.name).c_str();
  for (const std::int64_t extent : type.dims.value_or(Shape{}))
    port.append_child("dim").text() = static_cast<long long>(extent);
}

// What XML takes for the name of an element.
bool is_element_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

NetworkWriter::NetworkWriter(const std::string& name, bool half) : half_(half) {
  pugi::xml_node net = document_.append_child("net");
  net.append_attribute("name") = name.c_str();
  net.append_attribute("version") = 11;
  layers_ = net.append_child("layers");
  edges_ = net.append_child("edges");
}

std::string NetworkWriter::free_name(const std::string& wanted) {
  std::string name = wanted.empty() ? "layer" : wanted;
  for (int i = 1; !layer_names_.insert(name).second; ++i) name = fmt::format("{}.{}", wanted, i);
  return name;
}

pugi::xml_node NetworkWriter::append(const WrittenLayer& layer, Source& first) {
  const std::size_t id = outputs_.size();
  pugi::xml_node node = layers_.append_child("layer");
  node.append_attribute("id") = static_cast<unsigned long long>(id);
  node.append_attribute("name") = free_name(layer.name).c_str();
  node.append_attribute("type") = layer.type;
  node.append_attribute("version") = layer.version;
  if (!layer.data.empty()) {
    pugi::xml_node data = node.append_child("data");
    for (const auto& [key, value] : layer.data) data.append_attribute(key) = value.c_str();
  }
  if (!layer.inputs.empty()) {
    pugi::xml_node input = node.append_child("input");
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      const Source& from = layer.inputs[i];
      append_port(input, i, outputs_[from.layer][from.port], false);
      pugi::xml_node edge = edges_.append_child("edge");
      edge.append_attribute("from-layer") = static_cast<unsigned long long>(from.layer);
      edge.append_attribute("from-port") = static_cast<unsigned long long>(inputs_[from.layer] + from.port);
      edge.append_attribute("to-layer") = static_cast<unsigned long long>(id);
      edge.append_attribute("to-port") = static_cast<unsigned long long>(i);
    }
  }
  if (!layer.outputs.empty()) {
    pugi::xml_node output = node.append_child("output");
    for (std::size_t i = 0; i < layer.outputs.size(); ++i)
      append_port(output, layer.inputs.size() + i, layer.outputs[i], true);
  }
  inputs_.push_back(layer.inputs.size());
  outputs_.push_back(layer.outputs);
  first = {id, 0};
  return node;
}

Source NetworkWriter::add(const WrittenLayer& layer) {
  Source first;
  append(layer, first);
  return first;
}

// The same bytes are there once, whatever they are called.
std::size_t NetworkWriter::offset_of(std::string_view bytes) {
  const std::size_t hash = std::hash<std::string_view>()(bytes);
  const auto [begin, end] = places_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const auto [offset, size] = it->second;
    if (std::string_view(bin_).substr(offset, size) == bytes) return offset;
  }
  bin_.resize((bin_.size() + kAlignment - 1) / kAlignment * kAlignment);
  const std::size_t offset = bin_.size();
  bin_.append(bytes);
  places_.emplace(hash, std::pair(offset, bytes.size()));
  return offset;
}

Source NetworkWriter::stored(const std::string& name, const ConstantBytes& constant) {
  return add({"Const",
              "opset1",
              name,
              {{"element_type", element_name(constant.dtype)},
               {"shape", fmt::format("{}", fmt::join(constant.shape, ", "))},
               {"offset", std::to_string(offset_of(constant.bytes))},
               {"size", std::to_string(constant.bytes.size())}},
              {},
              {{constant.dtype, constant.shape}}});
}

Source NetworkWriter::constant(const std::string& name, const ConstantBytes& constant, bool exact) {
  const bool worth_it = constant.dtype == DType::kFloat32 && constant.bytes.size() > sizeof(float);
  const auto narrow = half_ && !exact && worth_it ? narrowed(constant.bytes) : std::nullopt;
  if (!narrow) return stored(name, constant);
  const Source compressed = stored(name + "_compressed", {DType::kFloat16, constant.shape, *narrow});
  Source first;
  pugi::xml_node layer = append({"Convert",
                                 "opset1",
                                 name,
                                 {{"destination_type", element_name(DType::kFloat32)}},
                                 {compressed},
                                 {{DType::kFloat32, constant.shape}}},
                                first);
  // Without the mark the runtime keeps what it converted.
  pugi::xml_node mark = layer.append_child("rt_info").append_child("attribute");
  mark.append_attribute("name") = "decompression";
  mark.append_attribute("version") = "0";
  return first;
}

std::string NetworkWriter::xml(const std::map<std::string, std::string>& metadata) {
  pugi::xml_node info = document_.child("net").append_child("rt_info");
  for (const auto& [key, value] : metadata) {
    const std::size_t dot = key.find('.');
    const std::string group = dot == std::string::npos ? "framework" : key.substr(0, dot);
    const std::string entry = dot == std::string::npos ? key : key.substr(dot + 1);
    if (!is_element_name(group) || !is_element_name(entry)) continue;
    pugi::xml_node parent = info.child(group.c_str());
    if (!parent) parent = info.append_child(group.c_str());
    parent.append_child(entry.c_str()).append_attribute("value") = value.c_str();
  }
  std::ostringstream text;
  document_.save(text, "\t");
  return std::move(text).str();
}

}  // namespace saker::openvino_ir
