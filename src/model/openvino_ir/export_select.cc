// Gathers, scatters, TopK and NonMaxSuppression.
#include <array>
#include <limits>

#include "base/try.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

// One number that ONNX has as a list of one, as a scalar.
Source scalar(NodeExporter& node, std::size_t i, std::string_view what) {
  if (node.constant(i) != nullptr) return node.as_shape(i, {});
  if (node.dims(i) && node.dims(i)->empty()) return node.input(i);
  return node.step("Reshape", "opset1", {{"special_zero", "false"}},
                   {node.input(i), node.list(fmt::format("{}.shape", what), {})}, what, node.dtype(i), Shape{});
}

}  // namespace

Status export_gather(NodeExporter& node) {
  return node.emit("Gather", "opset8", {{"batch_dims", "0"}},
                   {node.input(0), node.input(1), node.number("axis", node.as<AxisAttrs>().axis)});
}

Status export_gather_elements(NodeExporter& node) {
  return node.emit("GatherElements", "opset6", {{"axis", std::to_string(node.as<AxisAttrs>().axis)}},
                   {node.input(0), node.input(1)});
}

Status export_gather_nd(NodeExporter& node) {
  return node.emit("GatherND", "opset8", {{"batch_dims", std::to_string(node.as<BatchDimsAttrs>().batch_dims)}},
                   {node.input(0), node.input(1)});
}

Status export_scatter_nd(NodeExporter& node) {
  if (node.as<ScatterNDAttrs>().reduction != ScatterReduction::kNone) return unsupported("its reduction");
  return node.emit("ScatterNDUpdate", "opset4", {}, {node.input(0), node.input(1), node.input(2)});
}

Status export_cum_sum(NodeExporter& node) {
  const auto& attrs = node.as<CumSumAttrs>();
  return node.emit("CumSum", "opset3", {{"exclusive", text(attrs.exclusive)}, {"reverse", text(attrs.reverse)}},
                   {node.input(0), scalar(node, 1, "axis")});
}

Status export_top_k(NodeExporter& node) {
  const auto& attrs = node.as<TopKAttrs>();
  std::vector<DType> more;
  if (node.node().outputs.size() == 1) more.push_back(DType::kInt64);
  return node.emit("TopK", "opset3",
                   {{"axis", std::to_string(attrs.axis)},
                    {"mode", attrs.largest ? "max" : "min"},
                    {"sort", attrs.sorted ? "value" : "none"},
                    {"index_element_type", "i64"}},
                   {node.input(0), scalar(node, 1, "k")}, more);
}

// The place of the first of the best one.
Status export_arg_max(NodeExporter& node) {
  const auto& attrs = node.as<ArgMaxAttrs>();
  if (attrs.select_last) return unsupported("the last of several that are equal");
  WrittenLayer top{"TopK",
                   "opset11",
                   node.node().name + ".best",
                   {{"axis", std::to_string(attrs.axis)},
                    {"mode", node.node().op == Op::kArgMax ? "max" : "min"},
                    {"sort", "value"},
                    {"index_element_type", "i64"},
                    {"stable", text(true)}},
                   {node.input(0), node.number("k", 1)},
                   {{node.dtype(0), std::nullopt}, {DType::kInt64, std::nullopt}}};
  if (node.dims(0)) {
    Shape kept = *node.dims(0);
    kept[axis_index(attrs.axis, kept.size())] = 1;
    for (PortType& port : top.outputs) port.dims = kept;
  }
  const Source places{node.work().network.add(top).layer, 1};
  if (attrs.keepdims) return node.emit("Convert", "opset1", {{"destination_type", "i64"}}, {places});
  return node.emit("Squeeze", "opset1", {}, {places, node.list("axis", std::array{attrs.axis})});
}

// Without a limit no box is found, as in ONNX.
Status export_non_max_suppression(NodeExporter& node) {
  const bool center = node.as<NonMaxSuppressionAttrs>().center_point_box;
  std::vector<Source> inputs = {node.input(0), node.input(1)};
  inputs.push_back(node.has_input(2) ? scalar(node, 2, "most") : node.number("most", 0));
  // IR drops what overlaps by as much as is allowed, ONNX what overlaps by more.
  const float least_overlap = std::numeric_limits<float>::min(), lowest = std::numeric_limits<float>::lowest();
  inputs.push_back(node.has_input(3) ? scalar(node, 3, "overlap")
                                     : node.floats("overlap", std::array{least_overlap}, {}));
  inputs.push_back(node.has_input(4) ? scalar(node, 4, "least") : node.floats("least", std::array{lowest}, {}));
  return node.emit(
      "NonMaxSuppression", "opset9",
      {{"box_encoding", center ? "center" : "corner"}, {"sort_result_descending", text(false)}, {"output_type", "i64"}},
      std::move(inputs), {DType::kFloat32, DType::kInt64});
}

Status export_non_zero(NodeExporter& node) {
  return node.emit("NonZero", "opset3", {{"output_type", "i64"}}, {node.input(0)});
}

}  // namespace saker::openvino_ir
