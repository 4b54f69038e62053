// What an exporter of one operator works with: the node, where its inputs come from, and layers to write.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <saker/result.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "model/openvino_ir/exporter.h"
#include "model/openvino_ir/network_writer.h"

namespace saker::openvino_ir {

inline Error unsupported(std::string_view what) {
  return {ErrorCode::kUnsupported, fmt::format("it cannot be written as OpenVINO IR: {}", what)};
}

inline std::string text(bool value) {
  return value ? "true" : "false";
}
inline std::string text(std::span<const std::int64_t> values) {
  return fmt::format("{}", fmt::join(values, ", "));
}

// What all nodes of a graph share.
struct ExportWorkspace {
  ExportWorkspace(const Graph& from, const ExportOptions& how);
  Source source_of(ValueId id);

  const Graph& graph;
  const ExportOptions& options;
  NetworkWriter network;
  std::vector<std::optional<Source>> sources;     // of each value; constants get theirs when they are first read
  std::vector<std::int32_t> producers;            // producers()
  std::vector<std::vector<const Node*>> readers;  // of each value
  std::vector<std::string> names;                 // of each value, no two the same
};

class NodeExporter {
 public:
  NodeExporter(ExportWorkspace& work, const Node& node) : work_(work), node_(node) {}

  const Node& node() const { return node_; }
  template <typename T>
  const T& as() const {
    return node_.as<T>();
  }

  bool has_input(std::size_t i) const { return node_.has_input(i); }
  Source input(std::size_t i) { return work_.source_of(node_.inputs[i]); }
  const Tensor* constant(std::size_t i) const;  // null: not a constant
  DType dtype(std::size_t i) const { return value(i).dtype; }
  const std::optional<Shape>& dims(std::size_t i) const { return dims_of(node_.inputs[i]); }
  const std::optional<Shape>& output_dims(std::size_t k) const { return dims_of(node_.outputs[k]); }
  DType output_dtype(std::size_t k) const { return work_.graph.value(node_.outputs[k]).dtype; }
  const Node* producer(std::size_t i) const;  // null: none
  ExportWorkspace& work() { return work_; }

  // A constant list of integers.
  Result<std::vector<std::int64_t>> integers(std::size_t i, const char* what) const;
  Result<std::size_t> rank(std::size_t i) const;  // error: not known

  // New constants.
  Source list(std::string_view what, std::span<const std::int64_t> values);
  Source number(std::string_view what, std::int64_t value);  // a scalar
  Source floats(std::string_view what, std::span<const float> values, Shape shape);
  Source as_shape(std::size_t i, Shape shape);  // input i, a constant, with another shape
  Source bytes(std::string_view what, const Tensor& tensor, Shape shape);

  // A layer on the way to the outputs.
  Source step(const char* type, const char* version, LayerData data, std::vector<Source> inputs, std::string_view what,
              DType to, std::optional<Shape> dims = std::nullopt);
  // The layer that makes the node's outputs. `more`: outputs that it has besides, which nobody reads.
  Status emit(const char* type, const char* version, LayerData data, std::vector<Source> inputs,
              std::vector<DType> more = {});
  // The same for a layer that broadcasts as NumPy does.
  Status emit_binary(const char* type, std::vector<Source> inputs);

 private:
  const Value& value(std::size_t i) const { return work_.graph.value(node_.inputs[i]); }
  const std::optional<Shape>& dims_of(ValueId id) const;
  std::string name_of(std::string_view what) const { return fmt::format("{}.{}", node_.name, what); }

  ExportWorkspace& work_;
  const Node& node_;
};

// Writes the node's layers. Error kUnsupported: IR has no such layer.
Status export_node(NodeExporter& node);

// Whether the node is written only for those readers that need it as it is: see export_quantized.cc.
bool is_part_of_readers(const ExportWorkspace& work, const Node& node);

}  // namespace saker::openvino_ir
