// Quantized operators. Only QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear exist in the graph; every other
// form becomes the float operator between them, which is how ONNX defines it. Passes find the integers again.
#include <fmt/format.h>

#include <array>
#include <cstring>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

constexpr std::int64_t kFirstAxis = 0, kLastAxis = -1, kChannels = 1;

// Input i is a tensor, i + 1 its scale, i + 2 its zero point.
Result<ValueId> dequantized(NodeImporter& node, std::size_t i, std::int64_t axis, std::string_view what) {
  if (node.input(i) == kNoValue || node.input(i + 1) == kNoValue)
    return Error{ErrorCode::kInvalid, fmt::format("its input {} or the scale behind it is missing", i)};
  return node.step(Op::kDequantizeLinear, AxisAttrs{axis}, {node.input(i), node.input(i + 1), node.input(i + 2)}, what);
}

// Input i is the scale of the result, i + 1 its zero point.
Status quantized(NodeImporter& node, ValueId result, std::size_t i) {
  return node.emit(Op::kQuantizeLinear, AxisAttrs{kChannels}, {result, node.input(i), node.input(i + 1)});
}

// Integers are numbers of scale 1. Input `zero` is the zero point: one, or one for each index of the axis.
Result<ValueId> integers(NodeImporter& node, std::size_t i, std::size_t zero, std::int64_t axis,
                         std::string_view what) {
  if (node.input(i) == kNoValue) return Error{ErrorCode::kInvalid, fmt::format("its input {} is missing", i)};
  ValueId scale = kNoValue;
  if (node.input(zero) == kNoValue) {
    SAKER_ASSIGN(scale, node.float_constant(fmt::format("{}.one", what), std::array{1.0F}, DType::kFloat32, true));
  } else {  // as many ones as zero points
    SAKER_ASSIGN(Tensor one, Tensor::make(DType::kFloat32, {1}));
    *one.data<float>() = 1;
    const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(zero)}, fmt::format("{}.shape", what));
    scale =
        node.step(Op::kConstantOfShape, ConstantOfShapeAttrs{std::move(one)}, {shape}, fmt::format("{}.ones", what));
  }
  return node.step(Op::kDequantizeLinear, AxisAttrs{axis}, {node.input(i), scale, node.input(zero)}, what);
}

Status import_unary(NodeImporter& node, Op op, Attributes attrs) {
  SAKER_ASSIGN(const ValueId x, dequantized(node, 0, kChannels, "x"));
  return quantized(node, node.step(op, std::move(attrs), {x}, "y"), 3);
}

Status check_channels_first(const NodeImporter& node) {
  SAKER_ASSIGN(const bool channels_last, node.bool_attr("channels_last", false));
  if (channels_last) return Error{ErrorCode::kUnsupported, "channels_last"};
  return {};
}

Result<AxisAttrs> axis_attr(const NodeImporter& node, std::int64_t fallback) {
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", fallback));
  return AxisAttrs{axis};
}

Result<AxisAttrs> quantization_attrs(const NodeImporter& node) {
  SAKER_ASSIGN(AxisAttrs attrs, axis_attr(node, kChannels));
  SAKER_ASSIGN(attrs.block, node.int_attr_within("block_size", 0, 0, INT64_MAX));
  return attrs;
}

// As many zeros as input 1 has scales.
Result<ValueId> zero_points(NodeImporter& node, DType dtype) {
  SAKER_ASSIGN(Tensor zero, Tensor::make(dtype, {1}));
  std::memset(zero.raw(), 0, zero.bytes());
  const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(1)}, "zero_point.shape");
  return node.step(Op::kConstantOfShape, ConstantOfShapeAttrs{std::move(zero)}, {shape}, "zero_point");
}

}  // namespace

// Since opset 21 the type of the result is an attribute where there is no zero point. 4-bit numbers are 8-bit ones,
// clamped.
Status import_quantize(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 3));
  SAKER_ASSIGN(const AxisAttrs attrs, quantization_attrs(node));
  SAKER_ASSIGN(const std::int64_t type, node.int_attr("output_dtype", 0));
  ValueId zero = node.input(2);
  std::optional<DType> four_bit = node.four_bit(zero);
  if (zero == kNoValue && type != 0 && node.input(1) != kNoValue) {
    SAKER_ASSIGN(const DType dtype, dtype_of(type));
    SAKER_ASSIGN(zero, zero_points(node, dtype));
    if (is_four_bit(type)) four_bit = dtype;
  }
  node.set_four_bit(four_bit);
  if (!four_bit) return node.emit(Op::kQuantizeLinear, attrs, {node.input(0), node.input(1), zero});
  const ValueId wide = node.step(Op::kQuantizeLinear, attrs, {node.input(0), node.input(1), zero}, "bytes");
  SAKER_ASSIGN(const ValueId clamped, clamped_to_four_bits(node, wide, *four_bit, *four_bit));
  return node.emit(Op::kIdentity, {}, {clamped});
}

Status import_dequantize(NodeImporter& node) {
  SAKER_TRY(node.check_inputs(2, 3));
  SAKER_ASSIGN(const AxisAttrs attrs, quantization_attrs(node));
  SAKER_ASSIGN(const std::int64_t type, node.int_attr("output_dtype", 0));
  node.set_four_bit(std::nullopt);
  if (type == 0) return node.emit(Op::kDequantizeLinear, attrs);
  SAKER_ASSIGN(const DType dtype, dtype_of(type));
  const ValueId y = node.step(Op::kDequantizeLinear, attrs, {node.input(0), node.input(1), node.input(2)}, "y");
  return node.emit(Op::kCast, CastAttrs{dtype}, {y});
}

Status import_conv_integer(NodeImporter& node) {
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  SAKER_ASSIGN(const ValueId x, integers(node, 0, 2, kChannels, "x"));
  SAKER_ASSIGN(const ValueId w, integers(node, 1, 3, kFirstAxis, "w"));
  const ValueId y = node.step(Op::kConv, std::move(attrs), {x, w}, "y");
  return node.emit(Op::kCast, CastAttrs{DType::kInt32}, {y});
}

Status import_matmul_integer(NodeImporter& node) {
  SAKER_ASSIGN(const ValueId a, integers(node, 0, 2, -2, "a"));
  SAKER_ASSIGN(const ValueId b, integers(node, 1, 3, kLastAxis, "b"));
  const ValueId y = node.step(Op::kMatMul, {}, {a, b}, "y");
  return node.emit(Op::kCast, CastAttrs{DType::kInt32}, {y});
}

// x, w and y with a scale and a zero point each, bias: int32 of scale x_scale * w_scale.
Status import_qlinear_conv(NodeImporter& node) {
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  SAKER_ASSIGN(const ValueId x, dequantized(node, 0, kChannels, "x"));
  SAKER_ASSIGN(const ValueId w, dequantized(node, 3, kFirstAxis, "w"));
  ValueId bias = kNoValue;
  if (node.input(8) != kNoValue) {
    const ValueId scale = node.step(Op::kMul, {}, {node.input(1), node.input(4)}, "bias.scale");
    bias = node.step(Op::kDequantizeLinear, AxisAttrs{kFirstAxis}, {node.input(8), scale}, "bias");
  }
  return quantized(node, node.step(Op::kConv, std::move(attrs), {x, w, bias}, "y"), 6);
}

Status import_qlinear_matmul(NodeImporter& node) {
  SAKER_ASSIGN(const ValueId a, dequantized(node, 0, -2, "a"));
  SAKER_ASSIGN(const ValueId b, dequantized(node, 3, kLastAxis, "b"));
  return quantized(node, node.step(Op::kMatMul, {}, {a, b}, "y"), 6);
}

Status import_qlinear_binary(NodeImporter& node, Op op) {
  SAKER_ASSIGN(const ValueId a, dequantized(node, 0, kChannels, "a"));
  SAKER_ASSIGN(const ValueId b, dequantized(node, 3, kChannels, "b"));
  return quantized(node, node.step(op, {}, {a, b}, "y"), 6);
}

Status import_qlinear_sigmoid(NodeImporter& node) {
  return import_unary(node, Op::kSigmoid, {});
}

Status import_qlinear_leaky_relu(NodeImporter& node) {
  SAKER_ASSIGN(const float alpha, node.float_attr("alpha", 0.01F));
  return import_unary(node, Op::kLeakyRelu, LeakyReluAttrs{alpha});
}

Status import_qlinear_average_pool(NodeImporter& node) {
  SAKER_TRY(check_channels_first(node));
  SAKER_ASSIGN(PoolAttrs attrs, average_pool_attrs(node));
  return import_unary(node, Op::kAveragePool, std::move(attrs));
}

Status import_qlinear_global_average_pool(NodeImporter& node) {
  SAKER_TRY(check_channels_first(node));
  return import_unary(node, Op::kGlobalAveragePool, {});
}

// The scale and zero point of the result, then three inputs for each part.
Status import_qlinear_concat(NodeImporter& node) {
  SAKER_ASSIGN(const AxisAttrs axis, axis_attr(node, kChannels));
  std::vector<ValueId> parts;
  for (std::size_t i = 2; i < node.input_count(); i += 3) {
    SAKER_ASSIGN(parts.emplace_back(), dequantized(node, i, kChannels, fmt::format("x{}", i / 3)));
  }
  if (parts.empty()) return Error{ErrorCode::kInvalid, "it has nothing to join"};
  return quantized(node, node.step(Op::kConcat, axis, std::move(parts), "y"), 0);
}

}  // namespace saker::onnx
