// Arithmetic of two tensors, with NumPy's broadcasting.
#include <fmt/format.h>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

Status check_broadcast(const LayerImporter& layer) {
  const std::string_view kind = layer.text_attr("auto_broadcast", "numpy");
  if (kind == "numpy" || kind == "none") return {};
  return Error{ErrorCode::kUnsupported, fmt::format("auto_broadcast '{}'", printable_name(kind))};
}

Status import_binary(LayerImporter& layer, Op op, Attributes attrs = {}) {
  SAKER_TRY(check_broadcast(layer));
  return layer.emit(op, std::move(attrs));
}

bool is_float(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat64;
}

}  // namespace

Status import_add(LayerImporter& layer) {
  SAKER_TRY(check_broadcast(layer));
  for (const std::size_t x : {std::size_t{0}, std::size_t{1}}) {
    SAKER_ASSIGN(const bool folded, fold_bias(layer, x));
    if (folded) return {};
  }
  return layer.emit(Op::kAdd);
}

Status import_subtract(LayerImporter& layer) {
  SAKER_TRY(check_broadcast(layer));
  SAKER_ASSIGN(const bool done, subtract_zero_point(layer));
  return done ? Status() : layer.emit(Op::kSub);
}

Status import_multiply(LayerImporter& layer) {
  SAKER_TRY(check_broadcast(layer));
  SAKER_ASSIGN(const bool done, multiply_scale(layer));
  return done ? Status() : layer.emit(Op::kMul);
}

// Integers round down as Python's // does, where ONNX's Div cuts off the fraction.
Status import_divide(LayerImporter& layer) {
  SAKER_ASSIGN(const bool rounds_down, layer.bool_attr("m_pythondiv", true));
  if (is_float(layer.dtype(0)) || !rounds_down) return import_binary(layer, Op::kDiv);
  SAKER_TRY(check_broadcast(layer));
  const DType dtype = layer.dtype(0);
  const ValueId a = layer.input(0), b = layer.input(1);
  const ValueId rest = layer.step(Op::kMod, ModAttrs{}, {a, b}, "rest", dtype);
  return layer.emit(Op::kDiv, {}, {layer.step(Op::kSub, {}, {a, rest}, "whole", dtype), b});
}

// a - b * floor(a / b), which for integers is ONNX's Mod.
Status import_floor_mod(LayerImporter& layer) {
  const DType dtype = layer.dtype(0);
  if (!is_float(dtype)) return import_binary(layer, Op::kMod, ModAttrs{});
  SAKER_TRY(check_broadcast(layer));
  const ValueId a = layer.input(0), b = layer.input(1);
  const ValueId quotient = layer.step(Op::kDiv, {}, {a, b}, "quotient", dtype);
  const ValueId whole = layer.step(Op::kFloor, {}, {quotient}, "whole", dtype);
  return layer.emit(Op::kSub, {}, {a, layer.step(Op::kMul, {}, {b, whole}, "product", dtype)});
}

Status import_mod(LayerImporter& layer) {
  return import_binary(layer, Op::kMod, ModAttrs{true});
}
Status import_power(LayerImporter& layer) {
  return import_binary(layer, Op::kPow);
}
Status import_maximum(LayerImporter& layer) {
  return import_binary(layer, Op::kMax);
}
Status import_minimum(LayerImporter& layer) {
  return import_binary(layer, Op::kMin);
}

Status import_squared_difference(LayerImporter& layer) {
  SAKER_TRY(check_broadcast(layer));
  const ValueId difference = layer.step(Op::kSub, {}, {layer.input(0), layer.input(1)}, "difference", layer.dtype(0));
  return layer.emit(Op::kMul, {}, {difference, difference});
}

Status import_less(LayerImporter& layer) {
  SAKER_TRY(check_broadcast(layer));
  return layer.emit(Op::kGreater, {}, {layer.input(1), layer.input(0)});
}

}  // namespace saker::openvino_ir
