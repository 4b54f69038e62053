// Writes OpenVINO IR for tests, well-formed or not: an .xml and a .bin.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <saker/tensor.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace saker::test_support {

inline FileBytes file_bytes(const std::string& text) {
  auto memory = std::shared_ptr<std::byte>(new std::byte[text.size() + 1], std::default_delete<std::byte[]>());
  std::memcpy(memory.get(), text.data(), text.size());
  return {memory, text.size()};
}

template <typename T>
constexpr const char* ir_type() {
  if constexpr (std::is_same_v<T, float>) return "f32";
  if constexpr (std::is_same_v<T, std::int8_t>) return "i8";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "u8";
  if constexpr (std::is_same_v<T, std::uint16_t>) return "f16";
  if constexpr (std::is_same_v<T, std::int32_t>) return "i32";
  return "i64";
}

class IrWriter {
 public:
  // An output port: a layer's number, and which of its outputs.
  struct Ref {
    int layer = 0, port = 0;
  };

  std::int64_t version = 11;
  std::string rt_info;

  // Anything: `attributes` as in XML, a shape for each output. Ports are numbered as OpenVINO does it.
  Ref layer(const std::string& type, const std::vector<Ref>& inputs, const std::vector<Shape>& outputs,
            const std::string& attributes = "", const std::string& precision = "FP32",
            const std::string& opset = "opset1") {
    const int id = next_++;
    ids_.push_back(static_cast<int>(inputs.size()));
    layers_ += fmt::format("<layer id=\"{}\" name=\"{}_{}\" type=\"{}\" version=\"{}\">", id, type, id, type, opset);
    if (!attributes.empty()) layers_ += fmt::format("<data {}/>", attributes);
    if (!inputs.empty()) layers_ += "<input>";
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      layers_ += fmt::format("<port id=\"{}\"/>", i);
      edge(inputs[i].layer, port_id(inputs[i]), id, static_cast<int>(i));
    }
    if (!inputs.empty()) layers_ += "</input>";
    if (!outputs.empty()) layers_ += "<output>";
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      layers_ += fmt::format("<port id=\"{}\" precision=\"{}\">", inputs.size() + i, precision);
      for (const std::int64_t extent : outputs[i]) layers_ += fmt::format("<dim>{}</dim>", extent);
      layers_ += "</port>";
    }
    if (!outputs.empty()) layers_ += "</output>";
    layers_ += "</layer>\n";
    return {id, 0};
  }
  Ref parameter(const Shape& shape, const std::string& type = "f32", const std::string& precision = "FP32") {
    return layer("Parameter", {}, {shape}, fmt::format("shape=\"{}\" element_type=\"{}\"", fmt::join(shape, ","), type),
                 precision);
  }
  template <typename T>
  Ref constant(const Shape& shape, const std::vector<T>& values) {
    bin_.resize((bin_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T));
    const std::size_t offset = bin_.size(), size = values.size() * sizeof(T);
    bin_.append(reinterpret_cast<const char*>(values.data()), size);
    return constant_at(ir_type<T>(), shape, static_cast<std::int64_t>(offset), static_cast<std::int64_t>(size));
  }
  Ref constant_at(const std::string& type, const Shape& shape, std::int64_t offset, std::int64_t size) {
    return layer("Const", {}, {shape},
                 fmt::format("element_type=\"{}\" shape=\"{}\" offset=\"{}\" size=\"{}\"", type, fmt::join(shape, ", "),
                             offset, size),
                 type == "f32"   ? "FP32"
                 : type == "f16" ? "FP16"
                 : type == "i8"  ? "I8"
                 : type == "u8"  ? "U8"
                 : type == "i32" ? "I32"
                                 : "I64");
  }
  void result(Ref from) { layer("Result", {from}, {}); }
  void edge(int from_layer, int from_port, int to_layer, int to_port) {
    edges_ += fmt::format("<edge from-layer=\"{}\" from-port=\"{}\" to-layer=\"{}\" to-port=\"{}\"/>\n", from_layer,
                          from_port, to_layer, to_port);
  }
  void raw_layer(const std::string& text) {
    layers_ += text;
    ids_.push_back(0);
    ++next_;
  }

  std::string xml() const {
    return fmt::format(
        "<?xml version=\"1.0\"?>\n<net name=\"test\" version=\"{}\">\n<layers>\n{}</layers>\n<edges>\n{}"
        "</edges>\n<rt_info>{}</rt_info>\n</net>",
        version, layers_, edges_, rt_info);
  }
  const std::string& bin() const { return bin_; }

 private:
  int port_id(Ref ref) const { return ids_[static_cast<std::size_t>(ref.layer)] + ref.port; }

  std::string layers_, edges_, bin_;
  std::vector<int> ids_;  // of each layer: its number of inputs
  int next_ = 0;
};

}  // namespace saker::test_support
