// Dynamic quantization as other layers have it. ONNX Runtime writes
//   Cast(float, Cast(int32, Conv(integers, integers))) * (scale of x * scales of w) + bias
// which becomes Conv(DequantizeLinear(x), DequantizeLinear(w) * scales of w, bias): the same numbers, but for the
// rounding of floats, with scale and zero point of x known at run time only.
#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "passes/int8/quantization.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

bool is_one_number(const Value& value) {
  return value.shape && value.shape->size() <= 1 && element_count(*value.shape).value() == 1;
}

// Broadcast to [N, M, H, W] it is one number for each of the M channels.
bool is_for_channels(const Tensor& constant, std::int64_t channels) {
  const Shape& shape = constant.shape();
  return constant.dtype() == DType::kFloat32 && constant.elements() == channels &&
         (shape.size() == 3 || shape.size() == 4) && shape[shape.size() - 3] == channels;
}

class Scaler {
 public:
  explicit Scaler(Graph& graph)
      : graph_(graph), uses_(graph), count_(graph.nodes.size()), scaled_(graph.nodes.size(), false) {}

  void run() {
    for (std::size_t i = 0; i < count_; ++i) {
      if (graph_.nodes[i].op == Op::kMul) scale(i);
      if (graph_.nodes[i].op == Op::kAdd) add_bias(i);
    }
    sort_nodes(graph_);
  }

 private:
  struct Factor {
    ValueId x = kNoValue, w = kNoValue;  // one number; one for each output channel, if any
  };

  const Node* maker(ValueId id, Op op) const {
    const std::int32_t node = uses_.producer_of(id, op);
    return node < 0 ? nullptr : &graph_.nodes[static_cast<std::size_t>(node)];
  }
  // ... of what only one node reads.
  const Node* private_maker(ValueId id, Op op) const { return uses_.used_once(id) ? maker(id, op) : nullptr; }

  // The convolution whose sums `id` has as floats.
  const Node* integer_conv(ValueId id) const {
    const Node* to_float = private_maker(id, Op::kCast);
    if (to_float == nullptr || to_float->as<CastAttrs>().to != DType::kFloat32) return nullptr;
    const Node* to_integers = private_maker(to_float->inputs[0], Op::kCast);
    if (to_integers == nullptr || to_integers->as<CastAttrs>().to != DType::kInt32) return nullptr;
    const Node* conv = private_maker(to_integers->inputs[0], Op::kConv);
    if (conv == nullptr || conv->has_input(2) || conv->has_input(3) || conv->has_input(4) ||
        conv->as<ConvAttrs>().activation.kind != ActivationKind::kNone)
      return nullptr;
    return integers(conv->inputs[0]) != nullptr && integers(conv->inputs[1]) != nullptr ? conv : nullptr;
  }

  // DequantizeLinear of scale 1.
  const Node* integers(ValueId id) const {
    const Node* node = maker(id, Op::kDequantizeLinear);
    const Tensor* scale =
        node != nullptr && graph_.value(node->inputs[1]).constant ? &*graph_.value(node->inputs[1]).constant : nullptr;
    if (scale == nullptr || graph_.value(node->inputs[0]).dtype == DType::kInt32 || node->as<AxisAttrs>().block != 0)
      return nullptr;
    return std::all_of(scale->data<float>(), scale->data<float>() + scale->elements(),
                       [](float value) { return value == 1; })
               ? node
               : nullptr;
  }

  bool is_scale(ValueId id) const {
    const Value& value = graph_.value(id);
    return value.dtype == DType::kFloat32 && is_one_number(value) &&
           (!value.constant || (*value.constant->data<float>() > 0 && std::isnormal(*value.constant->data<float>())));
  }

  Factor factor_of(ValueId id, std::int64_t channels) const {
    if (is_scale(id)) return {id, kNoValue};
    const Node* product = maker(id, Op::kMul);
    for (std::size_t side = 0; product != nullptr && side < 2; ++side) {
      const auto& scales = graph_.value(product->inputs[1 - side]).constant;
      if (is_scale(product->inputs[side]) && scales && is_for_channels(*scales, channels))
        return {product->inputs[side], product->inputs[1 - side]};
    }
    return {};
  }

  ValueId append(Op op, const std::string& name, std::vector<ValueId> inputs, Shape shape, Attributes attrs) {
    const ValueId id = graph_.add_value(name, DType::kFloat32);
    graph_.value(id).shape = std::move(shape);
    graph_.nodes.push_back({op, name, std::move(inputs), {id}, std::move(attrs), {}});
    return id;
  }

  void scale(std::size_t i) {
    for (std::size_t side = 0; side < 2; ++side) {
      const Node* found = integer_conv(graph_.nodes[i].inputs[side]);
      const auto& shape = graph_.value(graph_.nodes[i].outputs[0]).shape;
      if (found == nullptr || !shape || shape != graph_.value(found->outputs[0]).shape) continue;
      const std::optional<Shape> weights_shape = graph_.value(found->inputs[1]).shape;  // a copy: values are added
      const Node x = *integers(found->inputs[0]);
      if (!weights_shape || weights_shape->size() != 4 || !x.has_input(2) || !is_one_number(graph_.value(x.inputs[2])))
        continue;
      const std::int64_t channels = (*weights_shape)[0];
      const Factor factor = factor_of(graph_.nodes[i].inputs[1 - side], channels);
      if (factor.x == kNoValue) continue;
      Node conv = *found;
      const std::string name = graph_.nodes[i].name;
      if (factor.w != kNoValue) {
        const Tensor scales = graph_.value(factor.w).constant->reshaped({channels, 1, 1, 1});
        conv.inputs[1] = append(Op::kMul, name + ".weights",
                                {conv.inputs[1], graph_.add_constant(name + ".scales", scales)}, *weights_shape, {});
      }
      conv.inputs[0] = append(Op::kDequantizeLinear, name + ".x", {x.inputs[0], factor.x, x.inputs[2]},
                              *graph_.value(x.outputs[0]).shape, x.attrs);
      conv.outputs = graph_.nodes[i].outputs;
      graph_.nodes[i] = std::move(conv);
      scaled_[i] = true;
      return;
    }
  }

  void add_bias(std::size_t i) {
    for (std::size_t side = 0; side < 2; ++side) {
      const Node& node = graph_.nodes[i];
      const std::int32_t made = uses_.producer(node.inputs[side]);
      const auto& bias = graph_.value(node.inputs[1 - side]).constant;
      const auto& shape = graph_.value(node.outputs[0]).shape;
      if (made < 0 || !scaled_[static_cast<std::size_t>(made)] || !uses_.used_once(node.inputs[side]) || !bias ||
          !shape || shape != graph_.value(node.inputs[side]).shape || !is_for_channels(*bias, (*shape)[1]))
        continue;
      Node conv = graph_.nodes[static_cast<std::size_t>(made)];
      const ValueId list = graph_.add_constant(node.name + ".bias", bias->reshaped({(*shape)[1]}));
      conv.inputs.push_back(list);
      conv.outputs = graph_.nodes[i].outputs;
      graph_.nodes[i] = std::move(conv);
      scaled_[static_cast<std::size_t>(made)] = false;
      return;
    }
  }

  Graph& graph_;
  const Uses uses_;
  const std::size_t count_;  // of nodes, at first
  std::vector<bool> scaled_;
};

}  // namespace

Status scale_integers(Graph& graph) {
  if (std::ranges::none_of(graph.nodes, [](const Node& node) { return node.op == Op::kDequantizeLinear; })) return {};
  Scaler(graph).run();
  return remove_dead(graph);
}

}  // namespace saker
