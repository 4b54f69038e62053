#include "graph/printer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "graph/op_def.h"

namespace saker {
namespace {

std::string window_text(const WindowAttrs& window) {
  std::string text = fmt::format("kernel={}", fmt::join(window.kernel, "x"));
  if (!window.strides.empty()) text += fmt::format(" stride={}", fmt::join(window.strides, "x"));
  if (!window.pads.empty()) text += fmt::format(" pads={}", fmt::join(window.pads, ","));
  if (!window.dilations.empty()) text += fmt::format(" dilation={}", fmt::join(window.dilations, "x"));
  if (window.auto_pad != AutoPad::kExplicit) text += " auto_pad";
  return text;
}

}  // namespace

const char* activation_name(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kNone:
      return "none";
    case ActivationKind::kRelu:
      return "relu";
    case ActivationKind::kLeakyRelu:
      return "leaky_relu";
    case ActivationKind::kClip:
      return "clip";
    case ActivationKind::kSigmoid:
      return "sigmoid";
    case ActivationKind::kSilu:
      return "silu";
    case ActivationKind::kHardSwish:
      return "hard_swish";
    case ActivationKind::kHardSigmoid:
      return "hard_sigmoid";
  }
  return "?";
}

static std::string conv_text(const ConvAttrs& conv) {
  std::string text = window_text(conv.window);
  if (conv.group != 1) text += fmt::format(" group={}", conv.group);
  if (conv.activation.kind != ActivationKind::kNone) text += fmt::format(" {}", activation_name(conv.activation.kind));
  return text;
}

std::string print_attributes(const Node& node) {
  if (const auto* conv = std::get_if<ConvInt8Attrs>(&node.attrs)) {
    std::string text = conv_text(conv->conv);
    if (!conv->table.empty()) text += " table";
    if (node.has_input(2)) text += " +residual";
    if (node.has_input(3)) text += " dynamic";
    return text;
  }
  if (const auto* conv = std::get_if<ConvAttrs>(&node.attrs)) {
    std::string text = conv_text(*conv);
    if (node.has_input(3)) text += " +residual";
    if (node.has_input(4)) text += " +upsampled";
    return text;
  }
  if (const auto* pool = std::get_if<PoolAttrs>(&node.attrs)) return window_text(pool->window);
  if (const auto* axis = std::get_if<AxisAttrs>(&node.attrs)) return fmt::format("axis={}", axis->axis);
  if (const auto* split = std::get_if<SplitAttrs>(&node.attrs)) return fmt::format("axis={}", split->axis);
  if (const auto* softmax = std::get_if<SoftmaxAttrs>(&node.attrs)) {
    return fmt::format("axis={}{}", softmax->axis, softmax->expectation.empty() ? "" : " expectation");
  }
  if (const auto* transpose = std::get_if<TransposeAttrs>(&node.attrs))
    return fmt::format("perm={}", fmt::join(transpose->perm, ","));
  if (const auto* cast = std::get_if<CastAttrs>(&node.attrs)) return fmt::format("to={}", dtype_name(cast->to));
  return "";
}

std::string print_value(const Graph& graph, ValueId id) {
  if (id == kNoValue) return "-";
  const Value& value = graph.value(id);
  const std::string shape = value.shape ? to_string(*value.shape) : "[?]";
  return fmt::format("{}{}:{}{}", value.constant ? "#" : "%", value.name, dtype_name(value.dtype), shape);
}

std::string print(const Graph& graph) {
  std::string text;
  const auto list = [&](const std::vector<ValueId>& ids) {
    std::string joined;
    for (const ValueId id : ids) joined += (joined.empty() ? "" : ", ") + print_value(graph, id);
    return joined;
  };
  text += fmt::format("inputs   {}\n", list(graph.inputs));
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const std::string attributes = print_attributes(node);
    text += fmt::format("{:4}  {} = {}{}{}({})\n", i, list(node.outputs), op_def(node.op).name,
                        attributes.empty() ? "" : " ", attributes, list(node.inputs));
  }
  text += fmt::format("outputs  {}\n", list(graph.outputs));
  return text;
}

}  // namespace saker
