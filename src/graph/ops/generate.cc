// Operators that make larger tensors out of small ones: ConstantOfShape, Expand, Tile, Range.
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<Shape> extents_of(const Tensor& tensor) {
  SAKER_ASSIGN(Shape shape, int_list(tensor, "the shape"));
  if (shape.size() > kMaxRank) return invalid("the shape has rank {}, the limit is {}", shape.size(), kMaxRank);
  for (const std::int64_t extent : shape) {
    if (extent < 0) return invalid("the shape {} has a negative extent", to_string(shape));
  }
  return shape;
}

}  // namespace

Result<Outputs> constant_of_shape_rule(const Args& args) {
  const Tensor& value = args.as<ConstantOfShapeAttrs>().value;
  if (value.elements() != 1) return invalid("the value must have 1 element, not {}", value.elements());
  if (args.constant(0) == nullptr) return one(value.dtype(), std::nullopt);
  SAKER_ASSIGN(Shape shape, extents_of(*args.constant(0)));
  return one(value.dtype(), std::move(shape));
}

Status constant_of_shape_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& value = args.as<ConstantOfShapeAttrs>().value;
  copy_strided(value, 0, Shape(outputs[0].shape().size(), 0), outputs[0]);
  return {};
}

Result<Outputs> expand_rule(const Args& args) {
  if (args.shape(0) == nullptr || args.constant(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Shape wanted, extents_of(*args.constant(1)));
  SAKER_ASSIGN(Shape shape, broadcast_shapes(*args.shape(0), wanted));
  return one(args.dtype(0), std::move(shape));
}

Status expand_kernel(const Args& args, std::span<Tensor> outputs) {
  copy_strided(args.tensor(0), 0, broadcast_strides(args.tensor(0).shape(), outputs[0].shape()), outputs[0]);
  return {};
}

Result<Outputs> tile_rule(const Args& args) {
  if (args.shape(0) == nullptr || args.constant(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(const Shape repeats, extents_of(*args.constant(1)));
  Shape shape = *args.shape(0);
  if (repeats.size() != shape.size()) {
    return invalid("{} repeats for a tensor of rank {}", repeats.size(), shape.size());
  }
  for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = saturating_mul(shape[i], repeats[i]);
  return one(args.dtype(0), std::move(shape));
}

// out[i0, i1, ...] = x[i0 mod d0, i1 mod d1, ...].
Status tile_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  const Shape& from = args.tensor(0).shape();
  const Shape& to = outputs[0].shape();
  const Shape strides = dense_strides(from);
  const std::size_t outer = to.empty() ? 0 : to.size() - 1;
  const std::int64_t period = to.empty() ? 1 : from[outer];
  const std::int64_t length = to.empty() ? 1 : to[outer];
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* y = outputs[0].data<U>();
    Shape index(to.size(), 0);
    do {
      const U* x = args.tensor(0).data<U>();
      for (std::size_t i = 0; i < outer; ++i) x += index[i] % from[i] * strides[i];
      for (std::int64_t i = 0, k = 0; i < length; ++i, k = k + 1 == period ? 0 : k + 1) *y++ = x[k];
    } while (next_index(index, to, outer));
  });
  return {};
}

namespace {

// max(ceil((limit - start) / delta), 0)
template <typename T>
Result<std::int64_t> range_length(T start, T limit, T delta) {
  if (delta == 0) return invalid("the step is 0");
  if constexpr (std::is_floating_point_v<T>) {
    const double n = std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
    if (!(std::abs(n) < 0x1p60)) return invalid("from {} to {} by {} is no finite range", start, limit, delta);
    return n < 0 ? 0 : static_cast<std::int64_t>(n);
  } else {
    if (delta > 0 ? start >= limit : start <= limit) return 0;
    const auto low = static_cast<std::uint64_t>(delta > 0 ? start : limit);
    const auto high = static_cast<std::uint64_t>(delta > 0 ? limit : start);
    const auto wide = static_cast<std::uint64_t>(delta);
    const std::uint64_t step = delta > 0 ? wide : std::uint64_t{0} - wide;
    const std::uint64_t n = (high - low - 1) / step + 1;
    return n > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(n);
  }
}

}  // namespace

// Inputs: start, limit, delta, all scalars.
Result<Outputs> range_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(kFloatTypes | kSignedTypes));
  for (std::size_t i = 0; i < 3; ++i) {
    if (args.constant(i) == nullptr) return one(args.dtype(0), std::nullopt);
    if (args.constant(i)->elements() != 1) {
      return invalid("input {} must be a scalar, but has shape {}", i, to_string(*args.shape(i)));
    }
  }
  std::int64_t length = 0;
  const bool real = contains(kFloatTypes, args.dtype(0));
  Tensor wide[3];
  for (std::size_t i = 0; i < 3; ++i) {
    SAKER_ASSIGN(wide[i], converted(args.tensor(i), real ? DType::kFloat64 : DType::kInt64));
  }
  if (real) {
    SAKER_ASSIGN(length, range_length(*wide[0].data<double>(), *wide[1].data<double>(), *wide[2].data<double>()));
  } else {
    SAKER_ASSIGN(length, range_length(*wide[0].data<std::int64_t>(), *wide[1].data<std::int64_t>(),
                                      *wide[2].data<std::int64_t>()));
  }
  return one(args.dtype(0), Shape{length});
}

// out[i] = start + i * delta
Status range_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T start = *args.tensor(0).data<T>();
    const T delta = *args.tensor(2).data<T>();
    T* to = outputs[0].data<T>();
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        to[i] = static_cast<T>(static_cast<double>(start) + static_cast<double>(i) * static_cast<double>(delta));
      } else {
        to[i] = static_cast<T>(static_cast<std::uint64_t>(start) +
                               static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(delta));
      }
    }
    return {};
  });
}

}  // namespace saker::ops
