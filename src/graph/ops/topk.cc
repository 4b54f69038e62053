// TopK.
#include <algorithm>
#include <numeric>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

// Inputs: x, k (one int64). Outputs: the values, their positions along the axis.
Result<Outputs> top_k_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  SAKER_TRY(args.check_type(1, type_set({DType::kInt64})));
  std::optional<Shape> shape;
  if (args.shape(0) != nullptr) {
    SAKER_ASSIGN(const std::size_t axis, normalize_axis(args.as<TopKAttrs>().axis, args.shape(0)->size()));
    if (args.constant(1) != nullptr) {
      if (args.constant(1)->elements() != 1) return invalid("k has {} elements, not 1", args.constant(1)->elements());
      const std::int64_t k = *args.constant(1)->data<std::int64_t>();
      shape = *args.shape(0);
      if (k < 0 || k > (*shape)[axis]) return invalid("k is {} on an axis of extent {}", k, (*shape)[axis]);
      (*shape)[axis] = k;
    }
  }
  Outputs outputs = one(args.dtype(0), shape);
  outputs.push_back({DType::kInt64, std::move(shape)});
  return outputs;
}

// Equal elements come in the order of their positions; NaN counts as the largest number. The
// result is sorted whether or not the node asks for it.
Status top_k_kernel(const Args& args, std::span<Tensor> outputs) {
  if (outputs[0].elements() == 0) return {};
  const auto& attrs = args.as<TopKAttrs>();
  const Shape& shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  const std::int64_t k = outputs[0].shape()[axis];
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  const std::int64_t outer = extent_product(shape, 0, axis);
  std::vector<std::int64_t> order(as_size(shape[axis]));
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < outer * inner; ++row) {
      const T* x = args.tensor(0).data<T>() + row / inner * shape[axis] * inner + row % inner;
      const auto less = [](T a, T b) { return a < b || (a == a && b != b); };
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::int64_t i, std::int64_t j) {
        const T a = x[i * inner];
        const T b = x[j * inner];
        if (less(a, b)) return !attrs.largest;
        if (less(b, a)) return attrs.largest;
        return i < j;
      });
      const std::int64_t at = row / inner * k * inner + row % inner;
      for (std::int64_t i = 0; i < k; ++i) {
        outputs[0].data<T>()[at + i * inner] = x[order[as_size(i)] * inner];
        outputs[1].data<std::int64_t>()[at + i * inner] = order[as_size(i)];
      }
    }
    return {};
  });
}

}  // namespace saker::ops
