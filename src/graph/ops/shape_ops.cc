// Operators that copy the bytes or ask for the shape: Shape, Reshape, Flatten, Squeeze, Unsqueeze,
// Identity, Cast, CastLike.
#include <algorithm>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

Status copy_kernel(const Args& args, std::span<Tensor> outputs) {
  copy_all(args.tensor(0), outputs[0]);
  return {};
}

Result<Outputs> identity_rule(const Args& args) {
  return one(args.dtype(0), args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

Result<Outputs> cast_rule(const Args& args) {
  return one(args.as<CastAttrs>().to, args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

// To the type of the second input, whose elements do not matter.
Result<Outputs> cast_like_rule(const Args& args) {
  return one(args.dtype(1), args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

Status cast_kernel(const Args& args, std::span<Tensor> outputs) {
  if (args.dtype(0) == outputs[0].dtype()) {
    copy_all(args.tensor(0), outputs[0]);
  } else {
    convert(args.tensor(0), outputs[0]);
  }
  return {};
}

namespace {

// [start, end) clamped to the rank; negative counts from the end.
std::pair<std::size_t, std::size_t> shape_range(const ShapeAttrs& attrs, std::size_t rank) {
  const std::int64_t n = as_int(rank);
  const auto place = [n](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + n : i, 0, n); };
  const std::int64_t start = place(attrs.start);
  return {as_size(start), as_size(std::max(start, place(attrs.end)))};
}

}  // namespace

Result<Outputs> shape_rule(const Args& args) {
  if (args.shape(0) == nullptr) return one(DType::kInt64, std::nullopt);
  const auto [start, end] = shape_range(args.as<ShapeAttrs>(), args.shape(0)->size());
  return one(DType::kInt64, Shape{as_int(end - start)});
}

Status shape_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& shape = *args.shape(0);
  const auto [start, end] = shape_range(args.as<ShapeAttrs>(), shape.size());
  std::copy(shape.data() + start, shape.data() + end, outputs[0].data<std::int64_t>());
  return {};
}

namespace {

// 0 copies the input's extent (unless allow_zero), one -1 takes what is left.
Result<Shape> reshaped(const Shape& from, Shape to, bool allow_zero) {
  std::optional<std::size_t> open;
  std::int64_t known = 1;
  const std::string wanted = to_string(to);
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && !allow_zero) {
      if (i >= from.size()) return invalid("extent {} of {} copies from an input of rank {}", i, wanted, from.size());
      to[i] = from[i];
    }
    if (to[i] < -1) return invalid("the new shape {} has a negative extent", wanted);
    if (to[i] == -1) {
      if (open) return invalid("the new shape {} has more than one -1", wanted);
      open = i;
    } else {
      known = saturating_mul(known, to[i]);
    }
  }
  const std::int64_t total = extent_product(from, 0, from.size());
  if (open) {
    if (known == 0) return invalid("the -1 of {} cannot be found beside an extent of 0", wanted);
    if (total % known == 0) to[*open] = total / known;
  }
  if (open ? total % known != 0 : total != known) {
    return invalid("{} ({} elements) cannot be reshaped to {}", to_string(from), total, wanted);
  }
  return to;
}

}  // namespace

Result<Outputs> reshape_rule(const Args& args) {
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  if (args.constant(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(Shape wanted, int_list(*args.constant(1), "the new shape"));
  if (wanted.size() > kMaxRank) return invalid("the new shape has rank {}, the limit is {}", wanted.size(), kMaxRank);
  if (args.shape(0) == nullptr) {
    const bool whole = std::all_of(wanted.begin(), wanted.end(), [](std::int64_t extent) { return extent > 0; });
    return one(args.dtype(0), whole ? std::optional<Shape>(std::move(wanted)) : std::nullopt);
  }
  SAKER_ASSIGN(Shape shape, reshaped(*args.shape(0), std::move(wanted), args.as<ReshapeAttrs>().allow_zero));
  return one(args.dtype(0), std::move(shape));
}

// [d0, d1, ...] to [d0 * ... * d(axis-1), d(axis) * ...].
Result<Outputs> flatten_rule(const Args& args) {
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  const Shape& shape = *args.shape(0);
  const std::int64_t axis = args.as<AxisAttrs>().axis;
  const std::int64_t rank = as_int(shape.size());
  if (axis < -rank || axis > rank) return invalid("axis {} is out of range for a tensor of rank {}", axis, rank);
  const std::size_t split = as_size(axis < 0 ? axis + rank : axis);
  return one(args.dtype(0), Shape{extent_product(shape, 0, split), extent_product(shape, split, shape.size())});
}

Result<Outputs> squeeze_rule(const Args& args) {
  if (args.shape(0) == nullptr || args.has_unknown_data(1)) return one(args.dtype(0), std::nullopt);
  const Shape& shape = *args.shape(0);
  std::vector<bool> drop(shape.size(), false);
  if (args.has(1)) {
    SAKER_ASSIGN(const auto list, int_list(args.tensor(1), "axes"));
    SAKER_ASSIGN(const auto axes, normalize_axes(list, shape.size()));
    for (const std::size_t axis : axes) {
      if (shape[axis] != 1) return invalid("axis {} has extent {}, only 1 can be squeezed", axis, shape[axis]);
      drop[axis] = true;
    }
  } else {
    for (std::size_t i = 0; i < shape.size(); ++i) drop[i] = shape[i] == 1;
  }
  Shape kept;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!drop[i]) kept.push_back(shape[i]);
  }
  return one(args.dtype(0), std::move(kept));
}

Result<Outputs> unsqueeze_rule(const Args& args) {
  if (args.shape(0) == nullptr || args.constant(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const auto list, int_list(*args.constant(1), "axes"));
  const std::size_t rank = args.shape(0)->size() + list.size();
  if (rank > kMaxRank) return invalid("the output has rank {}, the limit is {}", rank, kMaxRank);
  SAKER_ASSIGN(const auto axes, normalize_axes(list, rank));
  Shape shape(rank, -1);
  for (const std::size_t axis : axes) shape[axis] = 1;
  std::size_t next = 0;
  for (std::int64_t& extent : shape) {
    if (extent == -1) extent = (*args.shape(0))[next++];
  }
  return one(args.dtype(0), std::move(shape));
}

}  // namespace saker::ops
