// Slice, Split, Concat and Pad: rectangular pieces of tensors.
#include <algorithm>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"
#include "graph/ops/slice.h"

namespace saker::ops {
namespace {

// Clamps one axis as ONNX does; a step is 0 when no second element is read.
void slice_axis(SlicePlan& plan, std::size_t axis, std::int64_t start, std::int64_t end, std::int64_t step) {
  const std::int64_t extent = plan.shape[axis];
  if (extent == 0) return;
  const bool forward = step > 0;
  const auto place = [&](std::int64_t i) {
    if (i < 0) i = std::max(i, -extent - 1) + extent;
    return std::clamp<std::int64_t>(i, forward ? 0 : -1, forward ? extent : extent - 1);
  };
  start = std::max<std::int64_t>(place(start), 0);
  const std::int64_t span = forward ? place(end) - start : start - place(end);
  const std::int64_t pace = forward ? step : step == INT64_MIN ? INT64_MAX : -step;
  plan.shape[axis] = span > 0 ? (span - 1) / pace + 1 : 0;
  plan.start[axis] = start;
  plan.step[axis] = plan.shape[axis] > 1 ? step : 0;
}

}  // namespace

Result<std::optional<SlicePlan>> plan_slice(const Args& args) {
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (args.has(i)) SAKER_TRY(args.check_type(i, kIndexTypes));
    if (args.has_unknown_data(i)) return std::optional<SlicePlan>();
  }
  if (args.shape(0) == nullptr) return std::optional<SlicePlan>();
  const Shape& shape = *args.shape(0);
  SAKER_ASSIGN(const auto starts, int_list(args.tensor(1), "starts"));
  SAKER_ASSIGN(const auto ends, int_list(args.tensor(2), "ends"));
  std::vector<std::int64_t> axes(starts.size());
  for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = as_int(i);
  if (args.has(3)) {
    SAKER_ASSIGN(axes, int_list(args.tensor(3), "axes"));
  }
  std::vector<std::int64_t> steps(starts.size(), 1);
  if (args.has(4)) {
    SAKER_ASSIGN(steps, int_list(args.tensor(4), "steps"));
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    return invalid("{} starts, {} ends, {} axes and {} steps", starts.size(), ends.size(), axes.size(), steps.size());
  }
  SAKER_ASSIGN(const auto normal, normalize_axes(axes, shape.size()));
  SlicePlan plan{Shape(shape.size(), 0), Shape(shape.size(), 1), shape};
  for (std::size_t i = 0; i < normal.size(); ++i) {
    if (steps[i] == 0) return invalid("the step of axis {} is 0", normal[i]);
    slice_axis(plan, normal[i], starts[i], ends[i], steps[i]);
  }
  return std::optional<SlicePlan>(std::move(plan));
}

// Inputs: x, starts, ends, axes (absent: the first ones), steps (absent: 1).
Result<Outputs> slice_rule(const Args& args) {
  SAKER_ASSIGN(auto plan, plan_slice(args));
  return one(args.dtype(0), plan ? std::optional<Shape>(std::move(plan->shape)) : std::nullopt);
}

Status slice_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const auto plan, plan_slice(args));
  if (outputs[0].elements() == 0) return {};
  Shape strides = dense_strides(args.tensor(0).shape());
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    offset += plan->start[i] * strides[i];
    strides[i] *= plan->step[i];
  }
  copy_strided(args.tensor(0), offset, strides, outputs[0]);
  return {};
}

// Sizes come from input 1, or are ceil(extent / parts) with a smaller last part.
Result<Outputs> split_rule(const Args& args) {
  const std::size_t parts = args.output_count();
  Outputs outputs(parts, {args.dtype(0), std::nullopt});
  if (args.shape(0) == nullptr || args.has_unknown_data(1)) return outputs;
  const Shape& shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<SplitAttrs>().axis, shape.size()));
  std::vector<std::int64_t> sizes(parts);
  std::int64_t left = shape[axis];
  if (args.has(1)) {
    SAKER_ASSIGN(sizes, int_list(args.tensor(1), "the sizes"));
    if (sizes.size() != parts) return invalid("{} sizes for {} outputs", sizes.size(), parts);
  } else {
    const std::int64_t n = as_int(parts);
    const std::int64_t chunk = shape[axis] / n + (shape[axis] % n != 0 ? 1 : 0);
    for (std::size_t i = 0; i < parts; ++i)
      sizes[i] = std::clamp<std::int64_t>(shape[axis] - as_int(i) * chunk, 0, chunk);
  }
  for (std::size_t i = 0; i < parts; ++i) {
    if (sizes[i] < 0 || sizes[i] > left) return invalid("the sizes do not add up to the extent {}", shape[axis]);
    left -= sizes[i];
    outputs[i].shape = shape;
    (*outputs[i].shape)[axis] = sizes[i];
  }
  if (left != 0) return invalid("the sizes leave {} of the extent {}", left, shape[axis]);
  return outputs;
}

Status split_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& x = args.tensor(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<SplitAttrs>().axis, x.shape().size()));
  const Shape strides = dense_strides(x.shape());
  std::int64_t offset = 0;
  for (Tensor& out : outputs) {
    copy_strided(x, offset, strides, out);
    offset += out.shape()[axis] * strides[axis];
  }
  return {};
}

Result<Outputs> concat_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kAllTypes));
  std::optional<Shape> shape;
  std::size_t axis = 0;
  bool complete = true;
  for (std::size_t i = 0; i < args.count(); ++i) {
    if (args.shape(i) == nullptr) {
      complete = false;
      continue;
    }
    const Shape& part = *args.shape(i);
    if (!shape) {
      SAKER_ASSIGN(axis, normalize_axis(args.as<AxisAttrs>().axis, part.size()));
      shape = part;
      continue;
    }
    bool same = part.size() == shape->size();
    for (std::size_t k = 0; same && k < part.size(); ++k) same = k == axis || part[k] == (*shape)[k];
    if (!same) {
      return invalid("input {} of shape {} does not continue {} along axis {}", i, to_string(part), to_string(*shape),
                     axis);
    }
    (*shape)[axis] = saturating_add((*shape)[axis], part[axis]);
  }
  return one(args.dtype(0), complete ? std::move(shape) : std::nullopt);
}

Status concat_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, out.shape().size()));
  if (out.elements() == 0) return {};
  const std::int64_t outer = extent_product(out.shape(), 0, axis);
  const std::int64_t size = as_int(dtype_size(out.dtype()));
  const std::int64_t out_row = out.elements() / outer * size;
  auto* to = static_cast<std::byte*>(out.raw());
  for (std::size_t i = 0; i < args.count(); ++i) {
    const Tensor& part = args.tensor(i);
    const std::int64_t row = part.elements() / outer * size;
    const auto* from = static_cast<const std::byte*>(part.raw());
    for (std::int64_t o = 0; o < outer; ++o) copy_bytes(to + o * out_row, from + o * row, row);
    to += row;
  }
  return {};
}

namespace {

struct PadPlan {
  Shape before, after;  // negative: crop
};

Result<std::optional<PadPlan>> plan_pad(const Args& args) {
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  if (args.shape(0) == nullptr || args.has_unknown_data(1) || args.has_unknown_data(3)) return std::optional<PadPlan>();
  const std::size_t rank = args.shape(0)->size();
  SAKER_ASSIGN(const auto pads, int_list(args.tensor(1), "the pads"));
  std::vector<std::int64_t> list(rank);
  for (std::size_t i = 0; i < rank; ++i) list[i] = as_int(i);
  if (args.has(3)) {
    SAKER_ASSIGN(list, int_list(args.tensor(3), "axes"));
  }
  SAKER_ASSIGN(const auto axes, normalize_axes(list, rank));
  if (pads.size() != 2 * axes.size()) return invalid("{} pads for {} axes", pads.size(), axes.size());
  PadPlan plan{Shape(rank, 0), Shape(rank, 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    plan.before[axes[i]] = pads[i];
    plan.after[axes[i]] = pads[i + axes.size()];
  }
  return std::optional<PadPlan>(std::move(plan));
}

}  // namespace

// Inputs: x, pads (befores, then afters), fill value (absent: 0), axes (absent: all).
Result<Outputs> pad_rule(const Args& args) {
  if (args.has(2)) {
    if (args.dtype(2) != args.dtype(0)) {
      return invalid("the fill value has type {}, the input {}", dtype_name(args.dtype(2)), dtype_name(args.dtype(0)));
    }
    const Shape* fill = args.shape(2);
    if (fill != nullptr && extent_product(*fill, 0, fill->size()) != 1) {
      return invalid("the fill value must be a scalar, but has shape {}", to_string(*fill));
    }
  }
  SAKER_ASSIGN(const auto plan, plan_pad(args));
  if (!plan) return one(args.dtype(0), std::nullopt);
  Shape shape = *args.shape(0);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t before = plan->before[i];
    const std::int64_t after = plan->after[i];
    // What cropping leaves must not be negative; padding by repetition needs something to repeat.
    const std::int64_t kept =
        saturating_add(shape[i], saturating_add(std::min<std::int64_t>(before, 0), std::min<std::int64_t>(after, 0)));
    const bool grows = before > 0 || after > 0;
    if (kept < 0 || (kept == 0 && grows && args.as<PadAttrs>().mode != PadMode::kConstant)) {
      return invalid("pads {} and {} on an axis of extent {}", before, after, shape[i]);
    }
    shape[i] =
        saturating_add(kept, saturating_add(std::max<std::int64_t>(before, 0), std::max<std::int64_t>(after, 0)));
  }
  return one(args.dtype(0), std::move(shape));
}

namespace {

// Where position i, counted from the first kept element, comes from among n kept ones; -1: fill.
std::int64_t pad_source(PadMode mode, std::int64_t i, std::int64_t n) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case PadMode::kConstant:
      return -1;
    case PadMode::kEdge:
      return i < 0 ? 0 : n - 1;
    case PadMode::kWrap:
      return (i % n + n) % n;
    case PadMode::kReflect:
      break;
  }
  if (n == 1) return 0;
  const std::int64_t period = 2 * (n - 1);
  const std::int64_t at = (i % period + period) % period;
  return at < n ? at : period - at;
}

}  // namespace

// Crops first, then pads what is left.
Status pad_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  if (out.elements() == 0) return {};
  SAKER_ASSIGN(const auto plan, plan_pad(args));
  const Shape& from = args.tensor(0).shape();
  const PadMode mode = args.as<PadAttrs>().mode;
  const auto source = [&](std::size_t axis, std::int64_t o) {
    const std::int64_t before = plan->before[axis];
    const std::int64_t crop = std::max<std::int64_t>(-before, 0);
    const std::int64_t kept = from[axis] - crop + std::min<std::int64_t>(plan->after[axis], 0);
    const std::int64_t at = pad_source(mode, o - std::max<std::int64_t>(before, 0), kept);
    return at < 0 ? -1 : at + crop;
  };
  copy_mapped(args.tensor(0), source, args.has(2) ? args.tensor(2).raw() : nullptr, out);
  return {};
}

}  // namespace saker::ops
