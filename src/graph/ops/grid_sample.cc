// AffineGrid and GridSample: pictures read at any points. A grid gives points as (x, y) or (x, y, z) from -1 to 1
// across the picture: over the centres of its corner pixels with align_corners, over its whole width otherwise.
#include <algorithm>
#include <array>
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Status check_grid_rank(std::size_t rank, const char* what) {
  if (rank == 4 || rank == 5) return {};
  return invalid("{} has rank {}: pictures have rank 4, volumes 5", what, rank);
}

// The extents that a size [N, C, spatial] asks for.
Result<Shape> read_size(const Args& args) {
  SAKER_ASSIGN(Shape size, int_list(args.tensor(1), "the size"));
  SAKER_TRY(check_grid_rank(size.size(), "the size"));
  for (const std::int64_t extent : size) {
    if (extent < 0) return invalid("the size is {}", to_string(size));
  }
  return size;
}

// Where pixel i of n lies, from -1 to 1.
double place_of(std::int64_t i, std::int64_t n, bool align_corners) {
  if (align_corners && n == 1) return 0;
  const double at = 2 * static_cast<double>(i);
  return align_corners ? at / static_cast<double>(n - 1) - 1 : (at + 1) / static_cast<double>(n) - 1;
}

}  // namespace

// Inputs: theta [N, 2, 3] or [N, 3, 4], size [N, C, spatial]. Output: [N, spatial, 2 or 3].
Result<Outputs> affine_grid_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kFloatTypes));
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr || args.has_unknown_data(1)) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Shape size, read_size(args));
  const std::int64_t axes = as_int(size.size()) - 2;
  if (*args.shape(0) != Shape{size[0], axes, axes + 1})
    return invalid("theta has shape {}, the size is {}", to_string(*args.shape(0)), to_string(size));
  Shape shape = size;
  shape.erase(shape.begin() + 1);
  shape.push_back(axes);
  return one(args.dtype(0), std::move(shape));
}

// y[n, point] = theta[n] (point, 1)
Status affine_grid_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  const bool align_corners = args.as<AffineGridAttrs>().align_corners;
  const Shape points(outputs[0].shape().begin(), outputs[0].shape().end() - 1);
  const std::size_t axes = points.size() - 1;
  return visit_float(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    T* to = outputs[0].data<T>();
    Shape index(points.size(), 0);
    do {
      const T* theta = args.tensor(0).data<T>() + index[0] * as_int(axes * (axes + 1));
      for (std::size_t row = 0; row < axes; ++row, theta += axes + 1) {
        double sum = static_cast<double>(theta[axes]);
        for (std::size_t k = 0; k < axes; ++k) {
          const std::size_t axis = axes - k;  // x is the last one
          sum += static_cast<double>(theta[k]) * place_of(index[axis], points[axis], align_corners);
        }
        *to++ = static_cast<T>(sum);
      }
    } while (next_index(index, points, index.size()));
    return {};
  });
}

namespace {

constexpr std::int64_t kOutside = -1;

// The pixels of one axis that a point reads.
struct AxisTaps {
  std::size_t count = 1;
  std::array<std::int64_t, 4> at{};
  std::array<double, 4> weight{1, 0, 0, 0};
};

// One axis of the picture.
class SampledAxis {
 public:
  SampledAxis(const GridSampleAttrs& attrs, std::int64_t extent)
      : attrs_(attrs),
        extent_(extent),
        low_(attrs.align_corners ? 0 : -0.5),
        range_(static_cast<double>(attrs.align_corners ? extent - 1 : extent)) {}

  // In the grid's own precision, as frameworks do: it decides which pixel is the nearest.
  template <typename T>
  AxisTaps at(T place) const {
    const T n = static_cast<T>(extent_);
    const T pixel = attrs_.align_corners ? (place + 1) / 2 * (n - 1) : ((place + 1) * n - 1) / 2;
    double x = static_cast<double>(pixel);
    if (attrs_.mode == GridSampleMode::kNearest) x = std::nearbyint(x);
    x = padded(x);
    const double floor = std::floor(x);
    const double t = x - floor;
    const auto first = static_cast<std::int64_t>(floor);
    switch (attrs_.mode) {
      case GridSampleMode::kNearest:
        return {1, {inside(first)}, {1}};
      case GridSampleMode::kLinear:
        return {2, {inside(first), inside(first + 1)}, {1 - t, t}};
      default:
        return {4,
                {inside(first - 1), inside(first), inside(first + 1), inside(first + 2)},
                {far(1 + t), near(t), near(1 - t), far(2 - t)}};
    }
  }

 private:
  // Keys' cubic convolution with a = -0.75: of the two pixels beside the point, and of the next ones.
  static double near(double d) { return (1.25 * d - 2.25) * d * d + 1; }
  static double far(double d) { return ((-0.75 * d + 3.75) * d - 6) * d + 3; }

  double reflected(double x) const {
    if (range_ <= 0 || !std::isfinite(x)) return std::max(low_, 0.0);
    const double off = std::fabs(x - low_);
    const double turns = std::floor(off / range_);
    const double rest = std::clamp(off - turns * range_, 0.0, range_);
    return std::fmod(turns, 2) == 0 ? low_ + rest : low_ + range_ - rest;
  }

  // A coordinate that an integer can hold; what is far outside stays outside.
  double padded(double x) const {
    constexpr double kFar = 8;
    const bool is_inside = x >= low_ && x <= low_ + range_;
    if (is_inside) return x;
    switch (attrs_.padding) {
      case GridSamplePadding::kReflection:
        return reflected(x);
      case GridSamplePadding::kBorder:
        return x != x ? 0 : std::clamp(x, 0.0, static_cast<double>(extent_ - 1));
      default:
        return x > -kFar && x < static_cast<double>(extent_) + kFar ? x : -kFar;
    }
  }

  std::int64_t inside(std::int64_t i) const {
    if (attrs_.padding == GridSamplePadding::kZeros) return i < 0 || i >= extent_ ? kOutside : i;
    const auto at = attrs_.padding == GridSamplePadding::kReflection
                        ? static_cast<std::int64_t>(reflected(static_cast<double>(i)))
                        : i;
    return std::clamp<std::int64_t>(at, 0, extent_ - 1);
  }

  const GridSampleAttrs& attrs_;
  std::int64_t extent_;
  double low_, range_;
};

// The pixels of a plane that a point reads, at most 4 along each of 3 axes.
class PointTaps {
 public:
  void add(std::int64_t at, double weight) {
    at_[count_] = at;
    weight_[count_++] = weight;
  }
  void clear() { count_ = 0; }

  template <typename T>
  T read(const T* plane, bool nearest) const {
    if (nearest) return count_ == 0 ? T{} : plane[at_[0]];
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) sum += weight_[i] * static_cast<double>(plane[at_[i]]);
    return number_cast<T>(sum);
  }

 private:
  std::size_t count_ = 0;
  std::array<std::int64_t, 64> at_{};
  std::array<double, 64> weight_{};
};

void combine(std::span<const AxisTaps> axes, const Shape& strides, std::size_t axis, std::int64_t at, double weight,
             PointTaps& out) {
  if (axis == axes.size()) return out.add(at, weight);
  for (std::size_t i = 0; i < axes[axis].count; ++i) {
    if (axes[axis].at[i] == kOutside) continue;
    combine(axes, strides, axis + 1, at + axes[axis].at[i] * strides[axis], weight * axes[axis].weight[i], out);
  }
}

// x [N, C, spatial], grid [N, points, axes], y [N, C, points]
template <typename T, typename G>
void sample(const Args& args, Tensor& y) {
  const auto& attrs = args.as<GridSampleAttrs>();
  const Shape& x = *args.shape(0);
  const Shape plane(x.begin() + 2, x.end()), strides = dense_strides(plane);
  const std::int64_t channels = x[1], pixels = extent_product(plane, 0, plane.size());
  const std::int64_t points = extent_product(y.shape(), 2, y.shape().size());
  std::vector<SampledAxis> axes;
  for (const std::int64_t extent : plane) axes.emplace_back(attrs, extent);
  std::vector<AxisTaps> taps(axes.size());
  PointTaps point;
  const G* grid = args.tensor(1).data<G>();
  for (std::int64_t n = 0; n < x[0]; ++n) {
    const T* picture = args.tensor(0).data<T>() + n * channels * pixels;
    T* to = y.data<T>() + n * channels * points;
    for (std::int64_t p = 0; p < points; ++p, grid += axes.size(), ++to) {
      for (std::size_t i = 0; i < axes.size(); ++i) taps[i] = axes[i].at(grid[axes.size() - 1 - i]);
      point.clear();
      combine(taps, strides, 0, 0, 1, point);
      for (std::int64_t c = 0; c < channels; ++c)
        to[c * points] = point.read(picture + c * pixels, attrs.mode == GridSampleMode::kNearest);
    }
  }
}

}  // namespace

Result<Outputs> grid_sample_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  SAKER_TRY(args.check_type(1, kFloatTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& x = *args.shape(0);
  const Shape& grid = *args.shape(1);
  SAKER_TRY(check_grid_rank(x.size(), "the input"));
  if (grid.size() != x.size() || grid[0] != x[0] || grid.back() != as_int(x.size()) - 2)
    return invalid("a grid of shape {} for an input of shape {}", to_string(grid), to_string(x));
  if (std::find(x.begin() + 2, x.end(), 0) != x.end()) return invalid("the input {} has no pixels", to_string(x));
  Shape shape{x[0], x[1]};
  shape.insert(shape.end(), grid.begin() + 1, grid.end() - 1);
  return one(args.dtype(0), std::move(shape));
}

Status grid_sample_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  return visit_number(outputs[0].dtype(), [&](auto x) {
    return visit_float(args.dtype(1), [&](auto grid) -> Status {
      sample<decltype(x), decltype(grid)>(args, outputs[0]);
      return {};
    });
  });
}

}  // namespace saker::ops
