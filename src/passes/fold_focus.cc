// YOLOX and the first YOLOv5 begin with a "focus": the pixels of every 2x2 block become channels (Slices and a Concat),
// and a convolution reads those. It is one convolution of the picture, with a kernel, pads and strides twice as large:
//
//   w'[o, c, 2r + a, 2q + b] = w[o, g*C + c, r, q]     where the Concat's input g has the pixels (2y + a, 2x + b)
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/try.h"
#include "graph/ops/slice.h"
#include "passes/passes.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

// The pixels (start[0] + i * step[0], start[1] + j * step[1]) of all channels of a picture.
struct Sampling {
  ValueId picture = kNoValue;
  std::array<std::int64_t, 2> start{0, 0}, step{1, 1};
};

// Follows Slices from `id` up to what they cut; empty if one cuts anything but rows and columns.
Result<std::optional<Sampling>> sampling_of(const Graph& graph, const Uses& uses, ValueId id) {
  constexpr int kLongest = 4;  // of real models: 2
  Sampling out;
  for (int depth = 0; uses.producer_of(id, Op::kSlice) >= 0; ++depth) {
    if (depth == kLongest) return std::optional<Sampling>();
    const std::int32_t i = uses.producer_of(id, Op::kSlice);
    const Node& slice = graph.nodes[static_cast<std::size_t>(i)];
    SAKER_ASSIGN(const auto plan, ops::plan_slice(ops::Args(graph, slice)));
    const auto& from = graph.value(slice.inputs[0]).shape;
    if (!plan || plan->shape.size() != 4 || !from || (*from)[0] != plan->shape[0] || (*from)[1] != plan->shape[1] ||
        plan->step[0] != 1 || plan->step[1] != 1) {
      return std::optional<Sampling>();
    }
    for (std::size_t k = 0; k < 2; ++k) {
      if (plan->step[2 + k] < 1 || plan->step[2 + k] > 2 || plan->start[2 + k] > 1) return std::optional<Sampling>();
      out.start[k] = plan->start[2 + k] + plan->step[2 + k] * out.start[k];
      out.step[k] *= plan->step[2 + k];
    }
    id = slice.inputs[0];
  }
  out.picture = id;
  return std::optional<Sampling>(out);
}

// A Concat of all four pixels of 2x2 blocks: which of them each input has, as 2a + b.
struct Focus {
  ValueId picture = kNoValue;
  std::array<std::size_t, 4> pixel{};
};

Result<std::optional<Focus>> focus_of(const Graph& graph, const Uses& uses, const Node& concat) {
  const auto& shape = graph.value(concat.outputs[0]).shape;
  if (concat.inputs.size() != 4 || !shape || !is_channel_axis(concat.as<AxisAttrs>().axis, shape->size()))
    return std::optional<Focus>();
  Focus out;
  std::array<bool, 4> seen{};
  for (std::size_t g = 0; g < 4; ++g) {
    SAKER_ASSIGN(const auto sampling, sampling_of(graph, uses, concat.inputs[g]));
    if (!sampling || sampling->step != std::array<std::int64_t, 2>{2, 2} || (g > 0 && sampling->picture != out.picture))
      return std::optional<Focus>();
    const auto [a, b] = sampling->start;
    if (a < 0 || a > 1 || b < 0 || b > 1) return std::optional<Focus>();
    out.picture = sampling->picture;
    out.pixel[g] = static_cast<std::size_t>(2 * a + b);
    if (std::exchange(seen[out.pixel[g]], true)) return std::optional<Focus>();
  }
  const auto& picture = graph.value(out.picture).shape;
  if (!picture || (*picture)[2] != 2 * (*shape)[2] || (*picture)[3] != 2 * (*shape)[3]) return std::optional<Focus>();
  return std::optional<Focus>(out);
}

bool can_take(const Graph& graph, const Node& conv) {
  const auto& attrs = conv.as<ConvAttrs>();
  const auto& weights = graph.value(conv.inputs[1]).constant;
  const auto all_one = [](const std::vector<std::int64_t>& values) {
    return std::ranges::all_of(values, [](std::int64_t v) { return v == 1; });
  };
  return attrs.group == 1 && attrs.window.auto_pad == AutoPad::kExplicit && all_one(attrs.window.dilations) &&
         weights && weights->dtype() == DType::kFloat32 && weights->shape().size() == 4;
}

Result<Tensor> spread_weights(const Tensor& weights, const Focus& focus) {
  const Shape& from = weights.shape();
  const std::int64_t channels = from[1] / 4, h = from[2], w = from[3];
  SAKER_ASSIGN(Tensor spread, Tensor::make(DType::kFloat32, {from[0], channels, 2 * h, 2 * w}));
  const float* src = weights.data<float>();
  for (std::int64_t o = 0; o < from[0]; ++o) {
    for (std::int64_t g = 0; g < 4; ++g) {
      const auto pixel = static_cast<std::int64_t>(focus.pixel[static_cast<std::size_t>(g)]);
      for (std::int64_t c = 0; c < channels; ++c) {
        float* to = spread.data<float>() + (o * channels + c) * 4 * h * w + pixel / 2 * 2 * w + pixel % 2;
        for (std::int64_t r = 0; r < h; ++r) {
          for (std::int64_t q = 0; q < w; ++q) to[4 * r * w + 2 * q] = *src++;
        }
      }
    }
  }
  return spread;
}

void doubled(std::vector<std::int64_t>& values, std::size_t count, std::int64_t otherwise) {
  if (values.empty()) values.assign(count, otherwise);
  for (std::int64_t& value : values) value *= 2;
}

}  // namespace

Status fold_focus(Graph& graph) {
  const Uses uses(graph);
  for (Node& conv : graph.nodes) {
    if (conv.op != Op::kConv || !uses.used_once(conv.inputs[1]) || !can_take(graph, conv)) continue;
    const std::int32_t concat = uses.producer_of(conv.inputs[0], Op::kConcat);
    if (concat < 0) continue;
    SAKER_ASSIGN(const auto focus, focus_of(graph, uses, graph.nodes[static_cast<std::size_t>(concat)]));
    if (!focus) continue;
    const Value& weights = graph.value(conv.inputs[1]);
    const std::string name = weights.name + " spread over the picture";
    SAKER_ASSIGN(Tensor spread, spread_weights(*weights.constant, *focus));
    conv.inputs[0] = focus->picture;
    conv.inputs[1] = graph.add_constant(name, std::move(spread));
    WindowAttrs& window = std::get_if<ConvAttrs>(&conv.attrs)->window;
    if (!window.kernel.empty()) doubled(window.kernel, 2, 0);
    doubled(window.strides, 2, 1);
    doubled(window.pads, 4, 0);
  }
  return {};
}

}  // namespace saker
