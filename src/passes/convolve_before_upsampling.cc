// The necks of YOLO detectors concatenate a picture of twice the size with an upsampled one for 1x1 convolutions. Those
// are linear and see one pixel at a time: the upsampled channels are convolved at their own size, with a quarter of the
// multiplications, and the sums are upsampled where the convolution of the other channels adds them
// (CoarsePicture, kernels/conv/conv.h).
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/try.h"
#include "graph/ops/resize.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// Output position o of the axis is input position o / factor.
bool repeats(const ResizeAttrs& attrs, const ops::ResizedAxis& axis, std::int64_t factor) {
  constexpr std::int64_t kLongest = 1 << 16;  // of a picture's side
  if (axis.out != axis.in * factor || axis.out > kLongest) return false;
  if (!axis.touched) return true;
  const ops::ResizeTaps taps = ops::resize_taps(attrs, axis);
  for (std::size_t o = 0; o + 1 < taps.begin.size(); ++o) {
    const std::size_t tap = taps.begin[o];
    if (taps.begin[o + 1] != tap + 1 || taps.weight[tap] != 1.0 ||
        taps.index[tap] != static_cast<std::int64_t>(o) / factor) {
      return false;
    }
  }
  return true;
}

// A Resize that makes 2x2 pixels of each.
Result<bool> doubles(const Graph& graph, const Node& resize) {
  SAKER_ASSIGN(const auto axes, ops::plan_resize(ops::Args(graph, resize)));
  if (!axes || axes->size() != 4 || graph.value(resize.outputs[0]).dtype != DType::kFloat32) return false;
  const auto& attrs = resize.as<ResizeAttrs>();
  for (std::size_t i = 0; i < 4; ++i) {
    if (!repeats(attrs, (*axes)[i], i < 2 ? 1 : 2)) return false;
  }
  return true;
}

bool is_pointwise(const Graph& graph, const Node& node) {
  if (node.op != Op::kConv || node.inputs.size() > 4) return false;
  const auto& attrs = node.as<ConvAttrs>();
  const auto& weights = graph.value(node.inputs[1]).constant;
  return attrs.group == 1 && is_plain(attrs.window) && weights && weights->dtype() == DType::kFloat32 &&
         weights->shape().size() == 4 && weights->shape()[2] == 1 && weights->shape()[3] == 1;
}

// Of each value: whether 1x1 convolutions, and nothing else, read it.
std::vector<bool> only_read_pointwise(const Graph& graph) {
  std::vector<bool> only(graph.values.size(), true);
  const auto exclude = [&](ValueId id) {
    if (id != kNoValue) only[static_cast<std::size_t>(id)] = false;
  };
  for (const Node& node : graph.nodes) {
    for (std::size_t i = is_pointwise(graph, node) ? 1 : 0; i < node.inputs.size(); ++i) exclude(node.inputs[i]);
  }
  std::ranges::for_each(graph.outputs, exclude);
  return only;
}

// Input channels [begin, end) of 1x1 weights.
Result<Tensor> weights_of(const Tensor& weights, std::int64_t begin, std::int64_t end) {
  const std::int64_t in_c = weights.shape()[1];
  SAKER_ASSIGN(Tensor part, Tensor::make(DType::kFloat32, {weights.shape()[0], end - begin, 1, 1}));
  float* to = part.data<float>();
  for (std::int64_t o = 0; o < weights.shape()[0]; ++o) {
    const float* row = weights.data<float>() + o * in_c;
    to = std::copy(row + begin, row + end, to);
  }
  return part;
}

// A Concat along the channels of two inputs, one of them upsampled.
struct Pair {
  ValueId small = kNoValue, other = kNoValue;
  std::int64_t first = 0, channels = 0;  // of the upsampled one
};

class PairFinder {
 public:
  explicit PairFinder(const Graph& graph) : graph_(graph), uses_(graph), only_pointwise_(only_read_pointwise(graph)) {}

  Result<std::optional<Pair>> find(const Node& concat) {
    const ValueId out = concat.outputs[0];
    const auto& shape = graph_.value(out).shape;
    if (concat.inputs.size() != 2 || !only_pointwise_[static_cast<std::size_t>(out)] || !shape ||
        !is_channel_axis(concat.as<AxisAttrs>().axis, shape->size()))
      return std::optional<Pair>();
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int32_t index = uses_.producer_of(concat.inputs[i], Op::kResize);
      if (index < 0) continue;
      const Node& resize = graph_.nodes[static_cast<std::size_t>(index)];
      SAKER_ASSIGN(const bool twice, is_double(index));
      if (!twice) continue;
      const auto channels = [&](std::size_t k) { return (*graph_.value(concat.inputs[k]).shape)[1]; };
      return std::optional(Pair{resize.inputs[0], concat.inputs[1 - i], i == 0 ? 0 : channels(0), channels(i)});
    }
    return std::optional<Pair>();
  }

 private:
  // Looked at once, however many Concats read it.
  Result<bool> is_double(std::int32_t resize) {
    if (const auto known = doubles_.find(resize); known != doubles_.end()) return known->second;
    SAKER_ASSIGN(const bool twice, doubles(graph_, graph_.nodes[static_cast<std::size_t>(resize)]));
    return doubles_[resize] = twice;
  }

  const Graph& graph_;
  Uses uses_;
  std::vector<bool> only_pointwise_;
  std::map<std::int32_t, bool> doubles_;
};

// Makes `conv` read `pair.other`; the result is the convolution of `pair.small`.
Result<Node> split(Graph& graph, Node& conv, const Pair& pair) {
  const ValueId whole = conv.inputs[1];
  const std::string name = graph.value(whole).name;
  const Tensor weights = *graph.value(whole).constant;
  const std::int64_t in_c = weights.shape()[1], first = pair.first, last = pair.first + pair.channels;
  SAKER_ASSIGN(Tensor own, weights_of(weights, first, last));
  SAKER_ASSIGN(Tensor rest, first == 0 ? weights_of(weights, last, in_c) : weights_of(weights, 0, first));
  Node small{Op::kConv,
             conv.name + " before upsampling",
             {pair.small, graph.add_constant(name + " upsampled", own)},
             {graph.add_value(graph.value(conv.outputs[0]).name + " before upsampling", DType::kFloat32)},
             ConvAttrs{conv.as<ConvAttrs>().window, 1, {}}};
  Shape shape = *graph.value(pair.small).shape;
  shape[1] = weights.shape()[0];
  graph.value(small.outputs[0]).shape = shape;
  conv.inputs.resize(4, kNoValue);
  conv.inputs[0] = pair.other;
  conv.inputs[1] = graph.add_constant(name + " not upsampled", rest);
  conv.inputs.push_back(small.outputs[0]);
  return small;
}

}  // namespace

Status convolve_before_upsampling(Graph& graph) {
  PairFinder finder(graph);
  std::vector<std::optional<Pair>> pairs(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (node.op != Op::kConcat) continue;
    SAKER_ASSIGN(pairs[static_cast<std::size_t>(node.outputs[0])], finder.find(node));
  }
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    if (node.op == Op::kConv && pairs[static_cast<std::size_t>(node.inputs[0])]) {
      SAKER_ASSIGN(Node small, split(graph, node, *pairs[static_cast<std::size_t>(node.inputs[0])]));
      nodes.push_back(std::move(small));
    }
    nodes.push_back(std::move(node));
  }
  graph.nodes = std::move(nodes);
  return {};
}

}  // namespace saker
