// y = scale * (x - mean) / sqrt(var + eps) + bias = x * a + b, per channel. After a convolution
// that nothing else reads, a goes into its weights and b into its bias; otherwise Mul + Add remain.
#include <cmath>

#include "base/try.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

struct Affine {
  std::vector<float> a, b;
};

// Empty when the input is not float32, or the parameters are not float32 constants of one length.
std::optional<Affine> affine_of(const Graph& graph, const Node& node) {
  const Value& x = graph.value(node.inputs[0]);
  if (x.dtype != DType::kFloat32) return std::nullopt;
  const float* parts[4];
  std::int64_t channels = -1;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& constant = graph.value(node.inputs[i + 1]).constant;
    if (!constant || constant->dtype() != DType::kFloat32) return std::nullopt;
    if (channels >= 0 && constant->elements() != channels) return std::nullopt;
    channels = constant->elements();
    parts[i] = constant->data<float>();
  }
  Affine affine;
  const double epsilon = static_cast<double>(node.as<BatchNormalizationAttrs>().epsilon);
  for (std::int64_t c = 0; c < channels; ++c) {
    const double a = static_cast<double>(parts[0][c]) / std::sqrt(static_cast<double>(parts[3][c]) + epsilon);
    affine.a.push_back(static_cast<float>(a));
    affine.b.push_back(static_cast<float>(static_cast<double>(parts[1][c]) - static_cast<double>(parts[2][c]) * a));
  }
  return affine;
}

Result<ValueId> channel_constant(Graph& graph, const std::string& name, const std::vector<float>& values,
                                 std::size_t rank) {
  Shape shape(rank > 1 ? rank - 1 : 1, 1);
  shape[0] = static_cast<std::int64_t>(values.size());
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, std::move(shape)));
  std::copy(values.begin(), values.end(), tensor.data<float>());
  return graph.add_constant(name, std::move(tensor));
}

bool conv_can_take(const Graph& graph, const Node& conv, std::size_t channels) {
  if (conv.inputs.size() > 3 || conv.as<ConvAttrs>().activation.kind != ActivationKind::kNone) return false;
  const auto& weights = graph.value(conv.inputs[1]).constant;
  if (!weights || weights->dtype() != DType::kFloat32 || weights->elements() == 0 || weights->shape().empty() ||
      weights->shape()[0] != static_cast<std::int64_t>(channels))
    return false;
  if (conv.inputs.size() < 3 || conv.inputs[2] == kNoValue) return true;
  const auto& bias = graph.value(conv.inputs[2]).constant;
  return bias && bias->dtype() == DType::kFloat32 && bias->elements() == static_cast<std::int64_t>(channels);
}

Status fold_into_conv(Graph& graph, Node& conv, const Affine& affine) {
  const Tensor old_weights = *graph.value(conv.inputs[1]).constant;
  SAKER_ASSIGN(Tensor weights, Tensor::make(DType::kFloat32, old_weights.shape()));
  const std::size_t channels = affine.a.size();
  const std::size_t per_channel = static_cast<std::size_t>(old_weights.elements()) / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const float* from = old_weights.data<float>() + c * per_channel;
    float* to = weights.data<float>() + c * per_channel;
    for (std::size_t i = 0; i < per_channel; ++i) to[i] = from[i] * affine.a[c];
  }
  SAKER_ASSIGN(Tensor bias, Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(channels)}));
  const bool has_bias = conv.has_input(2);
  for (std::size_t c = 0; c < channels; ++c) {
    const float old_bias = has_bias ? graph.value(conv.inputs[2]).constant->data<float>()[c] : 0.0F;
    bias.data<float>()[c] = old_bias * affine.a[c] + affine.b[c];
  }
  conv.inputs.resize(3, kNoValue);
  conv.inputs[1] = graph.add_constant(conv.name + ".weights", std::move(weights));
  conv.inputs[2] = graph.add_constant(conv.name + ".bias", std::move(bias));
  return {};
}

}  // namespace

Status fold_batch_normalization(Graph& graph) {
  std::vector<Node> nodes;
  std::vector<std::int32_t> moved(graph.nodes.size(), -1);  // old index -> index in nodes
  const Uses uses(graph);
  CopiedWeights copied(graph, uses);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    const auto affine = node.op == Op::kBatchNormalization ? affine_of(graph, node) : std::nullopt;
    if (!affine) {
      moved[i] = static_cast<std::int32_t>(nodes.size());
      nodes.push_back(std::move(node));
      continue;
    }
    const std::int32_t producer = uses.producer(node.inputs[0]);
    Node* conv = producer >= 0 && moved[static_cast<std::size_t>(producer)] >= 0
                     ? &nodes[static_cast<std::size_t>(moved[static_cast<std::size_t>(producer)])]
                     : nullptr;
    if (conv != nullptr && conv->op == Op::kConv && uses.used_once(node.inputs[0]) &&
        conv_can_take(graph, *conv, affine->a.size()) && copied.may_copy(conv->inputs[1])) {
      SAKER_TRY(fold_into_conv(graph, *conv, *affine));
      conv->outputs[0] = node.outputs[0];
      continue;
    }
    if (!graph.value(node.inputs[0]).shape) {
      nodes.push_back(std::move(node));
      continue;
    }
    const std::size_t rank = graph.value(node.inputs[0]).shape->size();
    SAKER_ASSIGN(const ValueId a, channel_constant(graph, node.name + ".scale", affine->a, rank));
    SAKER_ASSIGN(const ValueId b, channel_constant(graph, node.name + ".shift", affine->b, rank));
    const ValueId scaled = graph.add_value(node.name + ".scaled", DType::kFloat32);
    graph.value(scaled).shape = graph.value(node.inputs[0]).shape;
    nodes.push_back({Op::kMul, node.name + ".mul", {node.inputs[0], a}, {scaled}, {}});
    nodes.push_back({Op::kAdd, node.name + ".add", {scaled, b}, {node.outputs[0]}, {}});
  }
  graph.nodes = std::move(nodes);
  return {};
}

}  // namespace saker
