// Interpolate, opset1, opset4 and opset11.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/try.h"
#include "model/openvino_ir/import_ops.h"
#include "model/pick.h"

namespace saker::openvino_ir {
namespace {

constexpr std::pair<std::string_view, ResizeMode> kModes[] = {{"nearest", ResizeMode::kNearest},
                                                              {"linear", ResizeMode::kLinear},
                                                              {"linear_onnx", ResizeMode::kLinear},
                                                              {"cubic", ResizeMode::kCubic}};
constexpr std::pair<std::string_view, ResizeCoordinates> kCoordinates[] = {
    {"half_pixel", ResizeCoordinates::kHalfPixel},
    {"pytorch_half_pixel", ResizeCoordinates::kPytorchHalfPixel},
    {"align_corners", ResizeCoordinates::kAlignCorners},
    {"asymmetric", ResizeCoordinates::kAsymmetric}};
constexpr std::pair<std::string_view, ResizeNearest> kNearestModes[] = {
    {"round_prefer_floor", ResizeNearest::kRoundPreferFloor},
    {"round_prefer_ceil", ResizeNearest::kRoundPreferCeil},
    {"floor", ResizeNearest::kFloor},
    {"ceil", ResizeNearest::kCeil},
    {"simple", ResizeNearest::kFloor}};  // where pictures grow

Status check_pads(const LayerImporter& layer) {
  for (const char* name : {"pads_begin", "pads_end"}) {
    SAKER_ASSIGN(const std::vector<std::int64_t> pads, layer.ints_attr(name));
    if (std::ranges::any_of(pads, [](std::int64_t pad) { return pad != 0; }))
      return Error{ErrorCode::kUnsupported, fmt::format("{} that are not 0", name)};
  }
  return {};
}

// "simple" rounds down where pictures grow and up where they shrink.
Status check_grows(const LayerImporter& layer) {
  const Shape &from = layer.dims(0), &to = layer.layer().outputs[0].dims;
  bool grows = from.size() == to.size();
  for (std::size_t i = 0; grows && i < from.size(); ++i) grows = from[i] >= 0 && to[i] >= from[i];
  return grows ? Status() : Error{ErrorCode::kUnsupported, "nearest_mode 'simple' where the size is not known to grow"};
}

Result<std::vector<ValueId>> with_sizes(LayerImporter& layer) {
  SAKER_ASSIGN(const ValueId sizes, layer.input_as(1, DType::kInt64));
  return std::vector<ValueId>{layer.input(0), kNoValue, kNoValue, sizes};
}

Result<std::vector<ValueId>> with_scales(LayerImporter& layer, std::size_t i) {
  SAKER_ASSIGN(const ValueId scales, layer.input_as(i, DType::kFloat32));
  return std::vector<ValueId>{layer.input(0), kNoValue, scales};
}

// Places of the named axes among `rank`. Empty: not each another of them.
std::vector<std::size_t> places_of(const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::vector<std::size_t> places;
  const auto count = static_cast<std::int64_t>(rank);
  for (const std::int64_t axis : axes) {
    if (axis < -count || axis >= count) return {};
    places.push_back(axis_index(axis, rank));
    if (std::ranges::count(places, places.back()) > 1) return {};
  }
  return places;
}

// All axes in place of those that are named, as ONNX before opset 18 has it: the others stay as they are. Where it is
// not known here how that is, the axes stay named.
Status spread(LayerImporter& layer, ResizeAttrs& attrs, std::vector<ValueId>& inputs) {
  const Shape& dims = layer.dims(0);
  const std::optional<Tensor> listed = layer.work().graph.value(inputs.back()).constant;
  const std::vector<std::size_t> places = places_of(attrs.axes, dims.size());
  if (places.empty() || !listed || listed->elements() != static_cast<std::int64_t>(places.size())) return {};
  if (inputs.size() == 3) {
    std::vector<float> scales(dims.size(), 1);
    for (std::size_t i = 0; i < places.size(); ++i) scales[places[i]] = listed->data<float>()[i];
    SAKER_ASSIGN(inputs.back(), layer.float_list("scales", scales, {static_cast<std::int64_t>(scales.size())}));
  } else {
    std::vector<std::int64_t> sizes = dims;
    for (std::size_t i = 0; i < places.size(); ++i) sizes[places[i]] = listed->data<std::int64_t>()[i];
    if (std::ranges::any_of(sizes, [](std::int64_t size) { return size < 0; })) return {};
    SAKER_ASSIGN(inputs.back(), layer.int_constant("sizes", sizes));
  }
  attrs.axes.clear();
  return {};
}

Status import_old(LayerImporter& layer, ResizeAttrs attrs) {
  SAKER_ASSIGN(attrs.axes, layer.ints_attr("axes"));
  SAKER_ASSIGN(const bool align_corners, layer.bool_attr("align_corners", true));
  attrs.coordinates = align_corners ? ResizeCoordinates::kAlignCorners : ResizeCoordinates::kAsymmetric;
  attrs.nearest = ResizeNearest::kFloor;
  if (attrs.mode == ResizeMode::kNearest) SAKER_TRY(check_grows(layer));
  SAKER_ASSIGN(std::vector<ValueId> inputs, with_sizes(layer));
  SAKER_TRY(spread(layer, attrs, inputs));
  return layer.emit(Op::kResize, std::move(attrs), std::move(inputs));
}

}  // namespace

Status import_interpolate(LayerImporter& layer) {
  ResizeAttrs attrs;
  SAKER_TRY(pick("mode", layer.text_attr("mode", ""), kModes, attrs.mode));
  SAKER_ASSIGN(attrs.antialias, layer.bool_attr("antialias", false));
  SAKER_TRY(check_pads(layer));
  const std::string_view version = layer.layer().version;
  if (version == "opset1" || version == "opset2" || version == "opset3") return import_old(layer, std::move(attrs));
  SAKER_TRY(pick("coordinate_transformation_mode", layer.text_attr("coordinate_transformation_mode", "half_pixel"),
                 kCoordinates, attrs.coordinates));
  const std::string_view nearest = layer.text_attr("nearest_mode", "round_prefer_floor");
  SAKER_TRY(pick("nearest_mode", nearest, kNearestModes, attrs.nearest));
  if (attrs.mode == ResizeMode::kNearest && nearest == "simple") SAKER_TRY(check_grows(layer));
  SAKER_ASSIGN(attrs.cubic_coeff_a, layer.float_attr("cube_coeff", -0.75F));
  // opset4 has sizes and scales, of which one counts; opset11 has that one only.
  const bool both = layer.has_attr("shape_calculation_mode") && version.size() == 6 && version < "opset9";
  const std::size_t axes = both ? 3 : 2;
  if (both && !layer.has_input(2)) return Error{ErrorCode::kInvalid, "its scales are missing"};
  if (layer.has_input(axes)) {
    SAKER_ASSIGN(attrs.axes, layer.ints(axes, "its list of axes"));
  }
  const std::string_view by = layer.text_attr("shape_calculation_mode", "");
  if (by != "sizes" && by != "scales")
    return Error{ErrorCode::kInvalid, fmt::format("unknown shape_calculation_mode '{}'", printable_name(by))};
  SAKER_ASSIGN(std::vector<ValueId> inputs, by == "sizes" ? with_sizes(layer) : with_scales(layer, both ? 2 : 1));
  SAKER_TRY(spread(layer, attrs, inputs));
  return layer.emit(Op::kResize, std::move(attrs), std::move(inputs));
}

}  // namespace saker::openvino_ir
