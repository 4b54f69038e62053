// Activations, SoftMax and LogSoftmax.
#include <fmt/format.h>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {

Status import_clamp(LayerImporter& layer) {
  const DType dtype = layer.dtype(0);
  if (dtype != DType::kFloat32 && dtype != DType::kFloat16)
    return Error{ErrorCode::kUnsupported, fmt::format("Clamp of {}", dtype_name(dtype))};
  if (!layer.has_attr("min") || !layer.has_attr("max")) return Error{ErrorCode::kInvalid, "min or max is missing"};
  SAKER_ASSIGN(const float low, layer.float_attr("min", 0));
  SAKER_ASSIGN(const float high, layer.float_attr("max", 0));
  SAKER_ASSIGN(const ValueId low_input, layer.float_constant("min", low, dtype));
  SAKER_ASSIGN(const ValueId high_input, layer.float_constant("max", high, dtype));
  return layer.emit(Op::kClip, {}, {layer.input(0), low_input, high_input});
}

Status import_hard_sigmoid(LayerImporter& layer) {
  HardSigmoidAttrs attrs;
  SAKER_ASSIGN(attrs.alpha, layer.one_float(1, "alpha"));
  SAKER_ASSIGN(attrs.beta, layer.one_float(2, "beta"));
  return layer.emit(Op::kHardSigmoid, attrs, {layer.input(0)});
}

// min(max(x + 3, 0), 6) / 6
Status import_h_sigmoid(LayerImporter& layer) {
  return layer.emit(Op::kHardSigmoid, HardSigmoidAttrs{1.0F / 6, 0.5F});
}

// A slope of one axis belongs to the channels, where ONNX would have it broadcast to the last axis.
Status import_prelu(LayerImporter& layer) {
  const Tensor* slope = layer.constant(1);
  if (slope != nullptr && slope->elements() == 1) {
    SAKER_ASSIGN(const float alpha, layer.one_float(1, "its slope"));
    return layer.emit(Op::kLeakyRelu, LeakyReluAttrs{alpha}, {layer.input(0)});
  }
  const Shape& shape = layer.dims(1);
  const std::size_t rank = layer.dims(0).size();
  if (shape.size() != 1 || rank <= 2) return layer.emit(Op::kPRelu);
  Shape channels(rank - 1, 1);
  channels[0] = -1;
  SAKER_ASSIGN(const ValueId to, layer.int_constant("channels", channels));
  const ValueId aligned = layer.step(Op::kReshape, ReshapeAttrs{}, {layer.input(1), to}, "slope", layer.dtype(1));
  return layer.emit(Op::kPRelu, {}, {layer.input(0), aligned});
}

Status import_elu(LayerImporter& layer) {
  SAKER_ASSIGN(const float alpha, layer.float_attr("alpha", 1));
  return layer.emit(Op::kElu, AlphaAttrs{alpha});
}

Status import_gelu(LayerImporter& layer) {
  const std::string_view mode = layer.text_attr("approximation_mode", "ERF");
  if (mode != "ERF" && mode != "TANH")
    return Error{ErrorCode::kInvalid, fmt::format("unknown approximation_mode '{}'", printable_name(mode))};
  return layer.emit(Op::kGelu, GeluAttrs{mode == "TANH"});
}

Status import_is_inf(LayerImporter& layer) {
  IsInfAttrs attrs;
  SAKER_ASSIGN(attrs.negative, layer.bool_attr("detect_negative", true));
  SAKER_ASSIGN(attrs.positive, layer.bool_attr("detect_positive", true));
  return layer.emit(Op::kIsInf, attrs);
}

// Whole numbers stay as they are; ONNX has but one way for those in the middle.
Status import_round(LayerImporter& layer) {
  const std::string_view mode = layer.text_attr("mode", "half_to_even");
  if (mode != "half_to_even") return Error{ErrorCode::kUnsupported, fmt::format("mode '{}'", printable_name(mode))};
  return import_rounding<Op::kRound>(layer);
}

Status import_log_softmax(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.int_attr("axis", 1));
  return layer.emit(Op::kLogSoftmax, SoftmaxAttrs{axis, false});
}

Status import_softmax(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t axis, layer.int_attr("axis", 1));
  return layer.emit(Op::kSoftmax, SoftmaxAttrs{axis, false});
}

// x * sigmoid(beta * x)
Status import_swish(LayerImporter& layer) {
  const ValueId x = layer.input(0);
  const DType dtype = layer.dtype(0);
  ValueId scaled = x;
  if (layer.has_input(1)) {
    SAKER_ASSIGN(const float beta, layer.one_float(1, "beta"));
    if (beta != 1) {
      SAKER_ASSIGN(const ValueId factor, layer.float_constant("beta", beta, dtype));
      scaled = layer.step(Op::kMul, {}, {x, factor}, "scaled", dtype);
    }
  }
  return layer.emit(Op::kMul, {}, {x, layer.step(Op::kSigmoid, {}, {scaled}, "sigmoid", dtype)});
}

}  // namespace saker::openvino_ir
