// Operators of one element, or of two.
#include <array>
#include <limits>

#include "base/try.h"
#include "model/openvino_ir/element_types.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

bool is_float(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat64;
}

// Of many inputs: two at a time.
Status export_many(NodeExporter& node, const char* type) {
  const std::size_t count = node.node().inputs.size();
  if (count == 1) return export_identity(node);
  Source so_far = node.input(0);
  for (std::size_t i = 1; i + 1 < count; ++i)
    so_far = node.step(type, "opset1", {{"auto_broadcast", "numpy"}}, {so_far, node.input(i)},
                       fmt::format("first{}", i + 1), node.dtype(0));
  return node.emit_binary(type, {so_far, node.input(count - 1)});
}

// A bound of Clip: what is not given bounds nothing. Empty: computed.
std::optional<float> bound_of(const NodeExporter& node, std::size_t i, float none) {
  if (!node.has_input(i)) return none;
  const Tensor* tensor = node.constant(i);
  if (tensor == nullptr || tensor->dtype() != DType::kFloat32 || tensor->elements() != 1) return std::nullopt;
  return *tensor->data<float>();
}

Status emit_with_floats(NodeExporter& node, const char* type, float first, float second) {
  if (node.dtype(0) != DType::kFloat32) return unsupported("it is not of float32");
  return node.emit(
      type, "opset1", {},
      {node.input(0), node.floats("alpha", std::array{first}, {}), node.floats("beta", std::array{second}, {})});
}

}  // namespace

Status export_cast(NodeExporter& node) {
  return node.emit("Convert", "opset1", {{"destination_type", element_name(node.output_dtype(0))}}, {node.input(0)});
}

// IR has no layer that does nothing, but conversions to the type that is there already.
Status export_identity(NodeExporter& node) {
  return export_cast(node);
}

Status export_clip(NodeExporter& node) {
  constexpr float kMost = std::numeric_limits<float>::max();
  const auto low = bound_of(node, 1, -kMost), high = bound_of(node, 2, kMost);
  if (low && high && *low <= *high && is_float(node.dtype(0)))
    return node.emit("Clamp", "opset1", {{"min", fmt::format("{}", *low)}, {"max", fmt::format("{}", *high)}},
                     {node.input(0)});
  if (!node.has_input(1) && !node.has_input(2)) return export_identity(node);
  if (!node.has_input(2)) return node.emit_binary("Maximum", {node.input(0), node.input(1)});
  if (!node.has_input(1)) return node.emit_binary("Minimum", {node.input(0), node.input(2)});
  const Source raised = node.step("Maximum", "opset1", {{"auto_broadcast", "numpy"}}, {node.input(0), node.input(1)},
                                  "raised", node.dtype(0), node.dims(0));
  return node.emit_binary("Minimum", {raised, node.input(2)});
}

// Quotients of integers are cut off, not rounded down as in Python.
Status export_div(NodeExporter& node) {
  return node.emit("Divide", "opset1", {{"auto_broadcast", "numpy"}, {"m_pythondiv", text(false)}},
                   {node.input(0), node.input(1)});
}

Status export_elu(NodeExporter& node) {
  return node.emit("Elu", "opset1", {{"alpha", fmt::format("{}", node.as<AlphaAttrs>().alpha)}}, {node.input(0)});
}

Status export_gelu(NodeExporter& node) {
  return node.emit("Gelu", "opset7", {{"approximation_mode", node.as<GeluAttrs>().by_tanh ? "TANH" : "ERF"}},
                   {node.input(0)});
}

Status export_hard_sigmoid(NodeExporter& node) {
  const auto& attrs = node.as<HardSigmoidAttrs>();
  return emit_with_floats(node, "HardSigmoid", attrs.alpha, attrs.beta);
}

Status export_is_inf(NodeExporter& node) {
  const auto& attrs = node.as<IsInfAttrs>();
  return node.emit("IsInf", "opset10",
                   {{"detect_negative", text(attrs.negative)}, {"detect_positive", text(attrs.positive)}},
                   {node.input(0)});
}

Status export_leaky_relu(NodeExporter& node) {
  if (node.dtype(0) != DType::kFloat32) return unsupported("it is not of float32");
  const Source slope = node.floats("slope", std::array{node.as<LeakyReluAttrs>().alpha}, {1});
  return node.emit("PReLU", "opset1", {}, {node.input(0), slope});
}

Status export_max(NodeExporter& node) {
  return export_many(node, "Maximum");
}
Status export_min(NodeExporter& node) {
  return export_many(node, "Minimum");
}

// IR's Mod has the sign of the dividend, FloorMod that of the divisor.
Status export_mod(NodeExporter& node) {
  return node.emit_binary(node.as<ModAttrs>().fmod ? "Mod" : "FloorMod", {node.input(0), node.input(1)});
}

// A slope of one axis belongs to the channels in IR and to the last axis here.
Status export_prelu(NodeExporter& node) {
  SAKER_ASSIGN(const std::size_t rank, node.rank(0));
  SAKER_ASSIGN(const std::size_t slope_rank, node.rank(1));
  if (slope_rank != 1 || rank <= 2) return node.emit("PReLU", "opset1", {}, {node.input(0), node.input(1)});
  const Tensor* slope = node.constant(1);
  if (slope == nullptr) return unsupported("a slope that is not constant");
  Shape shape(rank, 1);
  shape.back() = slope->elements();
  return node.emit("PReLU", "opset1", {}, {node.input(0), node.as_shape(1, shape)});
}

Status export_round(NodeExporter& node) {
  return node.emit("Round", "opset5", {{"mode", "half_to_even"}}, {node.input(0)});
}

// Before opset 13, ONNX's went over all axes from the one named on.
Status export_softmax(NodeExporter& node) {
  const auto& attrs = node.as<SoftmaxAttrs>();
  const auto& dims = node.dims(0);
  const bool is_last = attrs.axis == -1 || (dims && attrs.axis == static_cast<std::int64_t>(dims->size()) - 1);
  if (!attrs.expectation.empty() || (attrs.flatten_trailing && !is_last))
    return unsupported("a Softmax over several axes");
  const bool of_log = node.node().op == Op::kLogSoftmax;
  return node.emit(of_log ? "LogSoftmax" : "SoftMax", of_log ? "opset5" : "opset8",
                   {{"axis", std::to_string(attrs.axis)}}, {node.input(0)});
}

}  // namespace saker::openvino_ir
