// Constants and operators that only move or describe data.
#include <fmt/format.h>

#include <array>
#include <cstring>

#include "base/try.h"
#include "model/onnx/import_ops.h"

namespace saker::onnx {
namespace {

// Axes were an attribute until opset 13.
Status import_squeeze_like(NodeImporter& node, Op op) {
  if (node.opset() >= 13) return node.emit(op);
  SAKER_ASSIGN(const std::vector<std::int64_t> axes, node.ints_attr("axes"));
  if (axes.empty() && op == Op::kSqueeze) return node.emit(op);
  SAKER_ASSIGN(const ValueId axes_input, node.int_constant("axes", axes));
  return node.emit(op, {}, {node.input(0), axes_input});
}

Result<std::int64_t> block_size(const NodeImporter& node) {
  return node.int_attr_within("blocksize", 0, 1, 1 << 20);
}

}  // namespace

Status import_constant(NodeImporter& node) {
  SAKER_ASSIGN(std::optional<Tensor> tensor, node.tensor_attr("value"));
  if (tensor) return node.emit_constant(std::move(*tensor));
  for (const AttributeProto& a : node.proto().attributes) {
    const bool is_int = a.name == "value_int" || a.name == "value_ints";
    const bool is_float = a.name == "value_float" || a.name == "value_floats";
    if (!is_int && !is_float) continue;
    const bool scalar = a.name == "value_int" || a.name == "value_float";
    const auto count = static_cast<std::int64_t>(is_int ? a.ints.size() : a.floats.size());
    SAKER_ASSIGN(Tensor made, Tensor::make(is_int ? DType::kInt64 : DType::kFloat32, scalar ? Shape{} : Shape{count}));
    if (scalar && is_int) *made.data<std::int64_t>() = a.i.value_or(0);
    if (scalar && is_float) *made.data<float>() = a.f.value_or(0);
    if (!scalar && count > 0)
      std::memcpy(made.raw(), is_int ? static_cast<const void*>(a.ints.data()) : a.floats.data(), made.bytes());
    return node.emit_constant(std::move(made));
  }
  return Error{ErrorCode::kUnsupported, "a constant that is neither a tensor, integers nor floats"};
}

Status import_constant_of_shape(NodeImporter& node) {
  SAKER_ASSIGN(std::optional<Tensor> value, node.tensor_attr("value"));
  if (!value) {
    SAKER_ASSIGN(value, Tensor::make(DType::kFloat32, {1}));
    *value->data<float>() = 0;
  }
  if (value->elements() != 1)
    return Error{ErrorCode::kInvalid, fmt::format("its value has {} elements, not 1", value->elements())};
  return node.emit(Op::kConstantOfShape, ConstantOfShapeAttrs{std::move(*value)});
}

// The axis was 1 by default until opset 4.
Status import_concat(NodeImporter& node) {
  if (node.opset() >= 4 && !node.has_attr("axis")) return Error{ErrorCode::kInvalid, "axis is missing"};
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", 1));
  return node.emit(Op::kConcat, AxisAttrs{axis});
}

Status import_depth_to_space(NodeImporter& node) {
  DepthSpaceAttrs attrs;
  SAKER_ASSIGN(attrs.block, block_size(node));
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "DCR"));
  if (mode != "DCR" && mode != "CRD")
    return Error{ErrorCode::kInvalid, fmt::format("unknown mode '{}'", printable_name(mode))};
  attrs.order = mode == "DCR" ? DepthOrder::kDcr : DepthOrder::kCrd;
  return node.emit(Op::kDepthToSpace, attrs);
}

Status import_space_to_depth(NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t block, block_size(node));
  return node.emit(Op::kSpaceToDepth, DepthSpaceAttrs{block, DepthOrder::kDcr});
}

Status import_flatten(NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", 1));
  return node.emit(Op::kFlatten, AxisAttrs{axis});
}

// Amounts and value were attributes until opset 11 (float data only), the amounts of another name in opset 1.
Status import_pad(NodeImporter& node) {
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "constant"));
  PadAttrs attrs;
  if (mode == "reflect") {
    attrs.mode = PadMode::kReflect;
  } else if (mode == "edge") {
    attrs.mode = PadMode::kEdge;
  } else if (mode == "wrap") {
    attrs.mode = PadMode::kWrap;
  } else if (mode != "constant") {
    return Error{ErrorCode::kInvalid, fmt::format("unknown mode '{}'", printable_name(mode))};
  }
  if (node.opset() >= 11) return node.emit(Op::kPad, attrs);
  SAKER_ASSIGN(const std::vector<std::int64_t> pads, node.ints_attr(node.opset() < 2 ? "paddings" : "pads"));
  SAKER_ASSIGN(const float value, node.float_attr("value", 0));
  SAKER_ASSIGN(const ValueId pads_input, node.int_constant("pads", pads));
  if (value == 0) return node.emit(Op::kPad, attrs, {node.input(0), pads_input});  // whatever the type is
  SAKER_ASSIGN(const ValueId value_input, node.float_constant("value", std::array{value}, DType::kFloat32, true));
  return node.emit(Op::kPad, attrs, {node.input(0), pads_input, value_input});
}

// The shape was an attribute until opset 5.
Status import_reshape(NodeImporter& node) {
  if (node.opset() < 5) {
    SAKER_ASSIGN(const std::vector<std::int64_t> shape, node.ints_attr("shape"));
    SAKER_ASSIGN(const ValueId shape_input, node.int_constant("shape", shape));
    return node.emit(Op::kReshape, ReshapeAttrs{}, {node.input(0), shape_input});
  }
  SAKER_ASSIGN(const bool allow_zero, node.bool_attr("allowzero", false));
  return node.emit(Op::kReshape, ReshapeAttrs{allow_zero});
}

Status import_shape(NodeImporter& node) {
  ShapeAttrs attrs;
  SAKER_ASSIGN(attrs.start, node.int_attr("start", 0));
  SAKER_ASSIGN(attrs.end, node.int_attr("end", INT64_MAX));
  return node.emit(Op::kShape, attrs);
}

// Everything was an attribute until opset 10.
Status import_slice(NodeImporter& node) {
  if (node.opset() >= 10) return node.emit(Op::kSlice);
  std::vector<ValueId> inputs = {node.input(0)};
  for (const char* name : {"starts", "ends", "axes"}) {
    if (!node.has_attr(name)) continue;
    SAKER_ASSIGN(const std::vector<std::int64_t> values, node.ints_attr(name));
    SAKER_ASSIGN(inputs.emplace_back(), node.int_constant(name, values));
  }
  return node.emit(Op::kSlice, {}, std::move(inputs));
}

// Sizes were an attribute until opset 13, in opset 1 possibly an input of the data's type.
Status import_split(NodeImporter& node) {
  SplitAttrs attrs;
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", 0));
  SAKER_ASSIGN(const std::int64_t parts,
               node.int_attr("num_outputs", static_cast<std::int64_t>(node.proto().outputs.size())));
  if (parts != static_cast<std::int64_t>(node.proto().outputs.size())) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("num_outputs is {}, but it has {} outputs", parts, node.proto().outputs.size())};
  }
  if (node.opset() < 2 && node.input(1) != kNoValue) {
    const ValueId sizes = node.step(Op::kCast, CastAttrs{DType::kInt64}, {node.input(1)}, "split");
    return node.emit(Op::kSplit, attrs, {node.input(0), sizes});
  }
  if (node.opset() >= 13 || !node.has_attr("split")) return node.emit(Op::kSplit, attrs);
  SAKER_ASSIGN(const std::vector<std::int64_t> sizes, node.ints_attr("split"));
  SAKER_ASSIGN(const ValueId sizes_input, node.int_constant("split", sizes));
  return node.emit(Op::kSplit, attrs, {node.input(0), sizes_input});
}

Status import_squeeze(NodeImporter& node) {
  return import_squeeze_like(node, Op::kSqueeze);
}
Status import_unsqueeze(NodeImporter& node) {
  return import_squeeze_like(node, Op::kUnsqueeze);
}

// Until opset 6 the inputs were x, the copies and the one axis that they lie along, both of the data's type.
Status import_tile(NodeImporter& node) {
  if (node.opset() >= 6) return node.emit(Op::kTile);
  SAKER_TRY(node.check_inputs(3, 3));
  SAKER_ASSIGN(const ValueId zero, node.int_constant("zero", std::array{std::int64_t{0}}, true));
  SAKER_ASSIGN(const ValueId one, node.int_constant("one", std::array{std::int64_t{1}}, true));
  const ValueId shape = node.step(Op::kShape, ShapeAttrs{}, {node.input(0)}, "shape");
  const ValueId rank = node.step(Op::kSqueeze, {}, {node.step(Op::kShape, ShapeAttrs{}, {shape}, "ranks")}, "rank");
  const ValueId axes = node.step(Op::kRange, {}, {zero, rank, one}, "axes");
  const ValueId copies = node.step(Op::kCast, CastAttrs{DType::kInt64}, {node.input(1)}, "copies");
  const ValueId axis = node.step(Op::kCast, CastAttrs{DType::kInt64}, {node.input(2)}, "axis");
  const ValueId is_axis = node.step(Op::kEqual, {}, {axes, axis}, "is_axis");
  return node.emit(Op::kTile, {}, {node.input(0), node.step(Op::kWhere, {}, {is_axis, copies, one}, "repeats")});
}

Status import_transpose(NodeImporter& node) {
  TransposeAttrs attrs;
  SAKER_ASSIGN(attrs.perm, node.ints_attr("perm"));
  return node.emit(Op::kTranspose, std::move(attrs));
}

}  // namespace saker::onnx
