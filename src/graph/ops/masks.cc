// EyeLike, OneHot and Trilu: what stands at a position hangs on the position.
#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

// Ones on the k-th diagonal above the main one, zeros elsewhere; in the type of the input, whose elements do not
// matter.
Result<Outputs> eye_like_rule(const Args& args) {
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  if (args.shape(0)->size() != 2) return invalid("the input {} is no matrix", to_string(*args.shape(0)));
  return one(args.dtype(0), *args.shape(0));
}

Status eye_like_kernel(const Args& args, std::span<Tensor> outputs) {
  const std::int64_t rows = outputs[0].shape()[0], columns = outputs[0].shape()[1];
  const std::int64_t k = args.as<EyeLikeAttrs>().k;
  SAKER_ASSIGN(Tensor number, Tensor::make(DType::kFloat32, {}));
  *number.data<float>() = 1;
  SAKER_ASSIGN(const Tensor unit_element, converted(number, outputs[0].dtype()));
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* to = outputs[0].data<U>();
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < columns; ++j) *to++ = j - i == k ? *unit_element.data<U>() : U{0};
    }
  });
  return {};
}

namespace {

// One number, of any type.
Result<std::int64_t> depth_of(const Tensor& tensor) {
  if (tensor.elements() != 1) return invalid("the depth has {} elements, not 1", tensor.elements());
  SAKER_ASSIGN(const Tensor wide, converted(tensor, DType::kInt64));
  const std::int64_t depth = *wide.data<std::int64_t>();
  if (depth < 0) return invalid("the depth is {}", depth);
  return depth;
}

}  // namespace

// Inputs: indices, depth, values [2]. The output has a further axis of extent depth, at `axis`.
Result<Outputs> one_hot_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  SAKER_TRY(args.check_type(1, kNumberTypes));
  if (args.shape(2) != nullptr && *args.shape(2) != Shape{2})
    return invalid("the values have shape {}, not [2]", to_string(*args.shape(2)));
  if (args.shape(0) == nullptr) return one(args.dtype(2), std::nullopt);
  Shape shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, shape.size() + 1));
  if (args.constant(1) == nullptr) return one(args.dtype(2), std::nullopt);
  SAKER_ASSIGN(const std::int64_t depth, depth_of(*args.constant(1)));
  shape.insert(shape.begin() + as_int(axis), depth);
  return one(args.dtype(2), std::move(shape));
}

// values[1] where the position along the axis is the index, which may count from the end; values[0] elsewhere.
Status one_hot_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& shape = outputs[0].shape();
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<AxisAttrs>().axis, shape.size()));
  const std::int64_t depth = shape[axis];
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  SAKER_ASSIGN(const Tensor indices, converted(args.tensor(0), DType::kInt64));
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    const U off = args.tensor(2).data<U>()[0], on = args.tensor(2).data<U>()[1];
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      const std::int64_t position = i / inner % depth;
      const std::int64_t index = indices.data<std::int64_t>()[i / inner / depth * inner + i % inner];
      outputs[0].data<U>()[i] = index == position || index == position - depth ? on : off;
    }
  });
  return {};
}

std::size_t one_hot_scratch(const Args& args, const Outputs& /*outputs*/) {
  return converted_bytes(args, 0, DType::kInt64);
}

// Inputs: x [..., rows, columns], k (one int64; absent: 0).
Result<Outputs> trilu_rule(const Args& args) {
  if (args.has(1)) SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  if (args.has(1) && args.constant(1) != nullptr && args.constant(1)->elements() != 1)
    return invalid("k has {} elements, not 1", args.constant(1)->elements());
  if (args.shape(0) == nullptr) return one(args.dtype(0), std::nullopt);
  if (args.shape(0)->size() < 2) return invalid("the input {} is no matrix", to_string(*args.shape(0)));
  return one(args.dtype(0), *args.shape(0));
}

// What is on the k-th diagonal above the main one and above it (upper) or below it (lower), and zeros.
Status trilu_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  const bool upper = args.as<TriluAttrs>().upper;
  const std::int64_t k = args.has(1) ? *args.tensor(1).data<std::int64_t>() : 0;
  const Shape& shape = outputs[0].shape();
  const std::int64_t columns = shape.back(), rows = shape[shape.size() - 2];
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    const U* x = args.tensor(0).data<U>();
    U* to = outputs[0].data<U>();
    for (std::int64_t at = 0; at < outputs[0].elements(); ++at) {
      const std::int64_t diagonal = at % columns - at / columns % rows;
      to[at] = (upper ? diagonal >= k : diagonal <= k) ? x[at] : U{0};
    }
  });
  return {};
}

}  // namespace saker::ops
