// Resize in every mode: a pass along each axis that changes.
#include "graph/ops/resize.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

constexpr TypeSet kResizeTypes = kNumberTypes;

// Nearest moves elements, so it works for every type.
Status resize_nearest(const Args& args, const std::vector<ResizedAxis>& axes, const void* outside, Tensor& out) {
  std::vector<std::vector<std::int64_t>> maps(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    maps[i].resize(as_size(axes[i].out));
    if (!axes[i].touched) {
      std::iota(maps[i].begin(), maps[i].end(), 0);
      continue;
    }
    const ResizeTaps taps = resize_taps(args.as<ResizeAttrs>(), axes[i]);
    for (std::size_t o = 0; o < maps[i].size(); ++o) {
      maps[i][o] = taps.begin[o] < taps.begin[o + 1] ? taps.index[taps.begin[o]] : -1;
    }
  }
  copy_mapped(args.tensor(0), maps, outside, out);
  return {};
}

// One axis of x (float64) replaced by its weighted sums.
Result<Tensor> resize_along(const Tensor& x, std::size_t axis, const ResizeTaps& taps) {
  Shape shape = x.shape();
  const std::int64_t in = shape[axis];
  shape[axis] = as_int(taps.begin.size()) - 1;
  SAKER_ASSIGN(Tensor out, Tensor::make(DType::kFloat64, shape));
  const std::int64_t outer = extent_product(shape, 0, axis);
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  double* to = out.data<double>();
  for (std::int64_t row = 0; row < outer; ++row) {
    const double* from = x.data<double>() + row * in * inner;
    for (std::size_t o = 0; o + 1 < taps.begin.size(); ++o, to += inner) {
      std::fill_n(to, inner, 0.0);
      for (std::size_t t = taps.begin[o]; t < taps.begin[o + 1]; ++t) {
        const double* line = from + taps.index[t] * inner;
        for (std::int64_t i = 0; i < inner; ++i) to[i] += taps.weight[t] * line[i];
      }
    }
  }
  return out;
}

// Overwrites what lies outside on any axis.
void extrapolate(const std::vector<ResizeTaps>& taps, double value, Tensor& x) {
  Shape index(x.shape().size(), 0);
  double* to = x.data<double>();
  do {
    for (std::size_t i = 0; i < index.size(); ++i) {
      const std::size_t o = as_size(index[i]);
      if (taps[i].begin.size() > 1 && taps[i].begin[o] == taps[i].begin[o + 1]) *to = value;
    }
    ++to;
  } while (next_index(index, x.shape(), index.size()));
}

// Integers truncate; the nudge undoes rounding errors of the weights.
template <typename T>
void store_result(const Tensor& x, Tensor& out) {
  const double* from = x.data<double>();
  for (std::int64_t i = 0; i < out.elements(); ++i) {
    const double nudge = std::is_integral_v<T> ? std::copysign(1e-9, from[i]) : 0;
    out.data<T>()[i] = number_cast<T>(from[i] + nudge);
  }
}

}  // namespace

// Inputs: x, region of interest (starts, then ends), scales or sizes.
Result<Outputs> resize_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kResizeTypes));
  SAKER_ASSIGN(const auto axes, plan_resize(args));
  if (!axes) return one(args.dtype(0), std::nullopt);
  Shape shape;
  for (const ResizedAxis& axis : *axes) shape.push_back(axis.out);
  return one(args.dtype(0), std::move(shape));
}

Status resize_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  if (out.elements() == 0) return {};
  if (args.tensor(0).elements() == 0) return invalid("an empty input cannot grow");
  const auto& attrs = args.as<ResizeAttrs>();
  SAKER_ASSIGN(const auto axes, plan_resize(args));
  const double value = static_cast<double>(attrs.extrapolation_value);
  if (attrs.mode == ResizeMode::kNearest) {
    return visit_number(out.dtype(), [&](auto zero) -> Status {
      const auto outside = number_cast<decltype(zero)>(value);
      return resize_nearest(args, *axes, &outside, out);
    });
  }
  // Shrinking axes first, so that no intermediate is larger than both ends.
  std::vector<std::size_t> order(axes->size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return (*axes)[a].scale < (*axes)[b].scale; });
  SAKER_ASSIGN(Tensor x, converted(args.tensor(0), DType::kFloat64));
  std::vector<ResizeTaps> taps(axes->size());
  for (const std::size_t axis : order) {
    if (!(*axes)[axis].touched) continue;
    taps[axis] = resize_taps(attrs, (*axes)[axis]);
    SAKER_ASSIGN(x, resize_along(x, axis, taps[axis]));
  }
  if (attrs.coordinates == ResizeCoordinates::kTfCropAndResize) extrapolate(taps, value, x);
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    store_result<decltype(zero)>(x, out);
    return {};
  });
}

}  // namespace saker::ops
