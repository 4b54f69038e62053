// Resize as Interpolate.
#include <algorithm>

#include "base/try.h"
#include "model/openvino_ir/export_ops.h"

namespace saker::openvino_ir {
namespace {

// The engine works on the axes that are named, and on few of them faster: those whose scale is not 1.
struct Scaled {
  std::vector<float> scales;
  std::vector<std::int64_t> axes;
};
Scaled scaled_axes(const Tensor& scales, const std::vector<std::int64_t>& axes) {
  Scaled out;
  for (std::int64_t i = 0; i < scales.elements(); ++i) {
    const float scale = scales.data<float>()[i];
    const bool is_picture = scales.elements() == 4 && axes.empty() && i >= 2;
    if (scale == 1 && !is_picture) continue;
    out.scales.push_back(scale);
    out.axes.push_back(axes.empty() ? i : axes[static_cast<std::size_t>(i)]);
  }
  return out;
}

Result<LayerData> data_of(const ResizeAttrs& attrs) {
  constexpr const char* kModes[] = {"nearest", "linear_onnx", "cubic"};
  constexpr const char* kCoordinates[] = {"half_pixel", "", "pytorch_half_pixel", "align_corners", "asymmetric", ""};
  constexpr const char* kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
  const std::string coordinates = kCoordinates[static_cast<std::size_t>(attrs.coordinates)];
  if (coordinates.empty()) return unsupported("how it counts coordinates");
  if (attrs.antialias || attrs.aspect != ResizeAspect::kStretch) return unsupported("antialias or a kept aspect ratio");
  if (attrs.exclude_outside && attrs.mode == ResizeMode::kCubic) return unsupported("exclude_outside");
  return LayerData{{"mode", kModes[static_cast<std::size_t>(attrs.mode)]},
                   {"coordinate_transformation_mode", coordinates},
                   {"nearest_mode", kNearest[static_cast<std::size_t>(attrs.nearest)]},
                   {"antialias", text(false)},
                   {"cube_coeff", fmt::format("{}", attrs.cubic_coeff_a)}};
}

}  // namespace

Status export_resize(NodeExporter& node) {
  const auto& attrs = node.as<ResizeAttrs>();
  SAKER_ASSIGN(LayerData data, data_of(attrs));
  const bool by_scales = node.has_input(2) && !(node.constant(2) != nullptr && node.constant(2)->elements() == 0);
  data.emplace_back("shape_calculation_mode", by_scales ? "scales" : "sizes");
  std::vector<Source> inputs = {node.input(0)};
  if (by_scales && node.constant(2) != nullptr) {
    const Scaled scaled = scaled_axes(*node.constant(2), attrs.axes);
    if (scaled.axes.empty()) return export_identity(node);
    const auto count = static_cast<std::int64_t>(scaled.axes.size());
    inputs.push_back(node.floats("scales", scaled.scales, {count}));
    inputs.push_back(node.list("axes", scaled.axes));
    return node.emit("Interpolate", "opset11", std::move(data), std::move(inputs));
  }
  inputs.push_back(node.input(by_scales ? 2 : 3));
  if (!attrs.axes.empty()) inputs.push_back(node.list("axes", attrs.axes));
  return node.emit("Interpolate", "opset11", std::move(data), std::move(inputs));
}

}  // namespace saker::openvino_ir
