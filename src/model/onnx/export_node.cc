#include "model/onnx/export_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.h"
#include "model/onnx/export_attributes.h"
#include "model/onnx/export_opset.h"

namespace saker::onnx {

void add_window(const WindowAttrs& window, ExportAttributes& out) {
  out.integers("kernel_shape", window.kernel);
  out.integers("strides", window.strides);
  out.integers("dilations", window.dilations);
  constexpr const char* kAutoPads[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"};
  if (window.auto_pad == AutoPad::kExplicit) {
    out.integers("pads", window.pads);
  } else {
    out.text("auto_pad", kAutoPads[static_cast<std::size_t>(window.auto_pad)]);
  }
}

namespace {

// Where a node goes, and for which opset.
struct Target {
  std::int64_t opset;
  ExportAttributes& out;
  ExportedNode& exported;
};

Status add_pool(const Node& node, ExportAttributes& out) {
  const auto& attrs = node.as<PoolAttrs>();
  const auto& dilations = attrs.window.dilations;
  if (node.op == Op::kAveragePool) {
    if (std::ranges::any_of(dilations, [](std::int64_t d) { return d != 1; })) return unsupported("its dilations");
    WindowAttrs window = attrs.window;
    window.dilations.clear();
    add_window(window, out);
    out.integer("count_include_pad", attrs.count_include_pad ? 1 : 0);
  } else {
    add_window(attrs.window, out);
    out.integer("storage_order", attrs.column_major_indices ? 1 : 0);
  }
  out.integer("ceil_mode", attrs.ceil_mode ? 1 : 0);
  return {};
}

// Axes, antialias and the policy came with opset 18, half_pixel_symmetric with 19.
Status add_resize(const ResizeAttrs& attrs, const Target& to) {
  constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
  constexpr const char* kCoordinates[] = {"half_pixel",    "half_pixel_symmetric", "pytorch_half_pixel",
                                          "align_corners", "asymmetric",           "tf_crop_and_resize"};
  constexpr const char* kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  constexpr const char* kPolicies[] = {"stretch", "not_larger", "not_smaller"};
  const bool symmetric = attrs.coordinates == ResizeCoordinates::kHalfPixelSymmetric;
  const bool later = attrs.antialias || !attrs.axes.empty() || attrs.aspect != ResizeAspect::kStretch;
  if ((symmetric && to.opset < 19) || (later && to.opset < 18))
    return unsupported("axes, antialias, keep_aspect_ratio_policy or half_pixel_symmetric");
  ExportAttributes& out = to.out;
  out.text("mode", kModes[static_cast<std::size_t>(attrs.mode)]);
  out.text("coordinate_transformation_mode", kCoordinates[static_cast<std::size_t>(attrs.coordinates)]);
  out.text("nearest_mode", kNearest[static_cast<std::size_t>(attrs.nearest)]);
  out.number("cubic_coeff_a", attrs.cubic_coeff_a);
  out.number("extrapolation_value", attrs.extrapolation_value);
  out.integer("exclude_outside", attrs.exclude_outside ? 1 : 0);
  if (!later) return {};
  out.integer("antialias", attrs.antialias ? 1 : 0);
  out.text("keep_aspect_ratio_policy", kPolicies[static_cast<std::size_t>(attrs.aspect)]);
  if (!attrs.axes.empty()) out.integers("axes", attrs.axes);
  return {};
}

// Input 1, which became one with a later opset, as the attribute that it was.
Status add_list(const Graph& graph, const Node& node, const char* name, ExportAttributes& out, ExportedNode& exported) {
  exported.inputs = 1;
  if (!node.has_input(1)) return {};
  const auto& list = graph.value(node.inputs[1]).constant;
  if (!list || list->dtype() != DType::kInt64 || list->elements() == 0)
    return unsupported(fmt::format("{} that are not constant", name));
  out.integers(name, {list->data<std::int64_t>(), list->data<std::int64_t>() + list->elements()});
  return {};
}

// Axes are an input of ReduceSum since opset 13, of the others since 18.
Status add_reduce(const Graph& graph, const Node& node, const Target& to) {
  const auto& attrs = node.as<ReduceAttrs>();
  to.out.integer("keepdims", attrs.keepdims ? 1 : 0);
  if (to.opset >= (node.op == Op::kReduceSum ? 13 : 18)) {
    to.out.integer("noop_with_empty_axes", attrs.noop_with_empty_axes ? 1 : 0);
    return {};
  }
  if (!node.has_input(1) && attrs.noop_with_empty_axes) return unsupported("noop_with_empty_axes");
  return add_list(graph, node, "axes", to.out, to.exported);
}

// The sizes are an input since opset 13; the number of equal parts must be said since 18.
Status add_split(const Graph& graph, const Node& node, const Target& to) {
  to.out.integer("axis", node.as<SplitAttrs>().axis);
  if (!node.has_input(1)) {
    if (to.opset >= 18) to.out.integer("num_outputs", static_cast<std::int64_t>(node.outputs.size()));
    return {};
  }
  return to.opset >= 13 ? Status() : add_list(graph, node, "split", to.out, to.exported);
}

Status add_conv(const Node& node, ExportAttributes& out) {
  const auto& attrs = node.as<ConvAttrs>();
  if (attrs.activation.kind != ActivationKind::kNone || node.has_input(3) || node.has_input(4))
    return unsupported("a convolution fused with what follows it");
  add_window(attrs.window, out);
  out.integer("group", attrs.group);
  return {};
}

Status add_conv_transpose(const ConvTransposeAttrs& attrs, ExportAttributes& out) {
  add_window(attrs.window, out);
  out.integer("group", attrs.group);
  out.integers("output_padding", attrs.output_padding);
  out.integers("output_shape", attrs.output_shape);
  return {};
}

// Before opset 13 it went over all axes from the one named on.
Status add_softmax(const Graph& graph, const Node& node, std::int64_t opset, ExportAttributes& out) {
  const auto& attrs = node.as<SoftmaxAttrs>();
  const auto& shape = graph.value(node.inputs[0]).shape;
  const auto rank = shape ? static_cast<std::int64_t>(shape->size()) : -1;
  const bool is_last = attrs.axis == -1 || attrs.axis == rank - 1;
  if (!attrs.expectation.empty() || ((attrs.flatten_trailing || opset < 13) && !is_last))
    return unsupported("a Softmax over several axes");
  out.integer("axis", attrs.axis);
  return {};
}

Status add_scatter(ScatterReduction reduction, ExportAttributes& out) {
  constexpr const char* kReductions[] = {"none", "add", "mul"};
  const auto index = static_cast<std::size_t>(reduction);
  if (index >= std::size(kReductions)) return unsupported("its reduction");
  out.text("reduction", kReductions[index]);
  return {};
}

// Only 8-bit numbers (and biases of 32 bits) with a scale, or one for each index of an axis.
Status add_quantization(const Graph& graph, const Node& node, std::int64_t opset, ExportAttributes& out) {
  const auto& attrs = node.as<AxisAttrs>();
  const auto& scale = graph.value(node.inputs[1]).shape;
  const bool of_tensor = scale && scale->empty();
  if (opset < 13 && !of_tensor) return unsupported("scales along an axis");
  if (attrs.block != 0) return unsupported("quantization in blocks");
  for (const ValueId id : {node.inputs[0], node.has_input(2) ? node.inputs[2] : kNoValue}) {
    const DType dtype = id == kNoValue ? DType::kUint8 : graph.value(id).dtype;
    if (dtype == DType::kInt16 || dtype == DType::kUint16) return unsupported("quantization to 16 bits");
  }
  if (graph.value(node.inputs[1]).dtype != DType::kFloat32) return unsupported("a scale that is not float32");
  if (opset >= 13) out.integer("axis", attrs.axis);
  return {};
}

void add_gemm(const GemmAttrs& attrs, ExportAttributes& out) {
  out.number("alpha", attrs.alpha);
  out.number("beta", attrs.beta);
  out.integer("transA", attrs.trans_a ? 1 : 0);
  out.integer("transB", attrs.trans_b ? 1 : 0);
}

// Attributes of ONNX that are those of the graph.
void add_plain(const Node& node, std::int64_t opset, ExportAttributes& out) {
  if (const auto* a = std::get_if<ArgMaxAttrs>(&node.attrs)) {
    out.integer("axis", a->axis);
    out.integer("keepdims", a->keepdims ? 1 : 0);
    if (opset >= 12) out.integer("select_last_index", a->select_last ? 1 : 0);
  } else if (const auto* alpha = std::get_if<AlphaAttrs>(&node.attrs)) {
    out.number("alpha", alpha->alpha);
  } else if (const auto* axis = std::get_if<AxisAttrs>(&node.attrs)) {
    out.integer("axis", axis->axis);
  } else if (const auto* dims = std::get_if<BatchDimsAttrs>(&node.attrs)) {
    out.integer("batch_dims", dims->batch_dims);
  } else if (const auto* norm = std::get_if<BatchNormalizationAttrs>(&node.attrs)) {
    out.number("epsilon", norm->epsilon);
  } else if (const auto* shift = std::get_if<BitShiftAttrs>(&node.attrs)) {
    out.text("direction", shift->left ? "LEFT" : "RIGHT");
  } else if (const auto* cast = std::get_if<CastAttrs>(&node.attrs)) {
    out.integer("to", onnx_type(cast->to));
  } else if (const auto* compress = std::get_if<CompressAttrs>(&node.attrs)) {
    if (compress->axis) out.integer("axis", *compress->axis);
  } else if (const auto* sums = std::get_if<CumSumAttrs>(&node.attrs)) {
    out.integer("exclusive", sums->exclusive ? 1 : 0);
    out.integer("reverse", sums->reverse ? 1 : 0);
  } else if (const auto* depth = std::get_if<DepthSpaceAttrs>(&node.attrs)) {
    out.integer("blocksize", depth->block);
    if (node.op == Op::kDepthToSpace) out.text("mode", depth->order == DepthOrder::kDcr ? "DCR" : "CRD");
  } else if (const auto* eye = std::get_if<EyeLikeAttrs>(&node.attrs)) {
    out.integer("k", eye->k);
  } else if (const auto* gemm = std::get_if<GemmAttrs>(&node.attrs)) {
    add_gemm(*gemm, out);
  } else if (const auto* hard = std::get_if<HardSigmoidAttrs>(&node.attrs)) {
    out.number("alpha", hard->alpha);
    out.number("beta", hard->beta);
  } else if (const auto* infinite = std::get_if<IsInfAttrs>(&node.attrs)) {
    out.integer("detect_negative", infinite->negative ? 1 : 0);
    out.integer("detect_positive", infinite->positive ? 1 : 0);
  } else if (const auto* leaky = std::get_if<LeakyReluAttrs>(&node.attrs)) {
    out.number("alpha", leaky->alpha);
  } else if (const auto* mod = std::get_if<ModAttrs>(&node.attrs)) {
    out.integer("fmod", mod->fmod ? 1 : 0);
  } else if (const auto* nms = std::get_if<NonMaxSuppressionAttrs>(&node.attrs)) {
    out.integer("center_point_box", nms->center_point_box ? 1 : 0);
  } else if (const auto* reshape = std::get_if<ReshapeAttrs>(&node.attrs)) {
    if (opset >= 14) out.integer("allowzero", reshape->allow_zero ? 1 : 0);
  } else if (const auto* selu = std::get_if<SeluAttrs>(&node.attrs)) {
    out.number("alpha", selu->alpha);
    out.number("gamma", selu->gamma);
  } else if (const auto* shape = std::get_if<ShapeAttrs>(&node.attrs)) {
    if (opset >= 15) out.integer("start", shape->start);
    if (shape->end != INT64_MAX) out.integer("end", shape->end);
  } else if (const auto* shrink = std::get_if<ShrinkAttrs>(&node.attrs)) {
    out.number("bias", shrink->bias);
    out.number("lambd", shrink->lambd);
  } else if (const auto* top = std::get_if<TopKAttrs>(&node.attrs)) {
    out.integer("axis", top->axis);
    out.integer("largest", top->largest ? 1 : 0);
    out.integer("sorted", top->sorted ? 1 : 0);
  } else if (const auto* transpose = std::get_if<TransposeAttrs>(&node.attrs)) {
    out.integers("perm", transpose->perm);
  } else if (const auto* triangle = std::get_if<TriluAttrs>(&node.attrs)) {
    out.integer("upper", triangle->upper ? 1 : 0);
  }
}

Status add_attributes(const Graph& graph, const Node& node, const Target& to) {
  SAKER_TRY(check_since(graph, node, to.opset));
  ExportAttributes& out = to.out;
  switch (node.op) {
    case Op::kDequantizeLinear:
    case Op::kQuantizeLinear:
      return add_quantization(graph, node, to.opset, out);
    case Op::kConvInt8:
    case Op::kDecodeBoxes:
    case Op::kLookup:
    case Op::kSumInt8:
      return unsupported("it is saker's own operator");
    case Op::kConv:
      return add_conv(node, out);
    case Op::kConvTranspose:
      return add_conv_transpose(node.as<ConvTransposeAttrs>(), out);
    case Op::kAveragePool:
    case Op::kMaxPool:
      return add_pool(node, out);
    case Op::kResize:
      return add_resize(node.as<ResizeAttrs>(), to);
    case Op::kReduceL1:
    case Op::kReduceL2:
    case Op::kReduceLogSum:
    case Op::kReduceLogSumExp:
    case Op::kReduceMax:
    case Op::kReduceMean:
    case Op::kReduceMin:
    case Op::kReduceProd:
    case Op::kReduceSum:
    case Op::kReduceSumSquare:
      return add_reduce(graph, node, to);
    case Op::kHardmax:
    case Op::kLogSoftmax:
    case Op::kSoftmax:
      return add_softmax(graph, node, to.opset, out);
    case Op::kScatterND:
      return add_scatter(node.as<ScatterNDAttrs>().reduction, out);
    case Op::kScatterElements:
      out.integer("axis", node.as<ScatterElementsAttrs>().axis);
      return add_scatter(node.as<ScatterElementsAttrs>().reduction, out);
    case Op::kSplit:
      return add_split(graph, node, to);
    case Op::kSqueeze:
    case Op::kUnsqueeze:
      return to.opset >= 13 ? Status() : add_list(graph, node, "axes", out, to.exported);
    case Op::kPad: {
      constexpr const char* kModes[] = {"constant", "reflect", "edge", "wrap"};
      const auto index = static_cast<std::size_t>(node.as<PadAttrs>().mode);
      if (index == 3 || node.has_input(3)) return unsupported("its mode or axes");
      out.text("mode", kModes[index]);
      return {};
    }
    default:
      break;
  }
  if (is_layer(node)) return add_layer(graph, node, out, to.exported);
  add_plain(node, to.opset, out);
  return {};
}

}  // namespace

// onnx.proto: TensorProto.DataType
std::int64_t onnx_type(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return 1;
    case DType::kUint8:
      return 2;
    case DType::kInt8:
      return 3;
    case DType::kUint16:
      return 4;
    case DType::kInt16:
      return 5;
    case DType::kInt32:
      return 6;
    case DType::kInt64:
      return 7;
    case DType::kBool:
      return 9;
    case DType::kFloat16:
      return 10;
    case DType::kFloat64:
      return 11;
    case DType::kUint32:
      return 12;
    case DType::kUint64:
      return 13;
    case DType::kBFloat16:
      return 16;
  }
  return 0;
}

Result<ExportedNode> export_node(const Graph& graph, const Node& node, std::int64_t opset) {
  ExportedNode exported;
  ExportAttributes attributes(exported);
  SAKER_TRY(add_attributes(graph, node, {opset, attributes, exported}));
  return exported;
}

}  // namespace saker::onnx
