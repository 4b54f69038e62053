// Cast, Clip, Dropout and IsInf.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "base/try.h"
#include "model/onnx/import_ops.h"
#include "model/pick.h"

namespace saker::onnx {
namespace {

// onnx.proto: the names in TensorProto.DataType of the types that opset 1 casts to.
constexpr std::pair<std::string_view, std::int64_t> kTypeNames[] = {
    {"FLOAT", 1}, {"UINT8", 2}, {"INT8", 3},     {"UINT16", 4},  {"INT16", 5},   {"INT32", 6},
    {"INT64", 7}, {"BOOL", 9},  {"FLOAT16", 10}, {"DOUBLE", 11}, {"UINT32", 12}, {"UINT64", 13}};

const Error kTraining = {ErrorCode::kUnsupported, "training mode: export the model in inference mode"};

// By way of int32, so that what does not fit is clamped.
Status cast_to_four_bits(NodeImporter& node, DType kept) {
  node.set_four_bit(kept);
  if (node.input(0) == kNoValue) return Error{ErrorCode::kInvalid, "its input is missing"};
  const ValueId wide = node.step(Op::kCast, CastAttrs{DType::kInt32}, {node.input(0)}, "wide");
  SAKER_ASSIGN(const ValueId clamped, clamped_to_four_bits(node, wide, kept, DType::kInt32));
  return node.emit(Op::kCast, CastAttrs{kept}, {clamped});
}

}  // namespace

// -8 to 7, or 0 to 15, of a value of type `type`; `kept`: the type that the 4-bit numbers are kept in.
Result<ValueId> clamped_to_four_bits(NodeImporter& node, ValueId wide, DType kept, DType type) {
  const bool is_signed = kept == DType::kInt8;
  std::vector<ValueId> inputs = {wide};
  for (const int bound : {is_signed ? -8 : 0, is_signed ? 7 : 15}) {
    SAKER_ASSIGN(Tensor tensor, Tensor::make(type, {}));
    if (type == DType::kInt32) *tensor.data<std::int32_t>() = bound;
    if (type != DType::kInt32) *tensor.data<std::int8_t>() = static_cast<std::int8_t>(bound);
    inputs.push_back(node.add_constant("bound", std::move(tensor)));
  }
  return node.step(Op::kClip, {}, std::move(inputs), "clamped");
}

// The type was a name until opset 6.
Status import_cast(NodeImporter& node) {
  std::int64_t to = 0;
  if (node.opset() < 6 && node.text_attr("to", "").ok()) {
    SAKER_ASSIGN(const std::string_view name, node.text_attr("to", ""));
    SAKER_TRY(pick("unknown type", name, kTypeNames, to));
  } else {
    SAKER_ASSIGN(to, node.int_attr("to", 0));
  }
  SAKER_ASSIGN(const DType dtype, dtype_of(to));
  if (is_four_bit(to)) return cast_to_four_bits(node, dtype);
  node.set_four_bit(std::nullopt);
  return node.emit(Op::kCast, CastAttrs{dtype});
}

Status import_cast_like(NodeImporter& node) {
  if (const auto kept = node.four_bit(node.input(1))) return cast_to_four_bits(node, *kept);
  node.set_four_bit(std::nullopt);
  return node.emit(Op::kCastLike, {}, {node.input(0), node.input(1)});
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

// Of a trained model: the input, and a mask that is true everywhere, which had the input's type until opset 10.
Status import_dropout(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(1, 3));
  if (node.proto().outputs.size() > 2)
    return Error{ErrorCode::kInvalid, fmt::format("it has {} outputs", node.proto().outputs.size())};
  SAKER_ASSIGN(const bool is_test, node.bool_attr("is_test", true));  // until opset 7
  if (!is_test) return kTraining;
  if (node.input(2) != kNoValue) {
    const Tensor* training = node.constant(2);
    if (training == nullptr || training->dtype() != DType::kBool || training->elements() != 1)
      return Error{ErrorCode::kUnsupported, "training mode that is not a constant: export the model in inference mode"};
    if (*training->data<std::uint8_t>() != 0) return kTraining;
  }
  SAKER_TRY(node.emit_output(0, Op::kIdentity, {}, {node.input(0)}));
  if (node.proto().outputs.size() < 2) return {};
  SAKER_ASSIGN(Tensor yes, Tensor::make(DType::kBool, {1}));
  *yes.data<std::uint8_t>() = 1;
  ConstantOfShapeAttrs all{std::move(yes)};
  const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(0)}, "shape");
  if (node.opset() >= 10) return node.emit_output(1, Op::kConstantOfShape, std::move(all), {shape});
  const ValueId mask = node.step(Op::kConstantOfShape, std::move(all), {shape}, "mask");
  return node.emit_output(1, Op::kCastLike, {}, {mask, node.input(0)});
}

Status import_is_inf(NodeImporter& node) {
  IsInfAttrs attrs;
  SAKER_ASSIGN(attrs.negative, node.bool_attr("detect_negative", true));
  SAKER_ASSIGN(attrs.positive, node.bool_attr("detect_positive", true));
  return node.emit(Op::kIsInf, attrs);
}

}  // namespace saker::onnx
