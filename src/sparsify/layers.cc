#include "sparsify/layers.h"

#include <fmt/format.h>

#include <cmath>

#include "base/try.h"
#include "sparsify/mask.h"

namespace saker::sparsify {
namespace {

// Less than this part of all weights is not worth what it costs: the first layer, which sees the picture, and the sums
// by which boxes are decoded.
constexpr std::int64_t kLeastPart = 1000;

WeightDims dims_of(const Shape& shape) {
  return {shape[0], shape[1], shape[2] * shape[3]};
}

std::string why_dense(const Node& node, const WeightDims& dims, SparsePattern pattern, std::int64_t all) {
  const auto& attrs = node.as<ConvAttrs>();
  if (attrs.group != 1) return fmt::format("it has {} groups, of few weights each", attrs.group);
  if (attrs.window.auto_pad != AutoPad::kExplicit) return "its pads are not given in numbers";
  if (std::string why = why_not(pattern, dims); !why.empty()) return why;
  if (dims.size() * kLeastPart < all)
    return fmt::format("{} weights of {}: nothing is gained by fewer", dims.size(), all);
  return "";
}

}  // namespace

PrunableLayers find_layers(const Graph& graph, SparsePattern pattern,
                           const std::function<bool(const Node&)>& keep_dense) {
  PrunableLayers found;
  found.points = find_points(graph, PointDensity::kStored, [](const Node&) { return false; });
  found.left_dense = found.points.left_float;
  std::int64_t all = 0;
  for (const QuantizedConv& conv : found.points.convs) all += dims_of(weights_of(graph, conv.node).shape()).size();
  for (std::size_t i = 0; i < found.points.convs.size(); ++i) {
    const std::size_t index = found.points.convs[i].node;
    const Node& node = graph.nodes[index];
    const WeightDims dims = dims_of(weights_of(graph, index).shape());
    const bool asked = keep_dense && keep_dense(node);
    if (asked) found.asked.push_back(index);
    std::string why = asked ? "it was asked to stay dense" : why_dense(node, dims, pattern, all);
    if (!why.empty()) {
      found.left_dense.emplace_back(node.name, std::move(why));
      continue;
    }
    if (const std::string cut = cut_short(pattern, dims); !cut.empty())
      found.notes.push_back(fmt::format("{}: {}: the blocks at the end are smaller", node.name, cut));
    found.layers.push_back({i, index, node.name, dims});
  }
  return found;
}

std::vector<double> bias_of(const Graph& graph, std::size_t node, std::int64_t filters) {
  const Node& conv = graph.nodes[node];
  std::vector<double> bias(static_cast<std::size_t>(filters), 0);
  if (!conv.has_input(2)) return bias;
  const float* from = graph.value(conv.inputs[2]).constant->data<float>();
  for (std::size_t o = 0; o < bias.size(); ++o) bias[o] = static_cast<double>(from[o]);
  return bias;
}

void replace_constant(Graph& graph, std::size_t node, std::size_t input, Tensor tensor) {
  const ValueId old = graph.nodes[node].inputs[input];
  std::string name = graph.value(old).name;
  graph.value(old).name = name + ".dense";
  const ValueId id = graph.add_constant(std::move(name), std::move(tensor));
  graph.nodes[node].inputs[input] = id;
}

Status set_bias(Graph& graph, std::size_t node, const std::vector<double>& bias) {
  SAKER_ASSIGN(Tensor tensor, Tensor::make(DType::kFloat32, {static_cast<std::int64_t>(bias.size())}));
  for (std::size_t o = 0; o < bias.size(); ++o) {
    tensor.data<float>()[o] = static_cast<float>(bias[o]);
    if (!std::isfinite(tensor.data<float>()[o])) return Error{ErrorCode::kInvalid, "its bias is not finite"};
  }
  if (graph.nodes[node].has_input(2)) {
    replace_constant(graph, node, 2, std::move(tensor));
    return {};
  }
  const ValueId id = graph.add_constant(graph.nodes[node].name + ".bias.corrected", std::move(tensor));
  graph.nodes[node].inputs.resize(2);
  graph.nodes[node].inputs.push_back(id);
  return {};
}

std::vector<double> channels_last(const Tensor& weights, const WeightDims& dims) {
  std::vector<double> result(static_cast<std::size_t>(dims.size()));
  std::size_t at = 0;
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t t = 0; t < dims.taps; ++t) {
      for (std::int64_t c = 0; c < dims.in_c; ++c)
        result[at++] = static_cast<double>(weights.data<float>()[(o * dims.in_c + c) * dims.taps + t]);
    }
  }
  return result;
}

Result<Tensor> channels_first(const std::vector<double>& weights, const WeightDims& dims, const Shape& shape) {
  SAKER_ASSIGN(Tensor result, Tensor::make(DType::kFloat32, shape));
  std::size_t at = 0;
  for (std::int64_t o = 0; o < dims.out_c; ++o) {
    for (std::int64_t t = 0; t < dims.taps; ++t) {
      for (std::int64_t c = 0; c < dims.in_c; ++c)
        result.data<float>()[(o * dims.in_c + c) * dims.taps + t] = static_cast<float>(weights[at++]);
    }
  }
  return result;
}

}  // namespace saker::sparsify
