// Operators that read pictures at other places: grids, regions, offsets, blocks.
#include <fmt/format.h>

#include <array>

#include "base/try.h"
#include "model/onnx/import_ops.h"
#include "model/pick.h"

namespace saker::onnx {
namespace {

// Opset 16 had the names that stand last.
constexpr std::pair<std::string_view, GridSampleMode> kGridModes[] = {{"linear", GridSampleMode::kLinear},
                                                                      {"nearest", GridSampleMode::kNearest},
                                                                      {"cubic", GridSampleMode::kCubic},
                                                                      {"bilinear", GridSampleMode::kLinear},
                                                                      {"bicubic", GridSampleMode::kCubic}};
constexpr std::pair<std::string_view, GridSamplePadding> kGridPaddings[] = {
    {"zeros", GridSamplePadding::kZeros},
    {"border", GridSamplePadding::kBorder},
    {"reflection", GridSamplePadding::kReflection}};
// Whether coordinates name the corners of pixels: half a pixel lies between them and the pixels' centres.
constexpr std::pair<std::string_view, bool> kRegionCoordinates[] = {{"half_pixel", true}, {"output_half_pixel", false}};
constexpr std::pair<std::string_view, bool> kRegionModes[] = {{"avg", false}, {"max", true}};

constexpr std::int64_t kMost = INT32_MAX;

}  // namespace

Status import_affine_grid(NodeImporter& node) {
  SAKER_ASSIGN(const bool align_corners, node.bool_attr("align_corners", false));
  return node.emit(Op::kAffineGrid, AffineGridAttrs{align_corners});
}

Status import_grid_sample(NodeImporter& node) {
  GridSampleAttrs attrs;
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "linear"));
  SAKER_TRY(pick("unknown mode", mode, kGridModes, attrs.mode));
  SAKER_ASSIGN(const std::string_view padding, node.text_attr("padding_mode", "zeros"));
  SAKER_TRY(pick("unknown padding_mode", padding, kGridPaddings, attrs.padding));
  SAKER_ASSIGN(attrs.align_corners, node.bool_attr("align_corners", false));
  return node.emit(Op::kGridSample, attrs);
}

// Before opset 16 coordinates had no half pixel.
Status import_roi_align(NodeImporter& node) {
  RoiAlignAttrs attrs;
  SAKER_ASSIGN(
      const std::string_view coordinates,
      node.text_attr("coordinate_transformation_mode", node.opset() < 16 ? "output_half_pixel" : "half_pixel"));
  SAKER_TRY(pick("unknown coordinate_transformation_mode", coordinates, kRegionCoordinates, attrs.half_pixel));
  SAKER_ASSIGN(const std::string_view mode, node.text_attr("mode", "avg"));
  SAKER_TRY(pick("unknown mode", mode, kRegionModes, attrs.maximum));
  SAKER_ASSIGN(attrs.height, node.int_attr_within("output_height", 1, 1, kMost));
  SAKER_ASSIGN(attrs.width, node.int_attr_within("output_width", 1, 1, kMost));
  SAKER_ASSIGN(attrs.samples, node.int_attr_within("sampling_ratio", 0, 0, kMost));
  SAKER_ASSIGN(attrs.spatial_scale, node.float_attr("spatial_scale", 1));
  return node.emit(Op::kRoiAlign, attrs);
}

Status import_max_roi_pool(NodeImporter& node) {
  MaxRoiPoolAttrs attrs;
  SAKER_ASSIGN(const std::vector<std::int64_t> shape, node.ints_attr_within("pooled_shape", 1, kMost));
  if (shape.size() != 2)
    return Error{ErrorCode::kInvalid, fmt::format("pooled_shape has {} entries, not 2", shape.size())};
  attrs.height = shape[0];
  attrs.width = shape[1];
  SAKER_ASSIGN(attrs.spatial_scale, node.float_attr("spatial_scale", 1));
  return node.emit(Op::kMaxRoiPool, attrs);
}

Status import_deform_conv(NodeImporter& node) {
  DeformConvAttrs attrs;
  SAKER_ASSIGN(ConvAttrs conv, conv_attrs(node));
  attrs.window = std::move(conv.window);
  attrs.group = conv.group;
  SAKER_ASSIGN(attrs.offset_group, node.int_attr_within("offset_group", 1, 1, kMost));
  return node.emit(Op::kDeformConv, std::move(attrs));
}

Status import_col2im(NodeImporter& node) {
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  return node.emit(Op::kCol2Im, std::move(attrs.window));
}

Status import_max_unpool(NodeImporter& node) {
  SAKER_ASSIGN(ConvAttrs attrs, conv_attrs(node));
  return node.emit(Op::kMaxUnpool, std::move(attrs.window));
}

Status import_center_crop_pad(NodeImporter& node) {
  SAKER_ASSIGN(std::vector<std::int64_t> axes, node.ints_attr("axes"));
  return node.emit(Op::kCenterCropPad, AxesAttrs{std::move(axes)});
}

}  // namespace saker::onnx
