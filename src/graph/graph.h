// The portable graph: what model/ produces and passes/ simplify. Knows nothing of the CPU.
#pragma once

#include <saker/tensor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/ops.h"

namespace saker {

using ValueId = std::int32_t;
constexpr ValueId kNoValue = -1;  // an optional input that is absent

// One tensor of the graph: a graph input, a constant, or the output of one node.
struct Value {
  std::string name;
  DType dtype = DType::kFloat32;
  std::optional<Shape> shape;      // empty: not inferred, or decided by the data at run time
  std::optional<Tensor> constant;  // dense row-major
};

struct Node {
  Op op = Op::kIdentity;
  std::string name;
  std::vector<ValueId> inputs;   // kNoValue: absent
  std::vector<ValueId> outputs;  // kNoValue: not wanted
  Attributes attrs;
  std::string note{};  // why a pass left it as it is, for people

  bool has_input(std::size_t i) const { return i < inputs.size() && inputs[i] != kNoValue; }
  template <typename T>
  const T& as() const {
    return *std::get_if<T>(&attrs);
  }
};

// A dimension of a graph input or output as the file declares it.
struct DeclaredDim {
  std::int64_t size = -1;  // -1: dynamic
  std::string symbol;      // the name of a dynamic dimension, may be empty
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;  // in topological order
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<std::vector<DeclaredDim>> declared_inputs;   // parallel to inputs
  std::vector<std::vector<DeclaredDim>> declared_outputs;  // parallel to outputs, or empty: as their shapes are
  std::map<std::string, std::string> metadata;             // ONNX metadata_props

  Value& value(ValueId id) { return values[static_cast<std::size_t>(id)]; }
  const Value& value(ValueId id) const { return values[static_cast<std::size_t>(id)]; }

  ValueId add_value(std::string value_name, DType dtype);
  ValueId add_constant(std::string value_name, Tensor tensor);
};

// Node index that produces each value, or -1 (inputs and constants).
std::vector<std::int32_t> producers(const Graph& graph);
// Number of uses of each value by nodes and graph outputs.
std::vector<std::int32_t> use_counts(const Graph& graph);

// Axis attribute in [-rank, rank) -> index.
std::size_t axis_index(std::int64_t axis, std::size_t rank);

}  // namespace saker
