// Resize.
#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "model/torchscript/export_ops.h"

namespace saker::torchscript {
namespace {

struct Scales {
  double height = 1, width = 1;
};

// Of the two last axes of four; the others must keep their extents.
Result<Scales> scales_of(const ScriptNode& n) {
  std::vector<double> all;
  if (n.has(2) && n.input(2).constant && n.input(2).constant->dtype() == DType::kFloat32) {
    const Tensor& scales = *n.input(2).constant;
    for (std::int64_t i = 0; i < scales.elements(); ++i) all.push_back(scales.data<float>()[i]);
  }
  const Shape *in = n.shape(0), *out = n.out_shape();
  if (all.empty() && in != nullptr && out != nullptr) {
    for (std::size_t i = 0; i < in->size(); ++i)
      all.push_back(static_cast<double>((*out)[i]) / static_cast<double>((*in)[i]));
  }
  if (all.empty()) return unsupported("sizes that are not known");
  if (all.size() != 4 || all[0] != 1 || all[1] != 1) return unsupported("other axes than height and width");
  return Scales{all[2], all[3]};
}

bool is_whole(double scale) {
  return scale >= 1 && scale == std::floor(scale);
}

// torch takes pixel floor(i / scale). Of whole scales the nearest centre is the same; and of 2, i / 2 rounded with the
// lower one preferred.
bool is_torchs_nearest(const ResizeAttrs& attrs, const Scales& scales) {
  const bool asymmetric = attrs.coordinates == ResizeCoordinates::kAsymmetric;
  if (asymmetric && attrs.nearest == ResizeNearest::kFloor) return true;
  if (!is_whole(scales.height) || !is_whole(scales.width)) return false;
  const bool rounds =
      attrs.nearest == ResizeNearest::kRoundPreferFloor || attrs.nearest == ResizeNearest::kRoundPreferCeil;
  const bool by_two = scales.height == 2 && scales.width == 2;
  if (asymmetric) return by_two && attrs.nearest == ResizeNearest::kRoundPreferFloor;
  return rounds && (attrs.coordinates == ResizeCoordinates::kHalfPixel ||
                    attrs.coordinates == ResizeCoordinates::kPytorchHalfPixel);
}

}  // namespace

Status add_resize(ScriptNode& n) {
  const auto& attrs = n.as<ResizeAttrs>();
  if (attrs.antialias || !attrs.axes.empty() || attrs.aspect != ResizeAspect::kStretch)
    return unsupported("axes, antialias or keep_aspect_ratio_policy");
  SAKER_ASSIGN(const Scales scales, scales_of(n));
  // A size that is known is given with the scales: in * (out / in) may be less than out.
  const Shape* out = n.out_shape();
  const std::string size = out != nullptr ? literal(Shape(out->end() - 2, out->end())) : "None";
  const std::string factors =
      fmt::format(fmt::runtime(out != nullptr ? "{}, {}" : "[{}, {}]"), literal(scales.height), literal(scales.width));
  if (attrs.mode == ResizeMode::kNearest) {
    if (!is_torchs_nearest(attrs, scales)) return unsupported("its way to round");
    n.assign(call("upsample_nearest2d", n.in(0), size, factors));
    return {};
  }
  const bool corners = attrs.coordinates == ResizeCoordinates::kAlignCorners;
  const bool centres =
      attrs.coordinates == ResizeCoordinates::kHalfPixel ||
      (attrs.coordinates == ResizeCoordinates::kPytorchHalfPixel && out != nullptr && (*out)[2] > 1 && (*out)[3] > 1);
  const bool cubic = attrs.mode == ResizeMode::kCubic;
  if ((!corners && !centres) || (cubic && (attrs.cubic_coeff_a != -0.75F || attrs.exclude_outside)))
    return unsupported("its coordinates or coefficients");
  n.assign(call(cubic ? "upsample_bicubic2d" : "upsample_bilinear2d", n.in(0), size, literal(corners), factors));
  return {};
}

}  // namespace saker::torchscript
