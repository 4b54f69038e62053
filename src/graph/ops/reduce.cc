// ReduceMax, ReduceMean and ReduceSum.
#include <limits>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// Which axes are reduced, from input 1 (absent or empty: all, or none with noop_with_empty_axes).
// Empty: not known yet.
Result<std::optional<std::vector<bool>>> reduced_axes(const Args& args) {
  if (args.shape(0) == nullptr || args.has_unknown_data(1)) return std::optional<std::vector<bool>>();
  const std::size_t rank = args.shape(0)->size();
  std::vector<std::int64_t> list;
  if (args.has(1)) {
    SAKER_ASSIGN(list, int_list(args.tensor(1), "axes"));
  }
  SAKER_ASSIGN(const auto axes, normalize_axes(list, rank));
  std::vector<bool> reduced(rank, list.empty() && !args.as<ReduceAttrs>().noop_with_empty_axes);
  for (const std::size_t axis : axes) reduced[axis] = true;
  return std::optional(std::move(reduced));
}

Result<Outputs> reduce_shape(const Args& args, TypeSet types) {
  SAKER_TRY(args.check_type(0, types));
  SAKER_ASSIGN(const auto reduced, reduced_axes(args));
  if (!reduced) return one(args.dtype(0), std::nullopt);
  Shape shape;
  for (std::size_t i = 0; i < reduced->size(); ++i) {
    if (!(*reduced)[i]) {
      shape.push_back((*args.shape(0))[i]);
    } else if (args.as<ReduceAttrs>().keepdims) {
      shape.push_back(1);
    }
  }
  return one(args.dtype(0), std::move(shape));
}

// Positions in x: of the first element of each sum, and of its elements from there.
struct Reduction {
  Rows<1> outer, inner;
};

Reduction plan_reduction(const Shape& x, const std::vector<bool>& reduced) {
  const Shape dense = dense_strides(x);
  Shape shapes[2], strides[2];
  for (std::size_t i = 0; i < reduced.size(); ++i) {
    shapes[reduced[i] ? 1 : 0].push_back(x[i]);
    strides[reduced[i] ? 1 : 0].push_back(dense[i]);
  }
  return {{shapes[0], {strides[0]}}, {shapes[1], {strides[1]}}};
}

template <typename T, typename F>
void each_element(const T* x, const Rows<1>& rows, F&& f) {
  rows.each([&](const auto& at, const auto& step, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) f(x[at[0] + i * step[0]]);
  });
}

template <typename T>
T sum_of(const T* x, const Rows<1>& rows) {
  if constexpr (std::is_floating_point_v<T>) {
    double sum = 0;
    each_element(x, rows, [&](T value) { sum += static_cast<double>(value); });
    return static_cast<T>(sum);
  } else {
    std::uint64_t sum = 0;  // wraps around
    each_element(x, rows, [&](T value) { sum += static_cast<std::uint64_t>(value); });
    return static_cast<T>(sum);
  }
}

template <typename T>
T mean_of(const T* x, const Rows<1>& rows) {
  double sum = 0;
  each_element(x, rows, [&](T value) { sum += static_cast<double>(value); });
  return number_cast<T>(sum / static_cast<double>(rows.elements()));
}

template <typename T>
T max_of(const T* x, const Rows<1>& rows) {  // of nothing: the least value; NaN wins
  T best = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
  each_element(x, rows, [&](T value) {
    if (value > best || value != value) best = value;
  });
  return best;
}

template <typename T>
void reduce(Op op, const T* x, const Reduction& plan, T* to) {
  plan.outer.each([&](const auto& at, const auto& step, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const T* first = x + at[0] + i * step[0];
      *to++ = op == Op::kReduceSum    ? sum_of(first, plan.inner)
              : op == Op::kReduceMean ? mean_of(first, plan.inner)
                                      : max_of(first, plan.inner);
    }
  });
}

}  // namespace

Result<Outputs> reduce_rule(const Args& args) {
  return reduce_shape(args, kNumberTypes);
}
Result<Outputs> reduce_max_rule(const Args& args) {
  return reduce_shape(args, kAllTypes);
}

Status reduce_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const auto reduced, reduced_axes(args));
  const Tensor& x = args.tensor(0);
  const Reduction plan = plan_reduction(x.shape(), *reduced);
  const Op op = args.node().op;
  if (x.dtype() == DType::kBool) {
    reduce(op, x.data<std::uint8_t>(), plan, outputs[0].data<std::uint8_t>());
    return {};
  }
  return visit_number(x.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    reduce(op, x.data<T>(), plan, outputs[0].data<T>());
    return {};
  });
}

}  // namespace saker::ops
