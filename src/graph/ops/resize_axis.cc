// Resize along one axis (resize.h).
#include <algorithm>
#include <cmath>

#include "graph/ops/resize.h"

namespace saker::ops {
namespace {

bool is_given(const Args& args, std::size_t i) {  // older files pass an empty tensor for "absent"
  return args.has(i) && !(args.shape(i) != nullptr && *args.shape(i) == Shape{0});
}

Result<std::vector<double>> floats_for(const Args& args, std::size_t i, std::size_t count, const char* what) {
  SAKER_ASSIGN(std::vector<double> values, float_list(args.tensor(i), what));
  if (values.size() != count) return invalid("{} {} for {} axes", values.size(), what, count);
  for (const double value : values) {
    if (!std::isfinite(value)) return invalid("{} has the entry {}", what, value);
  }
  return values;
}

// out = floor(in * scale), in single precision as exporters compute it.
Status apply_scale(ResizedAxis& axis, double scale) {
  if (!(scale > 0)) return invalid("the scale {} is not positive", scale);
  const float length = std::floor(static_cast<float>(scale) * static_cast<float>(axis.in));
  if (!(length < 0x1p46F)) return invalid("the scale {} makes {} too large", scale, axis.in);
  axis.scale = scale;
  axis.out = static_cast<std::int64_t>(length);
  axis.width = static_cast<double>(axis.in) * scale;
  return {};
}

Status apply_size(ResizedAxis& axis, std::int64_t size) {
  if (size < 0 || size >= (std::int64_t{1} << 46)) return invalid("the size {} is out of range", size);
  if (axis.in == 0 && size > 0) return invalid("an axis of extent 0 cannot become {}", size);
  axis.out = size;
  axis.scale = axis.in == 0 ? 1 : static_cast<double>(size) / static_cast<double>(axis.in);
  axis.width = static_cast<double>(size);
  axis.by_size = true;
  return {};
}

// One scale for all resized axes: the smallest (kNotLarger) or the largest (kNotSmaller).
Status keep_aspect(std::vector<ResizedAxis>& axes, ResizeAspect aspect) {
  std::optional<double> scale;
  for (const ResizedAxis& axis : axes) {
    if (!axis.touched) continue;
    const bool smaller = aspect == ResizeAspect::kNotLarger;
    if (!scale || (smaller ? axis.scale < *scale : axis.scale > *scale)) scale = axis.scale;
  }
  for (ResizedAxis& axis : axes) {
    if (!axis.touched) continue;
    axis.scale = *scale;
    axis.by_size = false;
    axis.width = static_cast<double>(axis.in) * axis.scale;
    if (!(axis.width < 0x1p46)) return invalid("the scale {} makes {} too large", *scale, axis.in);
    axis.out = static_cast<std::int64_t>(axis.width + 0.5);
  }
  return {};
}

constexpr double kMaxTaps = 1 << 23;

// How far the kernel is widened against aliasing.
double spread_of(const ResizeAttrs& attrs, const ResizedAxis& axis) {
  return attrs.antialias && axis.scale < 1 ? 1 / axis.scale : 1;
}

// Input elements that count on either side of a position.
double reach_of(const ResizeAttrs& attrs, const ResizedAxis& axis) {
  return (attrs.mode == ResizeMode::kCubic ? 2 : 1) * spread_of(attrs, axis);
}

}  // namespace

Result<std::optional<std::vector<ResizedAxis>>> plan_resize(const Args& args) {
  const auto& attrs = args.as<ResizeAttrs>();
  const bool by_scale = is_given(args, 2);
  const bool by_size = is_given(args, 3);
  const bool crop = attrs.coordinates == ResizeCoordinates::kTfCropAndResize;
  std::optional<std::vector<ResizedAxis>> result;
  if (args.shape(0) == nullptr || args.has_unknown_data(2) || args.has_unknown_data(3)) return result;
  if (crop && args.has_unknown_data(1)) return result;
  if (by_scale == by_size) return invalid("either scales or sizes must be given, not both");
  if (crop && !is_given(args, 1)) return invalid("tf_crop_and_resize needs a region of interest");
  const Shape& shape = *args.shape(0);
  std::vector<std::int64_t> all(shape.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = as_int(i);
  SAKER_ASSIGN(const auto axes, normalize_axes(attrs.axes.empty() ? all : attrs.axes, shape.size()));
  result.emplace(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (*result)[i].in = (*result)[i].out = shape[i];
    (*result)[i].width = static_cast<double>(shape[i]);
  }
  std::vector<double> scales;
  std::vector<double> roi;
  std::vector<std::int64_t> sizes;
  if (by_scale) {
    SAKER_ASSIGN(scales, floats_for(args, 2, axes.size(), "scales"));
  } else {
    SAKER_ASSIGN(sizes, int_list(args.tensor(3), "sizes"));
    if (sizes.size() != axes.size()) return invalid("{} sizes for {} axes", sizes.size(), axes.size());
  }
  if (crop) {
    SAKER_ASSIGN(roi, floats_for(args, 1, 2 * axes.size(), "roi"));
  }
  for (std::size_t i = 0; i < axes.size(); ++i) {
    ResizedAxis& axis = (*result)[axes[i]];
    SAKER_TRY(by_scale ? apply_scale(axis, scales[i]) : apply_size(axis, sizes[i]));
    if (crop) {
      axis.roi_start = roi[i];
      axis.roi_end = roi[i + axes.size()];
    }
    axis.touched = true;
  }
  if (by_size && attrs.aspect != ResizeAspect::kStretch) SAKER_TRY(keep_aspect(*result, attrs.aspect));
  for (ResizedAxis& axis : *result) {
    // A table of taps is made for every axis, before memory is asked for the output.
    if (axis.touched && static_cast<double>(axis.out) * 2 * reach_of(attrs, axis) > kMaxTaps)
      return Error{ErrorCode::kLimit, fmt::format("an axis of {} is resized to {}: too many", axis.in, axis.out)};
    axis.touched = axis.touched && (axis.scale != 1 || axis.roi_start != 0 || axis.roi_end != 1);
  }
  return result;
}

namespace {

// o / scale, exactly where the scale is a ratio of extents.
double unscaled(const ResizedAxis& axis, double o) {
  return axis.by_size ? o * static_cast<double>(axis.in) / axis.width : o / axis.scale;
}

// Where the output position o lies on the input, in input elements.
double source_of(ResizeCoordinates coordinates, const ResizedAxis& axis, double o) {
  const double last = static_cast<double>(axis.in - 1);
  switch (coordinates) {
    case ResizeCoordinates::kHalfPixel:
      return unscaled(axis, o + 0.5) - 0.5;
    case ResizeCoordinates::kHalfPixelSymmetric: {
      // The centre of the output, before rounding its length, stays at the centre of the input.
      const double adjustment = static_cast<double>(axis.out) / axis.width;
      const double offset = static_cast<double>(axis.in) / 2 * (1 - adjustment);
      return offset + unscaled(axis, o + 0.5) - 0.5;
    }
    case ResizeCoordinates::kPytorchHalfPixel:
      return axis.out > 1 ? unscaled(axis, o + 0.5) - 0.5 : 0;
    case ResizeCoordinates::kAlignCorners:
      return axis.width == 1 ? 0 : o * last / (axis.width - 1);
    case ResizeCoordinates::kAsymmetric:
      return unscaled(axis, o);
    case ResizeCoordinates::kTfCropAndResize: {
      const double span = (axis.roi_end - axis.roi_start) * last;
      return axis.roi_start * last + (axis.width == 1 ? span / 2 : o * span / (axis.width - 1));
    }
  }
  return 0;
}

double nearest_to(ResizeNearest rounding, double x) {
  switch (rounding) {
    case ResizeNearest::kRoundPreferFloor:
      return std::ceil(x - 0.5);
    case ResizeNearest::kRoundPreferCeil:
      return std::floor(x + 0.5);
    case ResizeNearest::kFloor:
      return std::floor(x);
    case ResizeNearest::kCeil:
      return std::ceil(x);
  }
  return x;
}

// The weight of an input element at the distance d.
double linear_weight(double d) {
  return std::max(0.0, 1 - std::abs(d));
}
double cubic_weight(double d, double a) {
  d = std::abs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

// Adds the taps of one position x: the kernel, widened by `spread` against aliasing, then
// normalised. Taps beyond the ends read the edge, or are left out with exclude_outside.
void add_taps(ResizeTaps& taps, const ResizeAttrs& attrs, double x, double spread, std::int64_t extent) {
  const bool cubic = attrs.mode == ResizeMode::kCubic;
  const double reach = (cubic ? 2 : 1) * spread;
  const auto first = static_cast<std::int64_t>(std::floor(x - reach)) + 1;
  const auto last = static_cast<std::int64_t>(std::ceil(x + reach)) - 1;
  const std::size_t begin = taps.index.size();
  double sum = 0;
  for (std::int64_t i = first; i <= last; ++i) {
    const double d = (static_cast<double>(i) - x) / spread;
    const double weight = cubic ? cubic_weight(d, static_cast<double>(attrs.cubic_coeff_a)) : linear_weight(d);
    if (weight == 0 || (attrs.exclude_outside && (i < 0 || i >= extent))) continue;
    taps.index.push_back(std::clamp<std::int64_t>(i, 0, extent - 1));
    taps.weight.push_back(weight);
    sum += weight;
  }
  if (sum == 0) {  // nothing left: the nearest element
    taps.index.resize(begin);
    taps.weight.resize(begin);
    taps.index.push_back(std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(x + 0.5)), 0, extent - 1));
    taps.weight.push_back(1);
    return;
  }
  for (std::size_t i = begin; i < taps.weight.size(); ++i) taps.weight[i] /= sum;
}

}  // namespace

namespace {

// Where the output position o reads; empty: outside.
std::optional<double> position_of(const ResizeAttrs& attrs, const ResizedAxis& axis, std::int64_t o) {
  const double last = static_cast<double>(axis.in - 1);
  const double x = source_of(attrs.coordinates, axis, static_cast<double>(o));
  if (attrs.coordinates == ResizeCoordinates::kTfCropAndResize && (!(x >= 0) || x > last)) return std::nullopt;
  // Farther out than this, every tap is on the edge in any case.
  return x == x ? std::clamp(x, -8.0, last + 8) : 0;
}

}  // namespace

std::int64_t nearest_tap(const ResizeAttrs& attrs, const ResizedAxis& axis, std::int64_t o) {
  if (!axis.touched) return o;
  const auto x = position_of(attrs, axis, o);
  if (!x) return -1;
  return static_cast<std::int64_t>(std::clamp(nearest_to(attrs.nearest, *x), 0.0, static_cast<double>(axis.in - 1)));
}

std::int64_t most_taps(const ResizeAttrs& attrs, const ResizedAxis& axis) {
  const double each = attrs.mode == ResizeMode::kNearest ? 1 : std::ceil(2 * reach_of(attrs, axis));
  return axis.out * static_cast<std::int64_t>(each);
}

ResizeTaps resize_taps(const ResizeAttrs& attrs, const ResizedAxis& axis) {
  ResizeTaps taps;
  const std::size_t most = as_size(most_taps(attrs, axis));
  taps.begin.reserve(as_size(axis.out) + 1);
  taps.index.reserve(most);
  taps.weight.reserve(most);
  const double spread = spread_of(attrs, axis);
  for (std::int64_t o = 0; o < axis.out; ++o) {
    if (const auto x = position_of(attrs, axis, o); x && attrs.mode == ResizeMode::kNearest) {
      taps.index.push_back(nearest_tap(attrs, axis, o));
      taps.weight.push_back(1);
    } else if (x) {
      add_taps(taps, attrs, *x, spread, axis.in);
    }
    taps.begin.push_back(taps.index.size());
  }
  return taps;
}

}  // namespace saker::ops
