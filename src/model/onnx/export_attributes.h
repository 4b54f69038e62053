// Attributes of a node that is written as ONNX, and those of the operators that detectors seldom have.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "model/onnx/export_node.h"

namespace saker::onnx {

inline Error unsupported(std::string_view what) {
  return {ErrorCode::kUnsupported, fmt::format("it cannot be written as ONNX of that opset: {}", what)};
}

class ExportAttributes {
 public:
  explicit ExportAttributes(ExportedNode& node) : node_(node) {}

  void integer(std::string_view name, std::int64_t value) {
    WireWriter a = begin(name);
    a.integer(3, value);
    end(std::move(a), kInt);
  }
  void number(std::string_view name, float value) {
    WireWriter a = begin(name);
    a.number(2, value);
    end(std::move(a), kFloat);
  }
  void text(std::string_view name, std::string_view value) {
    WireWriter a = begin(name);
    a.bytes(4, value);
    end(std::move(a), kString);
  }
  // Lists; an empty one is left out.
  void integers(std::string_view name, const std::vector<std::int64_t>& values) {
    WireWriter a = begin(name);
    for (const std::int64_t value : values) a.integer(8, value);
    if (!values.empty()) end(std::move(a), kInts);
  }
  void numbers(std::string_view name, const std::vector<float>& values) {
    WireWriter a = begin(name);
    for (const float value : values) a.number(7, value);
    if (!values.empty()) end(std::move(a), kFloats);
  }
  void texts(std::string_view name, const std::vector<std::string_view>& values) {
    WireWriter a = begin(name);
    for (const std::string_view value : values) a.bytes(9, value);
    if (!values.empty()) end(std::move(a), kStrings);
  }

 private:
  // onnx.proto: AttributeProto.AttributeType
  static constexpr std::int64_t kFloat = 1, kInt = 2, kString = 3, kFloats = 6, kInts = 7, kStrings = 8;

  static WireWriter begin(std::string_view name) {
    WireWriter a;
    a.bytes(1, name);
    return a;
  }
  void end(WireWriter a, std::int64_t type) {
    a.integer(20, type);
    node_.attributes.push_back(std::move(a));
  }
  ExportedNode& node_;
};

void add_window(const WindowAttrs& window, ExportAttributes& out);

// Whether add_layer knows the operator (export_layers.cc).
bool is_layer(const Node& node);
Status add_layer(const Graph& graph, const Node& node, ExportAttributes& out, ExportedNode& exported);

}  // namespace saker::onnx
