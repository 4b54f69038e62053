// Activations that exporters write as arithmetic:
//   Silu(x)      = x * Sigmoid(x)
//   HardSwish(x) = x * HardSigmoid(x; 1/6, 1/2) = x * Clip(x + 3, 0, 6) / 6, divided anywhere
// (SiLU: Elfwing et al. 2017; HardSwish: Howard et al. 2019, MobileNetV3)
#include <cmath>

#include "base/try.h"
#include "graph/activation_of.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

bool near(std::optional<float> value, float wanted) {
  return value && std::fabs(*value - wanted) <= 1e-5F * std::fabs(wanted);
}

class Recogniser {
 public:
  explicit Recogniser(Graph& graph) : graph_(graph), uses_(graph) {}

  void run() {
    for (Node& node : graph_.nodes) {
      if (node.op == Op::kMul) rewrite_product(node);
      if (node.op == Op::kDiv && near(scalar_constant(graph_, node.inputs[1]), 6)) rewrite_sixth(node, node.inputs[0]);
    }
  }

 private:
  const Node* made_by(ValueId id, Op op) const {
    const std::int32_t index = uses_.producer_of(id, op);
    return index < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(index)];
  }

  // False where a constant of higher rank makes the result's shape another than x's.
  bool become(Node& node, Op op, ValueId x) const {
    if (graph_.value(node.outputs[0]).shape != graph_.value(x).shape) return false;
    node.op = op;
    node.inputs = {x};
    node.attrs = {};
    return true;
  }

  // Clip(x + 3, 0, 6)
  bool is_shifted_clip(ValueId id, ValueId x) const {
    const Node* clip = made_by(id, Op::kClip);
    if (clip == nullptr || clip->inputs.size() < 3) return false;
    if (scalar_constant(graph_, clip->inputs[1]) != 0.0F || !near(scalar_constant(graph_, clip->inputs[2]), 6))
      return false;
    const Node* add = made_by(clip->inputs[0], Op::kAdd);
    if (add == nullptr) return false;
    return (add->inputs[0] == x && near(scalar_constant(graph_, add->inputs[1]), 3)) ||
           (add->inputs[1] == x && near(scalar_constant(graph_, add->inputs[0]), 3));
  }

  // The value v for which id is v / 6 or v * (1/6); kNoValue if it is neither.
  ValueId sixfold(ValueId id) const {
    if (const Node* div = made_by(id, Op::kDiv); div != nullptr && near(scalar_constant(graph_, div->inputs[1]), 6))
      return div->inputs[0];
    if (const Node* mul = made_by(id, Op::kMul)) {
      for (std::size_t i = 0; i < 2; ++i) {
        if (near(scalar_constant(graph_, mul->inputs[i]), 1.0F / 6)) return mul->inputs[1 - i];
      }
    }
    return kNoValue;
  }

  bool is_hard_sigmoid(ValueId id, ValueId x) const {
    if (const Node* hard = made_by(id, Op::kHardSigmoid)) {
      const auto& attrs = hard->as<HardSigmoidAttrs>();
      return hard->inputs[0] == x && near(attrs.alpha, 1.0F / 6) && near(attrs.beta, 0.5F);
    }
    const ValueId clip = sixfold(id);
    return clip != kNoValue && is_shifted_clip(clip, x);
  }

  void rewrite_product(Node& node) {
    for (std::size_t i = 0; i < 2; ++i) {
      const ValueId x = node.inputs[i];
      const ValueId other = node.inputs[1 - i];
      const Node* sigmoid = made_by(other, Op::kSigmoid);
      if (sigmoid != nullptr && sigmoid->inputs[0] == x && become(node, Op::kSilu, x)) return;
      if (is_hard_sigmoid(other, x) && become(node, Op::kHardSwish, x)) return;
      if (near(scalar_constant(graph_, other), 1.0F / 6) && rewrite_sixth(node, x)) return;
    }
  }

  // node = product / 6, where product = x * Clip(x + 3, 0, 6).
  bool rewrite_sixth(Node& node, ValueId product) {
    const Node* mul = made_by(product, Op::kMul);
    if (mul == nullptr) return false;
    for (std::size_t i = 0; i < 2; ++i) {
      const ValueId x = mul->inputs[i];
      if (is_shifted_clip(mul->inputs[1 - i], x) && become(node, Op::kHardSwish, x)) return true;
    }
    return false;
  }

  Graph& graph_;
  Uses uses_;
};

}  // namespace

Status recognise_activations(Graph& graph) {
  Recogniser(graph).run();
  return remove_dead(graph);
}

}  // namespace saker
