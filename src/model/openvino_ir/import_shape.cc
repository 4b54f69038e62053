// Layers that only move or describe data.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"

namespace saker::openvino_ir {
namespace {

Status emit_as(LayerImporter& layer, DType to, Op op, Attributes attrs, std::vector<ValueId> inputs) {
  if (to == DType::kInt64) return layer.emit(op, std::move(attrs), std::move(inputs));
  const ValueId wide = layer.step(op, std::move(attrs), std::move(inputs), "int64", DType::kInt64);
  return layer.emit(Op::kCast, CastAttrs{to}, {wide});
}

Result<std::int64_t> block_size(const LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t block, layer.int_attr("block_size", 1));
  if (block < 1) return Error{ErrorCode::kInvalid, fmt::format("block_size {} is not positive", block)};
  return block;
}

Status import_with_axes(LayerImporter& layer, Op op) {
  SAKER_ASSIGN(const std::vector<std::int64_t> axes, layer.ints(1, "its list of axes"));
  if (axes.empty() && op == Op::kSqueeze) return layer.emit(op, {}, {layer.input(0)});
  SAKER_ASSIGN(const ValueId list, layer.int_constant("axes", axes));
  return layer.emit(op, {}, {layer.input(0), list});
}

// ONNX has them in one list, which may be computed.
Result<ValueId> pads(LayerImporter& layer) {
  if (layer.decided(1) != nullptr && layer.decided(2) != nullptr) {
    SAKER_ASSIGN(std::vector<std::int64_t> list, layer.ints(1, "pads_begin"));
    SAKER_ASSIGN(const std::vector<std::int64_t> ends, layer.ints(2, "pads_end"));
    list.insert(list.end(), ends.begin(), ends.end());
    return layer.int_constant("pads", list);
  }
  SAKER_ASSIGN(const ValueId begins, layer.input_as(1, DType::kInt64));
  SAKER_ASSIGN(const ValueId ends, layer.input_as(2, DType::kInt64));
  return layer.step(Op::kConcat, AxisAttrs{0}, {begins, ends}, "pads", DType::kInt64);
}

}  // namespace

Status import_broadcast(LayerImporter& layer) {
  const std::string_view mode = layer.text_attr("mode", "numpy");
  if (mode != "numpy" && mode != "bidirectional")
    return Error{ErrorCode::kUnsupported, fmt::format("mode '{}'", printable_name(mode))};
  SAKER_ASSIGN(const ValueId shape, layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kExpand, {}, {layer.input(0), shape});
}

Status import_concat(LayerImporter& layer) {
  if (!layer.has_attr("axis")) return Error{ErrorCode::kInvalid, "axis is missing"};
  SAKER_ASSIGN(const std::int64_t axis, layer.int_attr("axis", 0));
  return layer.emit(Op::kConcat, AxisAttrs{axis});
}

Status import_depth_to_space(LayerImporter& layer) {
  DepthSpaceAttrs attrs;
  SAKER_ASSIGN(attrs.block, block_size(layer));
  const std::string_view mode = layer.text_attr("mode", "");
  if (mode != "blocks_first" && mode != "depth_first")
    return Error{ErrorCode::kInvalid, fmt::format("unknown mode '{}'", printable_name(mode))};
  attrs.order = mode == "blocks_first" ? DepthOrder::kDcr : DepthOrder::kCrd;
  return layer.emit(Op::kDepthToSpace, attrs);
}

Status import_space_to_depth(LayerImporter& layer) {
  SAKER_ASSIGN(const std::int64_t block, block_size(layer));
  const std::string_view mode = layer.text_attr("mode", "");
  if (mode != "blocks_first") return Error{ErrorCode::kUnsupported, fmt::format("mode '{}'", printable_name(mode))};
  return layer.emit(Op::kSpaceToDepth, DepthSpaceAttrs{block, DepthOrder::kDcr});
}

Status import_pad(LayerImporter& layer) {
  const std::string_view mode = layer.text_attr("pad_mode", "constant");
  PadAttrs attrs;
  if (mode == "reflect") {
    attrs.mode = PadMode::kReflect;
  } else if (mode == "edge") {
    attrs.mode = PadMode::kEdge;
  } else if (mode != "constant") {
    return Error{ErrorCode::kUnsupported, fmt::format("pad_mode '{}'", printable_name(mode))};
  }
  SAKER_ASSIGN(const ValueId list, pads(layer));
  std::vector<ValueId> inputs = {layer.input(0), list};
  if (layer.has_input(3)) inputs.push_back(layer.input(3));
  return layer.emit(Op::kPad, attrs, std::move(inputs));
}

Status import_range(LayerImporter& layer) {
  SAKER_ASSIGN(const DType dtype, layer.has_attr("output_type") ? element_type(layer.text_attr("output_type", ""))
                                                                : Result<DType>(layer.dtype(0)));
  std::vector<ValueId> inputs;
  for (std::size_t i = 0; i < 3; ++i) {
    SAKER_ASSIGN(inputs.emplace_back(), layer.input_as(i, dtype));
  }
  return layer.emit(Op::kRange, {}, std::move(inputs));
}

// IR says of every tensor what shape it has, so that a constant's new shape need not be computed, and biases and
// weights are constants also where converters have left shape arithmetic behind them.
Status import_reshape(LayerImporter& layer) {
  SAKER_ASSIGN(const bool special_zero, layer.bool_attr("special_zero", false));
  const Shape& to = layer.layer().outputs[0].dims;
  const Tensor* constant = layer.constant(0);
  if (constant != nullptr && std::ranges::none_of(to, [](std::int64_t extent) { return extent < 0; })) {
    const auto count = element_count(to);
    if (count.ok() && *count == constant->elements()) {
      layer.set_output(0, layer.constant_of("reshaped", constant->reshaped(to)));
      return {};
    }
  }
  SAKER_ASSIGN(const ValueId shape, layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kReshape, ReshapeAttrs{!special_zero}, {layer.input(0), shape});
}

Status import_shape_of(LayerImporter& layer) {
  SAKER_ASSIGN(const DType to, element_type(layer.text_attr("output_type", "i64")));
  return emit_as(layer, to, Op::kShape, ShapeAttrs{}, {layer.input(0)});
}

Status import_squeeze(LayerImporter& layer) {
  if (!layer.has_input(1)) return layer.emit(Op::kSqueeze);
  return import_with_axes(layer, Op::kSqueeze);
}
Status import_unsqueeze(LayerImporter& layer) {
  return import_with_axes(layer, Op::kUnsqueeze);
}

Status import_tile(LayerImporter& layer) {
  SAKER_ASSIGN(const ValueId repeats, layer.input_as(1, DType::kInt64));
  return layer.emit(Op::kTile, {}, {layer.input(0), repeats});
}

Status import_transpose(LayerImporter& layer) {
  TransposeAttrs attrs;
  SAKER_ASSIGN(attrs.perm, layer.ints(1, "its order of axes"));
  return layer.emit(Op::kTranspose, std::move(attrs), {layer.input(0)});
}

}  // namespace saker::openvino_ir
