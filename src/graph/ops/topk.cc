// TopK, ArgMax, ArgMin and NonZero: positions of elements.
#include <algorithm>
#include <cstddef>
#include <iterator>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// 0, 1, 2, ... as a range that takes no memory (clang 14 does not compile the standard library's).
struct Counter {
  using iterator_category = std::input_iterator_tag;
  using value_type = std::int64_t;
  using difference_type = std::ptrdiff_t;
  using pointer = const std::int64_t*;
  using reference = const std::int64_t&;

  const std::int64_t& operator*() const { return value; }
  Counter& operator++() {
    ++value;
    return *this;
  }
  Counter operator++(int) { return {value++}; }
  bool operator==(const Counter&) const = default;

  std::int64_t value = 0;
};

}  // namespace

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
  std::vector<std::int64_t> best(as_size(k));
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < outer * inner; ++row) {
      const T* x = args.tensor(0).data<T>() + row / inner * shape[axis] * inner + row % inner;
      const auto less = [](T a, T b) { return a < b || (a == a && b != b); };
      const auto before = [&](std::int64_t i, std::int64_t j) {
        const T a = x[i * inner];
        const T b = x[j * inner];
        if (less(a, b)) return !attrs.largest;
        if (less(b, a)) return attrs.largest;
        return i < j;
      };
      std::partial_sort_copy(Counter{}, Counter{shape[axis]}, best.begin(), best.end(), before);
      const std::int64_t at = row / inner * k * inner + row % inner;
      for (std::int64_t i = 0; i < k; ++i) {
        outputs[0].data<T>()[at + i * inner] = x[best[as_size(i)] * inner];
        outputs[1].data<std::int64_t>()[at + i * inner] = best[as_size(i)];
      }
    }
    return {};
  });
}

// The positions of a row's k best.
std::size_t top_k_scratch(const Args& args, const Outputs& outputs) {
  const auto axis = normalize_axis(args.as<TopKAttrs>().axis, args.shape(0)->size());
  return axis.ok() ? as_size((*outputs[0].shape)[*axis]) * sizeof(std::int64_t) : 0;
}

// The position of the largest, or least, element along an axis; of equal ones the first, or the last if asked.
Result<Outputs> arg_max_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  if (args.shape(0) == nullptr) return one(DType::kInt64, std::nullopt);
  const auto& attrs = args.as<ArgMaxAttrs>();
  Shape shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  if (shape[axis] == 0) return invalid("axis {} is empty", axis);
  shape[axis] = 1;
  if (!attrs.keepdims) shape.erase(shape.begin() + as_int(axis));
  return one(DType::kInt64, std::move(shape));
}

Status arg_max_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<ArgMaxAttrs>();
  const Shape& shape = *args.shape(0);
  SAKER_ASSIGN(const std::size_t axis, normalize_axis(attrs.axis, shape.size()));
  const std::int64_t n = shape[axis];
  const std::int64_t inner = extent_product(shape, axis + 1, shape.size());
  const std::int64_t rows = outputs[0].elements();
  const bool least = args.node().op == Op::kArgMin;
  return visit_number(args.dtype(0), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t row = 0; row < rows; ++row) {
      const T* x = args.tensor(0).data<T>() + row / inner * n * inner + row % inner;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < n; ++i) {
        const T a = x[i * inner], b = x[best * inner];
        if ((least ? a < b : a > b) || (attrs.select_last && a == b)) best = i;
      }
      outputs[0].data<std::int64_t>()[row] = best;
    }
    return {};
  });
}

namespace {

// Calls found(i) for the row-major index of every element that is not zero.
template <typename Found>
Status for_each_nonzero(const Tensor& x, Found&& found) {
  if (x.dtype() == DType::kBool) {
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      if (x.data<std::uint8_t>()[i] != 0) found(i);
    }
    return {};
  }
  return visit_number(x.dtype(), [&](auto zero) -> Status {
    for (std::int64_t i = 0; i < x.elements(); ++i) {
      if (x.data<decltype(zero)>()[i] != zero) found(i);
    }
    return {};
  });
}

}  // namespace

// [rank, count]: the indices of the elements that are not zero, in row-major order.
Result<Outputs> non_zero_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes | kBoolType));
  if (args.shape(0) == nullptr || args.has_unknown_data(0)) return one(DType::kInt64, std::nullopt);
  std::int64_t count = 0;
  if (is_half(args.dtype(0))) {
    for (std::int64_t i = 0; i < args.tensor(0).elements(); ++i)
      count += (args.tensor(0).data<std::uint16_t>()[i] & 0x7FFF) != 0 ? 1 : 0;
  } else {
    SAKER_TRY(for_each_nonzero(args.tensor(0), [&](std::int64_t) { ++count; }));
  }
  return one(DType::kInt64, Shape{as_int(args.shape(0)->size()), count});
}

Status non_zero_kernel(const Args& args, std::span<Tensor> outputs) {
  const Shape& shape = *args.shape(0);
  const std::int64_t count = outputs[0].shape()[1];
  std::int64_t column = 0;
  return for_each_nonzero(args.tensor(0), [&](std::int64_t at) {
    for (std::size_t axis = shape.size(); axis-- > 0; at /= shape[axis]) {
      outputs[0].data<std::int64_t>()[as_int(axis) * count + column] = at % shape[axis];
    }
    ++column;
  });
}

// Where all are counted.
std::size_t most_non_zero(const Args& args) {
  const Shape& shape = *args.shape(0);
  return as_size(extent_product(shape, 0, shape.size())) * shape.size() * sizeof(std::int64_t);
}

}  // namespace saker::ops
