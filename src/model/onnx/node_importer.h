// What an operator's importer sees: one ONNX node, typed access to its attributes, and the graph
// under construction.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "graph/graph.h"
#include "model/onnx/proto.h"

namespace saker::onnx {

// The values of the graph under construction, by their names in the file.
struct ImportNames {
  std::unordered_map<std::string_view, ValueId> ids;
  std::unordered_map<ValueId, DType> four_bit;  // those that are int4 or uint4 there: int8 or uint8 here
};

class NodeImporter {
 public:
  NodeImporter(Graph& graph, ImportNames& names, const NodeProto& proto, std::int64_t opset, TensorSource& source,
               std::size_t index);

  std::int64_t opset() const { return opset_; }
  std::size_t input_count() const { return inputs_.size(); }
  // kNoValue when absent.
  ValueId input(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : kNoValue; }
  // Null: not a constant of the file.
  const Tensor* constant(std::size_t i) const;
  // For nodes of which steps are made. Error: fewer inputs or more, or one of the first `least` is absent.
  Status check_inputs(std::size_t least, std::size_t most) const;

  // Attributes; the default when absent, an error when of another type.
  Result<std::int64_t> int_attr(std::string_view name, std::int64_t fallback) const;
  Result<float> float_attr(std::string_view name, float fallback) const;
  Result<std::string_view> text_attr(std::string_view name, std::string_view fallback) const;
  Result<std::vector<std::int64_t>> ints_attr(std::string_view name) const;  // empty when absent
  Result<std::vector<float>> floats_attr(std::string_view name) const;       // empty when absent
  // The same, from `least` to `most`.
  Result<std::int64_t> int_attr_within(std::string_view name, std::int64_t fallback, std::int64_t least,
                                       std::int64_t most) const;
  Result<std::vector<std::int64_t>> ints_attr_within(std::string_view name, std::int64_t least,
                                                     std::int64_t most) const;
  Result<std::vector<std::string_view>> texts_attr(std::string_view name) const;
  Result<std::optional<Tensor>> tensor_attr(std::string_view name);  // of 4-bit numbers: the outputs are such too
  bool has_attr(std::string_view name) const { return find(name) != nullptr; }
  Result<bool> bool_attr(std::string_view name, bool fallback) const;

  // New constants, for attributes that became inputs.
  Result<ValueId> int_constant(std::string_view what, std::span<const std::int64_t> values, bool scalar = false);
  Result<ValueId> float_constant(std::string_view what, std::span<const float> values, DType dtype,
                                 bool scalar = false);

  // A number of the type that a tensor will have.
  Result<ValueId> number_like(std::string_view what, float number, ValueId like);
  ValueId add_constant(std::string_view what, Tensor tensor);

  // The type in which a value of 4-bit numbers is kept; empty: it is none.
  std::optional<DType> four_bit(ValueId id) const;
  // Whether the outputs are; if nothing else is said, they are what input 0 is.
  void set_four_bit(std::optional<DType> type) { four_bit_ = type; }

  // Appends the node with all ONNX inputs, or with the given ones.
  Status emit(Op op, Attributes attrs = {});
  Status emit(Op op, Attributes attrs, std::vector<ValueId> inputs);
  // A node for one of the outputs alone; nothing if it is not wanted.
  Status emit_output(std::size_t i, Op op, Attributes attrs, std::vector<ValueId> inputs);
  // A node on the way to the outputs; the id of its result.
  ValueId step(Op op, Attributes attrs, std::vector<ValueId> inputs, std::string_view what);
  // Makes the node's only output a constant.
  Status emit_constant(Tensor tensor);
  // Defines the outputs without a node that computes them.
  void emit_nothing();

  const NodeProto& proto() const { return proto_; }
  // Resolves the input names. Error: a name nothing defines.
  Status resolve();

 private:
  const AttributeProto* find(std::string_view name) const;
  ValueId define(std::string_view output);
  Status append(Op op, Attributes attrs, std::vector<ValueId> inputs, std::vector<ValueId> outputs);
  void name_value(std::string_view name, ValueId id);

  Graph& graph_;
  ImportNames& names_;
  const NodeProto& proto_;
  std::int64_t opset_;
  TensorSource& source_;
  std::string node_name_;
  std::vector<ValueId> inputs_;
  std::optional<DType> four_bit_;
};

using ImportFn = Status (*)(NodeImporter&);
// Null: unknown operator. The domain "" is ONNX's own.
ImportFn find_importer(std::string_view domain, std::string_view op_type);
std::string supported_operators();  // "Add, AveragePool, ..."

}  // namespace saker::onnx
