// Operators that only move or describe data.
#include <algorithm>
#include <array>

#include "base/try.h"
#include "model/openvino_ir/element_types.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

// Numbers in a list that need not be constant. Empty: not known.
std::optional<std::int64_t> length_of(const NodeExporter& node, std::size_t i) {
  if (const Tensor* tensor = node.constant(i)) return tensor->elements();
  const auto& dims = node.dims(i);
  if (dims && dims->size() == 1 && (*dims)[0] >= 0) return (*dims)[0];
  return std::nullopt;
}

LayerData block_data(const DepthSpaceAttrs& attrs, const char* mode) {
  return {{"block_size", std::to_string(attrs.block)}, {"mode", mode}};
}

// Begins and ends are two lists in IR.
Result<std::vector<Source>> pads_of(NodeExporter& node) {
  if (node.constant(1) != nullptr) {
    SAKER_ASSIGN(const std::vector<std::int64_t> pads, node.integers(1, "its list of pads"));
    const std::span<const std::int64_t> all(pads);
    return std::vector<Source>{node.list("begins", all.first(pads.size() / 2)),
                               node.list("ends", all.subspan(pads.size() / 2))};
  }
  const auto length = length_of(node, 1);
  if (!length) return unsupported("how many pads it has is not known before a run");
  const PortType half{DType::kInt64, Shape{*length / 2}};
  const Source first = node.work().network.add({"Split",
                                                "opset1",
                                                node.node().name + ".pads",
                                                {{"num_splits", "2"}},
                                                {node.input(1), node.number("axis", 0)},
                                                {half, half}});
  return std::vector<Source>{first, Source{first.layer, 1}};
}

}  // namespace

Status export_concat(NodeExporter& node) {
  std::vector<Source> inputs;
  for (std::size_t i = 0; i < node.node().inputs.size(); ++i) inputs.push_back(node.input(i));
  return node.emit("Concat", "opset1", {{"axis", std::to_string(node.as<AxisAttrs>().axis)}}, std::move(inputs));
}

Status export_constant_of_shape(NodeExporter& node) {
  const Tensor& value = node.as<ConstantOfShapeAttrs>().value;
  return node.emit("Broadcast", "opset3", {{"mode", "numpy"}}, {node.bytes("value", value, {}), node.input(0)});
}

Status export_depth_to_space(NodeExporter& node) {
  const auto& attrs = node.as<DepthSpaceAttrs>();
  return node.emit("DepthToSpace", "opset1",
                   block_data(attrs, attrs.order == DepthOrder::kDcr ? "blocks_first" : "depth_first"),
                   {node.input(0)});
}

Status export_space_to_depth(NodeExporter& node) {
  return node.emit("SpaceToDepth", "opset1", block_data(node.as<DepthSpaceAttrs>(), "blocks_first"), {node.input(0)});
}

Status export_expand(NodeExporter& node) {
  return node.emit("Broadcast", "opset3", {{"mode", "bidirectional"}}, {node.input(0), node.input(1)});
}

// The axes before one become one, and those from it on.
Status export_flatten(NodeExporter& node) {
  const std::int64_t axis = node.as<AxisAttrs>().axis;
  const auto& dims = node.dims(0);
  Shape to;
  if (axis == 0 || axis == 1) {
    to = {axis == 0 ? 1 : 0, -1};  // 0: as it is
  } else {
    SAKER_ASSIGN(const std::size_t rank, node.rank(0));
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis);
         ++i) {
      if ((*dims)[i] < 0) return unsupported("axes of open extents in one");
      rows *= (*dims)[i];
    }
    to = {rows, -1};
  }
  return node.emit("Reshape", "opset1", {{"special_zero", text(true)}}, {node.input(0), node.list("shape", to)});
}

Status export_pad(NodeExporter& node) {
  constexpr const char* kModes[] = {"constant", "reflect", "edge"};
  const auto mode = static_cast<std::size_t>(node.as<PadAttrs>().mode);
  if (mode >= std::size(kModes) || node.has_input(3)) return unsupported("its mode or axes");
  SAKER_ASSIGN(std::vector<Source> inputs, pads_of(node));
  inputs.insert(inputs.begin(), node.input(0));
  if (node.has_input(2)) inputs.push_back(node.constant(2) != nullptr ? node.as_shape(2, {}) : node.input(2));
  return node.emit("Pad", "opset12", {{"pad_mode", kModes[mode]}}, std::move(inputs));
}

Status export_range(NodeExporter& node) {
  return node.emit("Range", "opset4", {{"output_type", element_name(node.output_dtype(0))}},
                   {node.input(0), node.input(1), node.input(2)});
}

Status export_reshape(NodeExporter& node) {
  return node.emit("Reshape", "opset1", {{"special_zero", text(!node.as<ReshapeAttrs>().allow_zero)}},
                   {node.input(0), node.input(1)});
}

Status export_shape_of(NodeExporter& node) {
  const auto& attrs = node.as<ShapeAttrs>();
  if (attrs.start == 0 && attrs.end == INT64_MAX)
    return node.emit("ShapeOf", "opset3", {{"output_type", "i64"}}, {node.input(0)});
  std::optional<Shape> whole;
  if (node.dims(0)) whole = Shape{static_cast<std::int64_t>(node.dims(0)->size())};
  const Source all = node.step("ShapeOf", "opset3", {{"output_type", "i64"}}, {node.input(0)}, "whole", DType::kInt64,
                               std::move(whole));
  return node.emit("Slice", "opset8", {},
                   {all, node.list("start", std::array{attrs.start}), node.list("stop", std::array{attrs.end}),
                    node.list("step", std::array{std::int64_t{1}}), node.list("axis", std::array{std::int64_t{0}})});
}

// ONNX: starts, ends, axes, steps; IR: start, stop, step, axes.
Status export_slice(NodeExporter& node) {
  std::vector<Source> inputs = {node.input(0), node.input(1), node.input(2)};
  if (node.has_input(4)) {
    inputs.push_back(node.input(4));
  } else {
    const auto length = length_of(node, 1);
    if (!length) return unsupported("how many axes it cuts is not known before a run");
    inputs.push_back(node.list("step", Shape(static_cast<std::size_t>(*length), 1)));
  }
  if (node.has_input(3)) inputs.push_back(node.input(3));
  return node.emit("Slice", "opset8", {}, std::move(inputs));
}

Status export_split(NodeExporter& node) {
  const std::int64_t axis = node.as<SplitAttrs>().axis;
  const auto parts = static_cast<std::int64_t>(node.node().outputs.size());
  const Source along = node.number("axis", axis);
  if (node.has_input(1)) return node.emit("VariadicSplit", "opset1", {}, {node.input(0), along, node.input(1)});
  const auto& dims = node.dims(0);
  const std::int64_t extent = dims ? (*dims)[axis_index(axis, dims->size())] : -1;
  if (extent < 0 || extent % parts == 0)
    return node.emit("Split", "opset1", {{"num_splits", std::to_string(parts)}}, {node.input(0), along});
  const std::int64_t each = (extent + parts - 1) / parts;
  std::vector<std::int64_t> lengths(static_cast<std::size_t>(parts), each);
  lengths.back() = extent - each * (parts - 1);
  return node.emit("VariadicSplit", "opset1", {}, {node.input(0), along, node.list("lengths", lengths)});
}

Status export_squeeze(NodeExporter& node) {
  std::vector<Source> inputs = {node.input(0)};
  if (node.has_input(1)) inputs.push_back(node.input(1));
  return node.emit(node.node().op == Op::kSqueeze ? "Squeeze" : "Unsqueeze", "opset1", {}, std::move(inputs));
}

// No order of axes: the reverse.
Status export_transpose(NodeExporter& node) {
  std::vector<std::int64_t> order = node.as<TransposeAttrs>().perm;
  if (order.empty()) {
    SAKER_ASSIGN(const std::size_t rank, node.rank(0));
    for (std::size_t axis = rank; axis-- > 0;) order.push_back(static_cast<std::int64_t>(axis));
  }
  return node.emit("Transpose", "opset1", {}, {node.input(0), node.list("order", order)});
}

}  // namespace saker::openvino_ir
