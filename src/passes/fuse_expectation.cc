// Softmax, then a 1x1 convolution to one channel without bias: the expected value that the boxes of YOLOv8 and later
// are (distribution focal loss: Li et al. 2020).
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// The weights of a convolution that is a weighted sum over channels; null if it is more than that.
const Tensor* weighted_sum(const Graph& graph, const Node& conv) {
  const auto& attrs = conv.as<ConvAttrs>();
  const auto& weights = graph.value(conv.inputs[1]).constant;
  const bool plain = attrs.group == 1 && attrs.activation.kind == ActivationKind::kNone && !conv.has_input(2) &&
                     conv.inputs.size() < 4 && is_plain(attrs.window);
  if (!plain || !weights || weights->dtype() != DType::kFloat32 || weights->shape().size() < 2) return nullptr;
  const Shape& shape = weights->shape();
  return weights->elements() == shape[1] ? &*weights : nullptr;
}

}  // namespace

Status fuse_expectations(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dead(graph.nodes.size(), false);
  for (Node& conv : graph.nodes) {
    if (conv.op != Op::kConv || !uses.used_once(conv.inputs[0])) continue;
    const std::int32_t index = uses.producer_of(conv.inputs[0], Op::kSoftmax);
    if (index < 0 || dead[static_cast<std::size_t>(index)]) continue;
    const Node& softmax = graph.nodes[static_cast<std::size_t>(index)];
    const auto& attrs = softmax.as<SoftmaxAttrs>();
    const auto& shape = graph.value(softmax.inputs[0]).shape;
    const Tensor* weights = weighted_sum(graph, conv);
    if (weights == nullptr || !shape || shape->size() < 2 || attrs.flatten_trailing || !attrs.expectation.empty() ||
        axis_index(attrs.axis, shape->size()) != 1 || (*shape)[1] != weights->elements() ||
        graph.value(conv.outputs[0]).dtype != DType::kFloat32)
      continue;
    Node fused = std::move(graph.nodes[static_cast<std::size_t>(index)]);
    dead[static_cast<std::size_t>(index)] = true;
    std::get_if<SoftmaxAttrs>(&fused.attrs)
        ->expectation.assign(weights->data<float>(), weights->data<float>() + weights->elements());
    fused.outputs = conv.outputs;
    conv = std::move(fused);
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace saker
