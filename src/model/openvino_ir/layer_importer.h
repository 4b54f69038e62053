// What a layer's importer sees: one IR layer, typed access to its attributes and constant inputs, and the graph under
// construction.
#pragma once

#include <saker/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "graph/graph.h"
#include "model/openvino_ir/constants.h"
#include "model/openvino_ir/network.h"

namespace saker::openvino_ir {

// A value that is scale * (bytes - zero), its parts constants. IR spells it as Convert, Subtract and Multiply.
struct Dequantized {
  Tensor bytes;  // int8 or uint8
  Shape shape;   // of scale and zero: that of the bytes, with 1 where they are the same along an axis
  std::vector<float> scale;
  std::vector<std::int64_t> zero;
  bool has_scale = false, has_zero = false;
};

// What the importers of one file share.
struct Workspace {
  Workspace(const Network& net, const FileBytes& bin);

  const Network& network;
  Graph graph;
  Constants constants;
  std::vector<std::vector<ValueId>> values;       // of each layer's outputs
  std::vector<std::vector<std::size_t>> readers;  // how many inputs read the numbers of each
  std::unordered_map<ValueId, Dequantized> dequantized;
  std::unordered_map<ValueId, std::size_t> convs;  // results of convolutions without bias: their nodes
  std::unordered_map<ValueId, Tensor> decided;     // integers that constants and declared shapes come to
};

class LayerImporter {
 public:
  LayerImporter(Workspace& work, std::size_t index);

  const Layer& layer() const { return layer_; }
  Workspace& work() { return work_; }
  std::size_t input_count() const { return layer_.inputs.size(); }
  bool has_input(std::size_t i) const { return i < input_count(); }
  // Of what stands before in the order of the walk; has_input(i).
  ValueId input(std::size_t i) const;
  const Tensor* constant(std::size_t i) const;  // null: not a constant
  // The same, and short lists of integers that are computed from constants and from shapes that the file declares.
  const Tensor* decided(std::size_t i) const;
  DType dtype(std::size_t i) const;        // as far as the file says; else float32
  const Shape& dims(std::size_t i) const;  // as declared; -1: dynamic
  std::size_t readers(std::size_t output) const;

  // Attributes; the default when absent, an error when malformed.
  bool has_attr(std::string_view name) const;
  Result<std::int64_t> int_attr(std::string_view name, std::int64_t fallback) const;
  Result<float> float_attr(std::string_view name, float fallback) const;
  Result<bool> bool_attr(std::string_view name, bool fallback) const;
  std::string_view text_attr(std::string_view name, std::string_view fallback) const;
  Result<std::vector<std::int64_t>> ints_attr(std::string_view name) const;  // empty when absent

  // Inputs that saker needs to know: constants; integers also where they are decided.
  Result<std::vector<std::int64_t>> ints(std::size_t i, const char* what) const;
  Result<std::int64_t> one_int(std::size_t i, const char* what) const;
  Result<Tensor> floats(std::size_t i, const char* what);  // float32
  Result<float> one_float(std::size_t i, const char* what);
  // Input i as `to`, constant or not.
  Result<ValueId> input_as(std::size_t i, DType to);

  // New constants.
  ValueId constant_of(std::string_view what, Tensor tensor);
  Result<ValueId> int_constant(std::string_view what, std::span<const std::int64_t> values);
  Result<ValueId> float_constant(std::string_view what, float value, DType dtype);
  Result<ValueId> float_list(std::string_view what, std::span<const float> values, Shape shape);

  // Appends the node that makes the layer's outputs, with all inputs or with the given ones.
  Status emit(Op op, Attributes attrs = {});
  Status emit(Op op, Attributes attrs, std::vector<ValueId> inputs);
  // Output k alone.
  void emit_output(std::size_t k, Op op, Attributes attrs, std::vector<ValueId> inputs);
  // The first output only; the others must not be read.
  Status emit_first(Op op, Attributes attrs, std::vector<ValueId> inputs);
  // A node on the way to the outputs; the id of its result.
  ValueId step(Op op, Attributes attrs, std::vector<ValueId> inputs, std::string_view what, DType to = DType::kFloat32);
  // Output k is `id`, which something else makes.
  void set_output(std::size_t k, ValueId id);
  ValueId new_output(std::size_t k);

 private:
  const Source& source(std::size_t i) const { return layer_.inputs[i]; }
  const std::string_view* find(std::string_view name) const;
  void append(Node node);
  void learn(const Node& node);
  std::string name_of(std::string_view what) const;

  Workspace& work_;
  std::size_t index_;
  const Layer& layer_;
};

// The name of an output as programs know it: the tensor's first name, else the layer's.
std::string output_name(const Layer& layer, std::size_t port);

using ImportFn = Status (*)(LayerImporter&);
// An importer is called with as many inputs as it says, all of them defined, and at least one output.
struct ImportEntry {
  std::string_view type;
  ImportFn import;
  std::size_t min_inputs, max_inputs;
};
// Null: unknown.
const ImportEntry* find_importer(const Layer& layer);
std::string supported_layers();  // "Add, AvgPool, ..."

}  // namespace saker::openvino_ir
