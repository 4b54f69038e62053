// infer_node and evaluate: the graph side of the operator table.
#include "graph/op_def.h"

#include <fmt/format.h>

#include "base/try.h"
#include "graph/ops/common.h"

namespace saker {
namespace {

class FreshOutputs : public EvalOutputs {
 public:
  FreshOutputs(std::size_t count, std::size_t max_bytes) : tensors(count), left_(max_bytes) {}
  Result<Tensor> allocate(std::size_t i, DType dtype, const Shape& shape) override {
    SAKER_ASSIGN(const std::int64_t count, element_count(shape));
    SAKER_TRY(take(static_cast<std::size_t>(count) * dtype_size(dtype), fmt::format("output {}", i)));
    SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
    if (i < tensors.size()) tensors[i] = tensor;
    return tensor;
  }
  Status take_scratch(std::size_t bytes) override { return take(bytes, "its evaluator"); }
  std::vector<Tensor> tensors;

 private:
  Status take(std::size_t bytes, const std::string& what) {
    if (bytes > left_)
      return Error{ErrorCode::kLimit, fmt::format("{} needs {} bytes, the limit leaves {}", what, bytes, left_)};
    left_ -= bytes;
    return {};
  }

  std::size_t left_;
};

}  // namespace

ValueInfo info_of(const Value& value) {
  return {value.dtype, value.shape ? &*value.shape : nullptr, value.constant ? &*value.constant : nullptr};
}

void InferContext::set_output(std::size_t i, DType dtype, std::optional<Shape> shape) {
  if (i >= outputs_.size() || outputs_[i] == nullptr) return;
  outputs_[i]->dtype = dtype;
  outputs_[i]->shape = std::move(shape);
}

std::string describe(const Node& node) {
  return fmt::format("node '{}' ({})", node.name, op_def(node.op).name);
}

Status infer_node(Graph& graph, const Node& node) {
  std::vector<ValueInfo> infos(node.inputs.size());
  std::vector<const ValueInfo*> inputs(node.inputs.size(), nullptr);
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    infos[i] = info_of(graph.value(node.inputs[i]));
    inputs[i] = &infos[i];
  }
  std::vector<Value*> outputs(node.outputs.size(), nullptr);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue) outputs[i] = &graph.value(node.outputs[i]);
  }
  InferContext context(node, inputs, outputs);
  if (auto status = op_def(node.op).infer(context); !status.ok()) return status.error().with_context(describe(node));
  for (const Value* value : outputs) {
    if (value == nullptr || !value->shape) continue;
    if (auto count = element_count(*value->shape); !count.ok()) return count.error().with_context(describe(node));
  }
  return {};
}

std::size_t scratch_bytes(const Graph& graph, const Node& node) {
  ops::Outputs outputs;
  for (const ValueId id : node.outputs) {
    if (id == kNoValue) {
      outputs.push_back({DType::kFloat32, Shape{0}});
    } else {
      outputs.push_back({graph.value(id).dtype, graph.value(id).shape});
    }
  }
  return ops::scratch_bytes(ops::Args(graph, node), outputs);
}

std::size_t most_open_bytes(const Graph& graph, const Node& node) {
  const OpDef& def = op_def(node.op);
  if (def.most_output == nullptr) return 0;
  const ops::Args args(graph, node);
  return def.most_output(args) + ops::scratch_bytes(args, {});
}

Result<std::vector<Tensor>> evaluate(const Node& node, std::span<const Tensor* const> inputs, std::size_t max_bytes) {
  FreshOutputs outputs(node.outputs.size(), max_bytes);
  EvalContext context(node, inputs, outputs);
  if (auto status = op_def(node.op).eval(context); !status.ok()) return status.error().with_context(describe(node));
  return std::move(outputs.tensors);
}

}  // namespace saker
