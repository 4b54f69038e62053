// Cast, Clip, HardSigmoid, LeakyRelu, Mod, Softmax, reductions.
#include <array>
#include <limits>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

// Axes were an attribute until opset 18 (ReduceSum: 13), an input since.
Status import_reduce(NodeImporter& node, Op op, std::int64_t input_since) {
  ReduceAttrs attrs;
  SAKER_ASSIGN(attrs.keepdims, node.bool_attr("keepdims", true));
  if (node.opset() >= input_since) {
    SAKER_ASSIGN(attrs.noop_with_empty_axes, node.bool_attr("noop_with_empty_axes", false));
    return node.emit(op, attrs);
  }
  SAKER_ASSIGN(const std::vector<std::int64_t> axes, node.ints_attr("axes"));
  if (axes.empty()) return node.emit(op, attrs);
  SAKER_ASSIGN(const ValueId axes_input, node.int_constant("axes", axes));
  return node.emit(op, attrs, {node.input(0), axes_input});
}

}  // namespace

Status import_cast(NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t to, node.int_attr("to", 0));
  SAKER_ASSIGN(const DType dtype, dtype_of(to));
  return node.emit(Op::kCast, CastAttrs{dtype});
}

// Bounds were attributes until opset 11.
Status import_clip(NodeImporter& node) {
  if (node.opset() >= 11) return node.emit(Op::kClip);
  SAKER_ASSIGN(const float low, node.float_attr("min", std::numeric_limits<float>::lowest()));
  SAKER_ASSIGN(const float high, node.float_attr("max", std::numeric_limits<float>::max()));
  SAKER_ASSIGN(const ValueId low_input, node.float_constant("min", std::array{low}, DType::kFloat32, true));
  SAKER_ASSIGN(const ValueId high_input, node.float_constant("max", std::array{high}, DType::kFloat32, true));
  return node.emit(Op::kClip, {}, {node.input(0), low_input, high_input});
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

Status import_mod(NodeImporter& node) {
  SAKER_ASSIGN(const bool fmod, node.bool_attr("fmod", false));
  return node.emit(Op::kMod, ModAttrs{fmod});
}

Status import_softmax(NodeImporter& node) {
  const bool old_form = node.opset() < 13;
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", old_form ? 1 : -1));
  return node.emit(Op::kSoftmax, SoftmaxAttrs{axis, old_form});
}

Status import_reduce_max(NodeImporter& node) {
  return import_reduce(node, Op::kReduceMax, 18);
}
Status import_reduce_mean(NodeImporter& node) {
  return import_reduce(node, Op::kReduceMean, 18);
}
Status import_reduce_sum(NodeImporter& node) {
  return import_reduce(node, Op::kReduceSum, 13);
}

}  // namespace saker::onnx
