// Resize in every mode: row by row, a pass along each axis that changes.
#include "graph/ops/resize.h"

#include <algorithm>
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

constexpr TypeSet kResizeTypes = kNumberTypes;

// Nearest moves elements, so it works for every type.
void resize_nearest(const Args& args, const std::vector<ResizedAxis>& axes, const void* outside, Tensor& out) {
  std::vector<std::vector<std::int64_t>> sources(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    sources[i].resize(as_size(axes[i].out));
    for (std::int64_t o = 0; o < axes[i].out; ++o)
      sources[i][as_size(o)] = nearest_tap(args.as<ResizeAttrs>(), axes[i], o);
  }
  const auto source = [&](std::size_t axis, std::int64_t o) { return sources[axis][as_size(o)]; };
  copy_mapped(args.tensor(0), source, outside, out);
}

// Shrinking axes first, so that no pass makes more than both ends have.
std::vector<std::size_t> order_of_passes(const std::vector<ResizedAxis>& axes) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].touched) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return axes[a].scale < axes[b].scale; });
  return order;
}

// A row along the last axis, of the output or of what the passes before have made.
template <typename T>
class RowResizer {
 public:
  RowResizer(const ResizeAttrs& attrs, const Tensor& x, const std::vector<ResizedAxis>& axes)
      : x_(x.data<T>()), strides_(dense_strides(x.shape())), source_(as_size(x.shape().back())) {
    std::size_t length = source_.size();
    for (const std::size_t axis : order_of_passes(axes)) {
      if (axis + 1 == axes.size()) length = as_size(axes[axis].out);
      passes_.push_back({axis, resize_taps(attrs, axes[axis]), std::vector<double>(length)});
    }
  }

  // The output's; of `index`, the last is not looked at.
  const std::vector<double>& row(const Shape& index) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i + 1 < index.size(); ++i) offset += index[i] * strides_[i];
    for (const Pass& pass : passes_) {
      if (pass.axis + 1 < index.size()) offset -= index[pass.axis] * strides_[pass.axis];
    }
    return after(passes_.size(), index, offset);
  }

  // Whether the element o of that row is outside on any axis.
  bool is_outside(const Shape& index, std::int64_t o) const {
    return std::ranges::any_of(passes_, [&](const Pass& pass) {
      const std::size_t at = as_size(pass.axis + 1 == index.size() ? o : index[pass.axis]);
      return pass.taps.begin[at] == pass.taps.begin[at + 1];
    });
  }

 private:
  struct Pass {
    std::size_t axis;
    ResizeTaps taps;
    std::vector<double> row;
  };

  const std::vector<double>& after(std::size_t passes, const Shape& index, std::int64_t offset) {
    if (passes == 0) {
      std::transform(x_ + offset, x_ + offset + source_.size(), source_.begin(),
                     [](T value) { return static_cast<double>(value); });
      return source_;
    }
    Pass& pass = passes_[passes - 1];
    const ResizeTaps& taps = pass.taps;
    std::ranges::fill(pass.row, 0.0);
    if (pass.axis + 1 == index.size()) {
      const std::vector<double>& from = after(passes - 1, index, offset);
      for (std::size_t o = 0; o < pass.row.size(); ++o) {
        for (std::size_t t = taps.begin[o]; t < taps.begin[o + 1]; ++t)
          pass.row[o] += taps.weight[t] * from[as_size(taps.index[t])];
      }
      return pass.row;
    }
    const std::size_t o = as_size(index[pass.axis]);
    for (std::size_t t = taps.begin[o]; t < taps.begin[o + 1]; ++t) {
      const std::vector<double>& from = after(passes - 1, index, offset + taps.index[t] * strides_[pass.axis]);
      for (std::size_t i = 0; i < pass.row.size(); ++i) pass.row[i] += taps.weight[t] * from[i];
    }
    return pass.row;
  }

  const T* x_;
  Shape strides_;
  std::vector<double> source_;
  std::vector<Pass> passes_;
};

// Integers truncate; the nudge undoes rounding errors of the weights.
template <typename T>
void resize_by_weights(const Args& args, const std::vector<ResizedAxis>& axes, Tensor& out) {
  const auto& attrs = args.as<ResizeAttrs>();
  const bool crop = attrs.coordinates == ResizeCoordinates::kTfCropAndResize;
  RowResizer<T> rows(attrs, args.tensor(0), axes);
  T* to = out.data<T>();
  Shape index(axes.size(), 0);
  do {
    const std::vector<double>& row = rows.row(index);
    for (std::size_t o = 0; o < row.size(); ++o) {
      const double y =
          crop && rows.is_outside(index, as_int(o)) ? static_cast<double>(attrs.extrapolation_value) : row[o];
      const double nudge = std::is_integral_v<T> ? std::copysign(1e-9, y) : 0;
      *to++ = number_cast<T>(y + nudge);
    }
  } while (next_index(index, out.shape(), index.size() - 1));
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
  SAKER_ASSIGN(const auto plan, plan_resize(args));
  const std::vector<ResizedAxis>& axes = plan.value();
  if (std::ranges::none_of(axes, &ResizedAxis::touched)) {
    copy_all(args.tensor(0), out);
    return {};
  }
  return visit_number(out.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    if (attrs.mode == ResizeMode::kNearest) {
      const auto outside = number_cast<T>(static_cast<double>(attrs.extrapolation_value));
      resize_nearest(args, axes, &outside, out);
    } else {
      resize_by_weights<T>(args, axes, out);
    }
    return {};
  });
}

namespace {

// The axes' tables, and a row before and after each pass.
std::int64_t scratch_numbers(const ResizeAttrs& attrs, const std::vector<ResizedAxis>& axes) {
  std::int64_t numbers = 0;
  if (attrs.mode == ResizeMode::kNearest) {
    for (const ResizedAxis& axis : axes) numbers += axis.out;
    return numbers;
  }
  for (const ResizedAxis& axis : axes) {
    if (axis.touched) numbers += 2 * most_taps(attrs, axis) + axis.out + 1 + std::max(axes.back().in, axes.back().out);
  }
  return axes.empty() ? 0 : numbers + axes.back().in;
}

}  // namespace

std::size_t resize_scratch(const Args& args, const Outputs& /*outputs*/) {
  const auto axes = plan_resize(args);
  if (!axes.ok() || !axes->has_value()) return 0;
  return as_size(scratch_numbers(args.as<ResizeAttrs>(), axes->value())) * sizeof(double);
}

}  // namespace saker::ops
