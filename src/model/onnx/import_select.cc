// Operators that choose elements by position, and Resize and Upsample.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/onnx/import_ops.h"
#include "model/pick.h"

namespace saker::onnx {
namespace {

constexpr std::pair<std::string_view, ResizeMode> kModes[] = {
    {"nearest", ResizeMode::kNearest}, {"linear", ResizeMode::kLinear}, {"cubic", ResizeMode::kCubic}};
constexpr std::pair<std::string_view, ResizeMode> kFirstModes[] = {
    {"nearest", ResizeMode::kNearest}, {"linear", ResizeMode::kLinear}, {"bilinear", ResizeMode::kLinear}};
constexpr std::pair<std::string_view, ResizeCoordinates> kCoordinates[] = {
    {"half_pixel", ResizeCoordinates::kHalfPixel},
    {"half_pixel_symmetric", ResizeCoordinates::kHalfPixelSymmetric},
    {"pytorch_half_pixel", ResizeCoordinates::kPytorchHalfPixel},
    {"align_corners", ResizeCoordinates::kAlignCorners},
    {"asymmetric", ResizeCoordinates::kAsymmetric},
    {"tf_crop_and_resize", ResizeCoordinates::kTfCropAndResize}};
constexpr std::pair<std::string_view, ResizeNearest> kNearestModes[] = {
    {"round_prefer_floor", ResizeNearest::kRoundPreferFloor},
    {"round_prefer_ceil", ResizeNearest::kRoundPreferCeil},
    {"floor", ResizeNearest::kFloor},
    {"ceil", ResizeNearest::kCeil}};
constexpr std::pair<std::string_view, ResizeAspect> kAspects[] = {{"stretch", ResizeAspect::kStretch},
                                                                  {"not_larger", ResizeAspect::kNotLarger},
                                                                  {"not_smaller", ResizeAspect::kNotSmaller}};
constexpr std::pair<std::string_view, ScatterReduction> kReductions[] = {{"none", ScatterReduction::kNone},
                                                                         {"add", ScatterReduction::kAdd},
                                                                         {"mul", ScatterReduction::kMul},
                                                                         {"max", ScatterReduction::kMax},
                                                                         {"min", ScatterReduction::kMin}};

// Upsample, and Resize before opset 11: scales only, pixel corners aligned at the origin, rounded down.
Status emit_old_resize(NodeImporter& node, ValueId scales) {
  ResizeAttrs attrs;
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "nearest"));
  SAKER_TRY(pick("unknown mode", mode, kFirstModes, attrs.mode));
  attrs.coordinates = ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  return node.emit(Op::kResize, attrs, {node.input(0), kNoValue, scales});
}

Result<AxisAttrs> axis_attrs(const NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", 0));
  return AxisAttrs{axis};
}

}  // namespace

Status import_arg(NodeImporter& node, Op op) {
  ArgMaxAttrs attrs;
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", 0));
  SAKER_ASSIGN(attrs.keepdims, node.bool_attr("keepdims", true));
  SAKER_ASSIGN(attrs.select_last, node.bool_attr("select_last_index", false));
  return node.emit(op, attrs);
}

Status import_compress(NodeImporter& node) {
  CompressAttrs attrs;
  if (node.has_attr("axis")) {
    SAKER_ASSIGN(attrs.axis, node.int_attr("axis", 0));
  }
  return node.emit(Op::kCompress, attrs);
}

Status import_cum_sum(NodeImporter& node) {
  CumSumAttrs attrs;
  SAKER_ASSIGN(attrs.exclusive, node.bool_attr("exclusive", false));
  SAKER_ASSIGN(attrs.reverse, node.bool_attr("reverse", false));
  return node.emit(Op::kCumSum, attrs);
}

// In the input's type, or in the given one.
Status import_eye_like(NodeImporter& node) {
  EyeLikeAttrs attrs;
  SAKER_ASSIGN(attrs.k, node.int_attr("k", 0));
  if (!node.has_attr("dtype")) return node.emit(Op::kEyeLike, attrs);
  SAKER_TRY(node.check_inputs(1, 1));
  SAKER_ASSIGN(const std::int64_t to, node.int_attr("dtype", 0));
  SAKER_ASSIGN(const DType dtype, dtype_of(to));
  return node.emit(Op::kCast, CastAttrs{dtype}, {node.step(Op::kEyeLike, attrs, {node.input(0)}, "eye")});
}

Status import_gather(NodeImporter& node) {
  SAKER_ASSIGN(const AxisAttrs attrs, axis_attrs(node));
  return node.emit(Op::kGather, attrs);
}

Status import_gather_elements(NodeImporter& node) {
  SAKER_ASSIGN(const AxisAttrs attrs, axis_attrs(node));
  return node.emit(Op::kGatherElements, attrs);
}

Status import_gather_nd(NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t batch_dims, node.int_attr("batch_dims", 0));
  return node.emit(Op::kGatherND, BatchDimsAttrs{batch_dims});
}

// Scatter is the name that ScatterElements had until opset 11.
Status import_scatter_elements(NodeImporter& node) {
  ScatterElementsAttrs attrs;
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", 0));
  SAKER_ASSIGN(const std::string_view reduction, node.text_attr("reduction", "none"));
  SAKER_TRY(pick("unknown reduction", reduction, kReductions, attrs.reduction));
  return node.emit(Op::kScatterElements, attrs);
}

Status import_scatter_nd(NodeImporter& node) {
  ScatterNDAttrs attrs;
  SAKER_ASSIGN(const std::string_view reduction, node.text_attr("reduction", "none"));
  SAKER_TRY(pick("unknown reduction", reduction, kReductions, attrs.reduction));
  return node.emit(Op::kScatterND, attrs);
}

Status import_one_hot(NodeImporter& node) {
  SAKER_ASSIGN(const std::int64_t axis, node.int_attr("axis", -1));
  return node.emit(Op::kOneHot, AxisAttrs{axis});
}

Status import_trilu(NodeImporter& node) {
  SAKER_ASSIGN(const bool upper, node.bool_attr("upper", true));
  return node.emit(Op::kTrilu, TriluAttrs{upper});
}

Status import_non_max_suppression(NodeImporter& node) {
  SAKER_ASSIGN(const bool center, node.bool_attr("center_point_box", false));
  return node.emit(Op::kNonMaxSuppression, NonMaxSuppressionAttrs{center});
}

// k was an attribute until opset 10.
Status import_top_k(NodeImporter& node) {
  TopKAttrs attrs;
  SAKER_ASSIGN(attrs.axis, node.int_attr("axis", -1));
  SAKER_ASSIGN(attrs.largest, node.bool_attr("largest", true));
  SAKER_ASSIGN(attrs.sorted, node.bool_attr("sorted", true));
  if (node.opset() >= 10) return node.emit(Op::kTopK, attrs);
  SAKER_ASSIGN(const std::int64_t k, node.int_attr("k", 0));
  SAKER_ASSIGN(const ValueId k_input, node.int_constant("k", std::array{k}));
  return node.emit(Op::kTopK, attrs, {node.input(0), k_input});
}

Status import_resize(NodeImporter& node) {
  if (node.opset() < 11) return emit_old_resize(node, node.input(1));
  ResizeAttrs attrs;
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "nearest"));
  SAKER_TRY(pick("unknown mode", mode, kModes, attrs.mode));
  SAKER_ASSIGN(const std::string_view coordinates, node.text_attr("coordinate_transformation_mode", "half_pixel"));
  SAKER_TRY(pick("unknown coordinate_transformation_mode", coordinates, kCoordinates, attrs.coordinates));
  SAKER_ASSIGN(const std::string_view nearest, node.text_attr("nearest_mode", "round_prefer_floor"));
  SAKER_TRY(pick("unknown nearest_mode", nearest, kNearestModes, attrs.nearest));
  SAKER_ASSIGN(const std::string_view aspect, node.text_attr("keep_aspect_ratio_policy", "stretch"));
  SAKER_TRY(pick("unknown keep_aspect_ratio_policy", aspect, kAspects, attrs.aspect));
  SAKER_ASSIGN(attrs.cubic_coeff_a, node.float_attr("cubic_coeff_a", -0.75F));
  SAKER_ASSIGN(attrs.extrapolation_value, node.float_attr("extrapolation_value", 0));
  SAKER_ASSIGN(attrs.exclude_outside, node.bool_attr("exclude_outside", false));
  SAKER_ASSIGN(attrs.antialias, node.bool_attr("antialias", false));
  SAKER_ASSIGN(attrs.axes, node.ints_attr("axes"));
  return node.emit(Op::kResize, std::move(attrs));
}

// Scales were an attribute until opset 9, until opset 7 one for the height and one for the width.
Status import_upsample(NodeImporter& node) {
  if (node.opset() >= 9) return emit_old_resize(node, node.input(1));
  std::vector<float> scales = {1, 1, 1, 1};
  if (node.opset() >= 7) {
    SAKER_ASSIGN(scales, node.floats_attr("scales"));
  } else {
    SAKER_ASSIGN(scales[2], node.float_attr("height_scale", 1));
    SAKER_ASSIGN(scales[3], node.float_attr("width_scale", 1));
  }
  SAKER_ASSIGN(const ValueId scales_input, node.float_constant("scales", scales, DType::kFloat32));
  return emit_old_resize(node, scales_input);
}

}  // namespace saker::onnx
