#include "passes/int8/channels.h"

#include <algorithm>

#include "passes/int8/quantization.h"
#include "passes/rewrite.h"

namespace saker {
namespace {

using Channels = std::vector<ChannelSource>;

bool is_picture(const Graph& graph, ValueId id) {
  return id != kNoValue && graph.value(id).shape && graph.value(id).shape->size() == 4;
}
std::int64_t channels_of(const Graph& graph, ValueId id) {
  return (*graph.value(id).shape)[1];
}

Channels range(std::size_t input, std::int64_t first, std::int64_t count) {
  Channels channels;
  for (std::int64_t c = first; c < first + count; ++c) channels.push_back({input, c});
  return channels;
}

std::optional<std::int64_t> integer_at(const Graph& graph, const Node& node, std::size_t input, std::int64_t i) {
  if (!node.has_input(input)) return std::nullopt;
  const auto& constant = graph.value(node.inputs[input]).constant;
  if (!constant || i >= constant->elements()) return std::nullopt;
  if (constant->dtype() == DType::kInt64) return constant->data<std::int64_t>()[i];
  return constant->dtype() == DType::kInt32 ? std::optional<std::int64_t>(constant->data<std::int32_t>()[i])
                                            : std::nullopt;
}

bool walks_forwards(const Graph& graph, const Node& node) {
  if (!node.has_input(4)) return true;
  const auto& steps = graph.value(node.inputs[4]).constant;
  if (!steps) return false;
  for (std::int64_t i = 0; i < steps->elements(); ++i) {
    if (integer_at(graph, node, 4, i).value_or(-1) < 1) return false;
  }
  return true;
}

// Height and width only, or neighbouring channels.
std::optional<Channels> sliced_channels(const Graph& graph, const Node& node) {
  const std::int64_t in = channels_of(graph, node.inputs[0]), out = channels_of(graph, node.outputs[0]);
  if (!walks_forwards(graph, node)) return std::nullopt;
  if (in == out) return range(0, 0, in);
  const auto& starts = graph.value(node.inputs[1]).constant;
  if (!starts || starts->elements() != 1 || integer_at(graph, node, 4, 0).value_or(1) != 1) return std::nullopt;
  const std::optional<std::int64_t> axis = node.has_input(3) ? integer_at(graph, node, 3, 0) : 0;
  const std::optional<std::int64_t> start = integer_at(graph, node, 1, 0);
  if (!axis || !start || !is_channel_axis(*axis, 4)) return std::nullopt;
  const std::int64_t first = std::clamp<std::int64_t>(*start < 0 ? *start + in : *start, 0, in);
  if (first + out > in) return std::nullopt;
  return range(0, first, out);
}

std::optional<Channels> split_channels(const Graph& graph, const Node& node, std::size_t output) {
  if (!is_channel_axis(node.as<SplitAttrs>().axis, 4)) return range(0, 0, channels_of(graph, node.inputs[0]));
  std::int64_t first = 0;
  for (std::size_t i = 0; i < output; ++i) {
    if (!is_picture(graph, node.outputs[i])) return std::nullopt;
    first += channels_of(graph, node.outputs[i]);
  }
  return range(0, first, channels_of(graph, node.outputs[output]));
}

std::optional<Channels> joined_channels(const Graph& graph, const Node& node) {
  if (!is_channel_axis(node.as<AxisAttrs>().axis, 4)) return std::nullopt;
  Channels all;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (!is_picture(graph, node.inputs[i])) return std::nullopt;
    const Channels part = range(i, 0, channels_of(graph, node.inputs[i]));
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace

std::optional<Channels> moved_channels(const Graph& graph, const Node& node, std::size_t output) {
  if (!moves_elements(graph, node) || !is_picture(graph, node.inputs[0]) || !is_picture(graph, node.outputs[output]))
    return std::nullopt;
  switch (node.op) {
    case Op::kMaxPool:
    case Op::kResize:
      if (channels_of(graph, node.inputs[0]) != channels_of(graph, node.outputs[0])) return std::nullopt;
      return range(0, 0, channels_of(graph, node.inputs[0]));
    case Op::kConcat:
      return joined_channels(graph, node);
    case Op::kSplit:
      return split_channels(graph, node, output);
    case Op::kSlice:
      return sliced_channels(graph, node);
    default:
      return std::nullopt;
  }
}

}  // namespace saker
