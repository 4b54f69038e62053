// Activations, and the forms of them that ONNX Runtime writes.
// (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md)
#include "model/onnx/import_activation.h"

#include <fmt/format.h>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

// x * sigmoid(alpha * x)
Status emit_swish(NodeImporter& node, float alpha) {
  SAKER_TRY(node.check_inputs(1, 1));
  const ValueId x = node.input(0);
  if (alpha == 1) return node.emit(Op::kSilu);
  SAKER_ASSIGN(const ValueId slope, node.number_like("alpha", alpha, x));
  const ValueId gate = node.step(Op::kSigmoid, {}, {node.step(Op::kMul, {}, {x, slope}, "scaled")}, "gate");
  return node.emit(Op::kMul, {}, {x, gate});
}

// Of the sum of the inputs.
Status emit_biased_gelu(NodeImporter& node, std::size_t least_inputs, bool by_tanh) {
  SAKER_TRY(node.check_inputs(least_inputs, 2));
  const ValueId sum =
      node.input_count() == 1 ? node.input(0) : node.step(Op::kAdd, {}, {node.input(0), node.input(1)}, "sum");
  return node.emit(Op::kGelu, GeluAttrs{by_tanh}, {sum});
}

}  // namespace

Status import_alpha(NodeImporter& node, Op op) {
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 1));
  return node.emit(op, AlphaAttrs{alpha});
}

Status import_bias_gelu(NodeImporter& node) {
  return emit_biased_gelu(node, 2, false);
}
Status import_fast_gelu(NodeImporter& node) {
  return emit_biased_gelu(node, 1, true);
}

Status import_gelu(NodeImporter& node) {
  SAKER_ASSIGN(const std::string_view approximate, node.text_attr("approximate", "none"));
  if (approximate != "none" && approximate != "tanh")
    return Error{ErrorCode::kInvalid, fmt::format("unknown approximate '{}'", printable_name(approximate))};
  return node.emit(Op::kGelu, GeluAttrs{approximate == "tanh"});
}

Status import_hard_sigmoid(NodeImporter& node) {
  HardSigmoidAttrs attrs;
  SAKER_ASSIGN(attrs.alpha, node.float_attr("alpha", 0.2F));
  SAKER_ASSIGN(attrs.beta, node.float_attr("beta", 0.5F));
  return node.emit(Op::kHardSigmoid, attrs);
}

Status import_leaky_relu(NodeImporter& node) {
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 0.01F));
  return node.emit(Op::kLeakyRelu, LeakyReluAttrs{alpha});
}

// x * tanh(softplus(x))
Status import_mish(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, 1));
  const ValueId x = node.input(0);
  const ValueId gate = node.step(Op::kTanh, {}, {node.step(Op::kSoftplus, {}, {x}, "softplus")}, "tanh");
  return node.emit(Op::kMul, {}, {x, gate});
}

Status import_quick_gelu(NodeImporter& node) {
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 1.702F));
  return emit_swish(node, alpha);
}

// Until opset 6 the parameters had fewer digits.
Status import_selu(NodeImporter& node) {
  const SeluAttrs now = node.opset() < 6 ? SeluAttrs{1.6732F, 1.0507F} : SeluAttrs{};
  SeluAttrs attrs;
  SAKER_ASSIGN(attrs.alpha, node.float_attr("alpha", now.alpha));
  SAKER_ASSIGN(attrs.gamma, node.float_attr("gamma", now.gamma));
  return node.emit(Op::kSelu, attrs);
}

Status import_shrink(NodeImporter& node) {
  ShrinkAttrs attrs;
  SAKER_ASSIGN(attrs.bias, node.float_attr("bias", 0));
  SAKER_ASSIGN(attrs.lambd, node.float_attr("lambd", 0.5F));
  return node.emit(Op::kShrink, attrs);
}

Status import_swish(NodeImporter& node) {
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 1));
  return emit_swish(node, alpha);
}

Status import_softmax_like(NodeImporter& node, Op op) {
  const bool old_form = node.opset() < 13;
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", old_form ? 1 : -1));
  return node.emit(op, SoftmaxAttrs{axis, old_form});
}

Status emit_activated(NodeImporter& node, ValueId x, const NamedActivation& activation) {
  const auto [name, alpha, beta, gamma] = activation;
  if (name.empty()) return node.emit(Op::kIdentity, {}, {x});
  if (name == "Relu") return node.emit(Op::kRelu, {}, {x});
  if (name == "Sigmoid") return node.emit(Op::kSigmoid, {}, {x});
  if (name == "Tanh") return node.emit(Op::kTanh, {}, {x});
  if (name == "Softplus") return node.emit(Op::kSoftplus, {}, {x});
  if (name == "Softsign") return node.emit(Op::kSoftsign, {}, {x});
  if (name == "LeakyRelu") return node.emit(Op::kLeakyRelu, LeakyReluAttrs{alpha.value_or(0.01F)}, {x});
  if (name == "Elu") return node.emit(Op::kElu, AlphaAttrs{alpha.value_or(1)}, {x});
  if (name == "ThresholdedRelu") return node.emit(Op::kThresholdedRelu, AlphaAttrs{alpha.value_or(1)}, {x});
  if (name == "HardSigmoid")
    return node.emit(Op::kHardSigmoid, HardSigmoidAttrs{alpha.value_or(0.2F), beta.value_or(0.5F)}, {x});
  if (name == "Selu") {
    const SeluAttrs plain;
    return node.emit(Op::kSelu, SeluAttrs{alpha.value_or(plain.alpha), gamma.value_or(plain.gamma)}, {x});
  }
  if (name == "Clip" && alpha && beta) {
    SAKER_ASSIGN(const ValueId low, node.number_like("min", *alpha, x));
    SAKER_ASSIGN(const ValueId high, node.number_like("max", *beta, x));
    return node.emit(Op::kClip, {}, {x, low, high});
  }
  return Error{ErrorCode::kUnsupported, fmt::format("activation '{}'", printable_name(name))};
}

}  // namespace saker::onnx
