// Two convolutions of one input whose results are added are one convolution of the sum of their weights, the smaller
// kernel in the middle of the larger: RepVGG's branches (Ding et al. 2021) as YOLOv9 and v10 are trained with.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/try.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// Weights of a branch whose window moves as the other's does and keeps the picture's size; null: it is none.
const Tensor* branch_weights(const Graph& graph, const Node& conv) {
  const auto& attrs = conv.as<ConvAttrs>();
  if (conv.inputs.size() > 3 || attrs.activation.kind != ActivationKind::kNone) return nullptr;
  for (std::size_t i = 1; i < conv.inputs.size(); ++i) {
    if (!conv.has_input(i)) continue;
    const auto& constant = graph.value(conv.inputs[i]).constant;
    if (!constant || constant->dtype() != DType::kFloat32) return nullptr;
  }
  const Tensor& weights = *graph.value(conv.inputs[1]).constant;
  const WindowAttrs& window = attrs.window;
  const auto all = [](const std::vector<std::int64_t>& list, std::int64_t value) {
    return std::ranges::all_of(list, [&](std::int64_t one) { return one == value; });
  };
  if (weights.shape().size() != 4 || window.auto_pad != AutoPad::kExplicit || !all(window.dilations, 1)) return nullptr;
  const std::int64_t kernel = weights.shape()[2];
  if (kernel % 2 == 0 || weights.shape()[3] != kernel || !all(window.pads, kernel / 2)) return nullptr;
  return kernel == 1 || window.pads.size() == 4 ? &weights : nullptr;
}

bool side_by_side(const Node& a, const Node& b, const Tensor& wa, const Tensor& wb) {
  const auto &one = a.as<ConvAttrs>(), &other = b.as<ConvAttrs>();
  const auto strides = [](const ConvAttrs& attrs) {
    return attrs.window.strides.empty() ? std::vector<std::int64_t>{1, 1} : attrs.window.strides;
  };
  return a.inputs[0] == b.inputs[0] && one.group == other.group && strides(one) == strides(other) &&
         wa.shape()[0] == wb.shape()[0] && wa.shape()[1] == wb.shape()[1];
}

// large += small, in the middle of each kernel.
void add_centred(Tensor& large, const Tensor& small) {
  const std::int64_t k = large.shape()[2], s = small.shape()[2], edge = (k - s) / 2;
  const std::int64_t kernels = large.shape()[0] * large.shape()[1];
  for (std::int64_t i = 0; i < kernels; ++i) {
    for (std::int64_t y = 0; y < s; ++y) {
      float* to = large.data<float>() + (i * k + y + edge) * k + edge;
      const float* from = small.data<float>() + (i * s + y) * s;
      for (std::int64_t x = 0; x < s; ++x) to[x] += from[x];
    }
  }
}

Result<Tensor> summed_bias(const Graph& graph, const Node& a, const Node& b, std::int64_t channels) {
  SAKER_ASSIGN(Tensor bias, Tensor::make(DType::kFloat32, {channels}));
  std::fill_n(bias.data<float>(), channels, 0.0F);
  for (const Node* conv : {&a, &b}) {
    if (!conv->has_input(2)) continue;
    const Tensor& from = *graph.value(conv->inputs[2]).constant;
    for (std::int64_t c = 0; c < std::min(channels, from.elements()); ++c)
      bias.data<float>()[c] += from.data<float>()[c];
  }
  return bias;
}

// The sum as one convolution in place of `sum`.
Result<Node> merged(Graph& graph, const Node& a, const Node& b, const Node& sum) {
  const Tensor &wa = *branch_weights(graph, a), &wb = *branch_weights(graph, b);
  const bool a_larger = wa.shape()[2] >= wb.shape()[2];
  const Node& larger = a_larger ? a : b;
  SAKER_ASSIGN(Tensor weights, to_dense(view_of(a_larger ? wa : wb)));
  add_centred(weights, a_larger ? wb : wa);
  SAKER_ASSIGN(Tensor bias, summed_bias(graph, a, b, weights.shape()[0]));
  Node conv = larger;
  conv.inputs = {larger.inputs[0], graph.add_constant(larger.name + ".merged", std::move(weights)),
                 graph.add_constant(larger.name + ".merged_bias", std::move(bias))};
  conv.outputs = sum.outputs;
  return conv;
}

// The two convolutions that the Add sums; empty: it sums others.
std::optional<std::array<std::size_t, 2>> branches_of(const Graph& graph, const Uses& uses, const Node& add) {
  std::array<std::size_t, 2> branches{};
  std::array<const Tensor*, 2> weights{};
  for (std::size_t k = 0; k < 2; ++k) {
    const std::int32_t conv = uses.used_once(add.inputs[k]) ? uses.producer_of(add.inputs[k], Op::kConv) : -1;
    if (conv < 0) return std::nullopt;
    branches[k] = static_cast<std::size_t>(conv);
    weights[k] = branch_weights(graph, graph.nodes[branches[k]]);
    if (weights[k] == nullptr) return std::nullopt;
  }
  const bool fit = side_by_side(graph.nodes[branches[0]], graph.nodes[branches[1]], *weights[0], *weights[1]);
  return fit ? std::optional(branches) : std::nullopt;
}

}  // namespace

// A sum may be a branch of a later one: its node has become a convolution by then.
Status merge_parallel_convs(Graph& graph) {
  const Uses uses(graph);
  std::vector<bool> dead(graph.nodes.size(), false);
  CopiedWeights copied(graph, uses);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& add = graph.nodes[i];
    const auto branches = add.op == Op::kAdd ? branches_of(graph, uses, add) : std::nullopt;
    if (!branches) continue;
    const Node &a = graph.nodes[(*branches)[0]], &b = graph.nodes[(*branches)[1]];
    if (!copied.may_copy(a.inputs[1]) || !copied.may_copy(b.inputs[1])) continue;
    SAKER_ASSIGN(Node conv, merged(graph, a, b, add));
    graph.nodes[i] = std::move(conv);
    dead[(*branches)[0]] = dead[(*branches)[1]] = true;
  }
  erase_nodes(graph, dead);
  return {};
}

}  // namespace saker
