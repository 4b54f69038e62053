// What the graph knows of each operator: its name, arity, shape rule, and a reference evaluator.
//
// Evaluators serve constant folding, rare operators at run time, and the conformance tests. They
// are written to be checked by eye, accept every element type ONNX allows for the operator (of the
// types in DType), and work on dense row-major tensors.
//
// Adding an operator: a struct in ops.h if it has attributes, infer + eval in one file of
// graph/ops/, one line in graph/ops/table.cc.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "graph/graph.h"

namespace saker {

// What is known of a value while shapes are inferred.
struct ValueInfo {
  DType dtype = DType::kFloat32;
  const Shape* shape = nullptr;      // null: known only at run time
  const Tensor* constant = nullptr;  // null: not a constant
};

ValueInfo info_of(const Value& value);

class InferContext {
 public:
  InferContext(const Node& node, std::span<const ValueInfo* const> inputs, std::span<Value* const> outputs)
      : node_(node), inputs_(inputs), outputs_(outputs) {}

  const Node& node() const { return node_; }
  std::size_t input_count() const { return inputs_.size(); }
  bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
  const ValueInfo& input(std::size_t i) const { return *inputs_[i]; }  // has_input(i)
  std::size_t output_count() const { return outputs_.size(); }

  // An output that is not wanted is ignored. Empty shape: decided at run time.
  void set_output(std::size_t i, DType dtype, std::optional<Shape> shape);

 private:
  const Node& node_;
  std::span<const ValueInfo* const> inputs_;
  std::span<Value* const> outputs_;
};

// Where an evaluator's outputs go: fresh memory, or memory the caller has set aside.
class EvalOutputs {
 public:
  virtual ~EvalOutputs() = default;
  // Dense row-major memory for output i; a scratch tensor if it is not wanted.
  virtual Result<Tensor> allocate(std::size_t i, DType dtype, const Shape& shape) = 0;
  // Before anything is allocated: what the evaluator takes besides. Error kLimit if there is no room for it.
  virtual Status take_scratch(std::size_t bytes) = 0;
};

class EvalContext {
 public:
  EvalContext(const Node& node, std::span<const Tensor* const> inputs, EvalOutputs& outputs)
      : node_(node), inputs_(inputs), outputs_(outputs) {}

  const Node& node() const { return node_; }
  std::size_t input_count() const { return inputs_.size(); }
  bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
  const Tensor& input(std::size_t i) const { return *inputs_[i]; }  // has_input(i)
  std::size_t output_count() const { return node_.outputs.size(); }
  Result<Tensor> output(std::size_t i, DType dtype, const Shape& shape) { return outputs_.allocate(i, dtype, shape); }
  Status take_scratch(std::size_t bytes) { return outputs_.take_scratch(bytes); }

 private:
  const Node& node_;
  std::span<const Tensor* const> inputs_;
  EvalOutputs& outputs_;
};

using InferFn = Status (*)(InferContext&);
using EvalFn = Status (*)(EvalContext&);

namespace ops {
class Args;
struct InferredOutput;
}  // namespace ops

// Bytes at most, of inputs whose shapes are known.
using ScratchFn = std::size_t (*)(const ops::Args&, const std::vector<ops::InferredOutput>&);
using BoundFn = std::size_t (*)(const ops::Args&);

struct OpDef {
  Op op;
  const char* name;  // ONNX's name
  int min_inputs;
  int max_inputs;  // -1: any number
  int min_outputs;
  int max_outputs;  // -1: any number
  InferFn infer;
  EvalFn eval;
  bool widens = false;            // the evaluator works on float32 copies of half-precision tensors
  ScratchFn scratch = nullptr;    // what it takes besides those and its tensors; null: next to nothing
  BoundFn most_output = nullptr;  // of an output whose shape the data decides; null: there is none
};

std::span<const OpDef> op_table();  // ordered by Op
const OpDef& op_def(Op op);
const OpDef* find_op(std::string_view onnx_name);  // null: unknown

// "node 'NAME' (Op)", for messages.
std::string describe(const Node& node);

// Infers dtype and shape of the outputs of one node into the graph's values.
Status infer_node(Graph& graph, const Node& node);

// Bytes that the evaluator of a node of the graph takes besides its inputs and outputs, at most. Their shapes are
// known.
std::size_t scratch_bytes(const Graph& graph, const Node& node);
// Bytes of the node's outputs, and what the evaluator takes besides, where the inputs' shapes are known but the data
// decides the outputs'; 0 where there is no such bound.
std::size_t most_open_bytes(const Graph& graph, const Node& node);

// Runs the reference evaluator into fresh tensors, one per output of the node. Outputs and scratch that would
// take more than max_bytes together are an error (kLimit).
Result<std::vector<Tensor>> evaluate(const Node& node, std::span<const Tensor* const> inputs,
                                     std::size_t max_bytes = SIZE_MAX);

}  // namespace saker
