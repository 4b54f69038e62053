// Reductions: ReduceMax, ReduceSum and the like.
#include <algorithm>
#include <cmath>
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

template <typename T, typename F>
Wide<T> sum_of(const T* x, const Rows<1>& rows, F&& term) {
  Wide<T> sum = 0;
  each_element(x, rows, [&](T value) { sum += term(static_cast<Wide<T>>(value)); });
  return sum;
}

template <typename T>
double real_sum(const T* x, const Rows<1>& rows) {
  double sum = 0;
  each_element(x, rows, [&](T value) { sum += static_cast<double>(value); });
  return sum;
}

template <typename T>
T plain_sum(const T* x, const Rows<1>& rows) {
  return static_cast<T>(sum_of(x, rows, [](Wide<T> value) { return value; }));
}

template <typename T>
T sum_of_squares(const T* x, const Rows<1>& rows) {
  return static_cast<T>(sum_of(x, rows, [](Wide<T> value) { return value * value; }));
}

template <typename T>
T l1_of(const T* x, const Rows<1>& rows) {
  return static_cast<T>(sum_of(x, rows, [](Wide<T> value) -> Wide<T> {
    if constexpr (std::is_floating_point_v<T>) return std::abs(value);
    if constexpr (std::is_unsigned_v<T>) return value;
    return static_cast<std::int64_t>(value) < 0 ? Wide<T>{0} - value : value;
  }));
}

template <typename T>
T l2_of(const T* x, const Rows<1>& rows) {
  double sum = 0;
  each_element(x, rows, [&](T value) { sum += static_cast<double>(value) * static_cast<double>(value); });
  return number_cast<T>(std::sqrt(sum));
}

template <typename T>
T product_of(const T* x, const Rows<1>& rows) {
  Wide<T> product = 1;
  each_element(x, rows, [&](T value) { product *= static_cast<Wide<T>>(value); });
  return static_cast<T>(product);
}

template <typename T>
T mean_of(const T* x, const Rows<1>& rows) {
  return number_cast<T>(real_sum(x, rows) / static_cast<double>(rows.elements()));
}

template <typename T>
T log_of_sum(const T* x, const Rows<1>& rows) {
  return number_cast<T>(std::log(real_sum(x, rows)));
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
T min_of(const T* x, const Rows<1>& rows) {  // of nothing: the largest value; NaN wins
  T best = std::is_floating_point_v<T> ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  each_element(x, rows, [&](T value) {
    if (value < best || value != value) best = value;
  });
  return best;
}

// log(sum(exp(x))) = max + log(sum(exp(x - max))), which does not overflow.
template <typename T>
T log_of_exponentials(const T* x, const Rows<1>& rows) {
  double top = -std::numeric_limits<double>::infinity();
  each_element(x, rows, [&](T value) {
    const auto wide = static_cast<double>(value);
    if (wide > top || wide != wide) top = wide;
  });
  if (!std::isfinite(top)) return number_cast<T>(top);
  double sum = 0;
  each_element(x, rows, [&](T value) { sum += std::exp(static_cast<double>(value) - top); });
  return number_cast<T>(top + std::log(sum));
}

template <typename T>
using Reducer = T (*)(const T* x, const Rows<1>& rows);

template <typename T>
Reducer<T> reducer_of(Op op) {
  switch (op) {
    case Op::kReduceL1:
      return l1_of<T>;
    case Op::kReduceL2:
      return l2_of<T>;
    case Op::kReduceLogSum:
      return log_of_sum<T>;
    case Op::kReduceLogSumExp:
      return log_of_exponentials<T>;
    case Op::kReduceMax:
      return max_of<T>;
    case Op::kReduceMean:
      return mean_of<T>;
    case Op::kReduceMin:
      return min_of<T>;
    case Op::kReduceProd:
      return product_of<T>;
    case Op::kReduceSumSquare:
      return sum_of_squares<T>;
    default:
      return plain_sum<T>;
  }
}

template <typename T>
void reduce(Reducer<T> reducer, const T* x, const Reduction& plan, T* to) {
  plan.outer.each([&](const auto& at, const auto& step, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) *to++ = reducer(x + at[0] + i * step[0], plan.inner);
  });
}

// Any byte but 0 is true; of nothing the smaller is true.
std::uint8_t any_of(const std::uint8_t* x, const Rows<1>& rows) {
  std::uint8_t any = 0;
  each_element(x, rows, [&](std::uint8_t value) { any = value != 0 ? 1 : any; });
  return any;
}
std::uint8_t all_of(const std::uint8_t* x, const Rows<1>& rows) {
  std::uint8_t all = 1;
  each_element(x, rows, [&](std::uint8_t value) { all = value == 0 ? 0 : all; });
  return all;
}

}  // namespace

Result<Outputs> reduce_rule(const Args& args) {
  return reduce_shape(args, kNumberTypes);
}
Result<Outputs> reduce_extremum_rule(const Args& args) {
  return reduce_shape(args, kAllTypes);
}

// With nothing to reduce the output is the input, whatever the operator.
Status reduce_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const auto reduced, reduced_axes(args));
  const Tensor& x = args.tensor(0);
  if (args.as<ReduceAttrs>().noop_with_empty_axes && std::ranges::count(*reduced, true) == 0) {
    copy_all(x, outputs[0]);
    return {};
  }
  const Reduction plan = plan_reduction(x.shape(), *reduced);
  const Op op = args.node().op;
  if (x.dtype() == DType::kBool) {
    reduce<std::uint8_t>(op == Op::kReduceMin ? all_of : any_of, x.data<std::uint8_t>(), plan,
                         outputs[0].data<std::uint8_t>());
    return {};
  }
  return visit_number(x.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    reduce<T>(reducer_of<T>(op), x.data<T>(), plan, outputs[0].data<T>());
    return {};
  });
}

}  // namespace saker::ops
