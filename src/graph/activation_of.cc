#include "graph/activation_of.h"

#include <limits>

namespace saker {
namespace {

std::optional<Activation> clip_of(const Graph& graph, const Node& node) {
  Activation clip{ActivationKind::kClip, std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max()};
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const auto bound = scalar_constant(graph, node.inputs[i]);
    if (!bound) return std::nullopt;
    (i == 1 ? clip.alpha : clip.beta) = *bound;
  }
  return clip;
}

}  // namespace

bool is_activation(Op op) {
  switch (op) {
    case Op::kRelu:
    case Op::kLeakyRelu:
    case Op::kClip:
    case Op::kSigmoid:
    case Op::kSilu:
    case Op::kHardSigmoid:
    case Op::kHardSwish:
      return true;
    default:
      return false;
  }
}

std::optional<float> scalar_constant(const Graph& graph, ValueId id) {
  if (id == kNoValue) return std::nullopt;
  const auto& constant = graph.value(id).constant;
  if (!constant || constant->elements() != 1 || constant->dtype() != DType::kFloat32) return std::nullopt;
  return *constant->data<float>();
}

std::optional<Activation> activation_of(const Graph& graph, const Node& node) {
  switch (node.op) {
    case Op::kRelu:
      return Activation{ActivationKind::kRelu};
    case Op::kSigmoid:
      return Activation{ActivationKind::kSigmoid};
    case Op::kSilu:
      return Activation{ActivationKind::kSilu};
    case Op::kHardSwish:
      return Activation{ActivationKind::kHardSwish};
    case Op::kLeakyRelu:
      return Activation{ActivationKind::kLeakyRelu, node.as<LeakyReluAttrs>().alpha};
    case Op::kHardSigmoid: {
      const auto& attrs = node.as<HardSigmoidAttrs>();
      return Activation{ActivationKind::kHardSigmoid, attrs.alpha, attrs.beta};
    }
    case Op::kClip:
      return clip_of(graph, node);
    default:
      return std::nullopt;
  }
}

}  // namespace saker
