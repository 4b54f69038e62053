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

// x as a dense tensor [out elements, reduced elements].
Result<Tensor> reduced_last(const Tensor& x, const std::vector<bool>& reduced) {
  const Shape dense = dense_strides(x.shape());
  Shape shape;
  Shape strides;
  std::int64_t kept = 1;
  for (const bool last : {false, true}) {
    for (std::size_t i = 0; i < reduced.size(); ++i) {
      if (reduced[i] != last) continue;
      if (!last) kept *= x.shape()[i];
      shape.push_back(x.shape()[i]);
      strides.push_back(dense[i]);
    }
  }
  SAKER_ASSIGN(Tensor out, Tensor::make(x.dtype(), shape));
  copy_strided(x, 0, strides, out);
  return out.reshaped({kept, kept == 0 ? 0 : x.elements() / kept});
}

template <typename T>
T sum_of(const T* x, std::int64_t n) {
  if constexpr (std::is_floating_point_v<T>) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
    return static_cast<T>(sum);
  } else {
    std::uint64_t sum = 0;  // wraps around
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<std::uint64_t>(x[i]);
    return static_cast<T>(sum);
  }
}

template <typename T>
T mean_of(const T* x, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
  return number_cast<T>(sum / static_cast<double>(n));
}

template <typename T>
T max_of(const T* x, std::int64_t n) {  // of nothing: the least value; NaN wins
  T best = std::is_floating_point_v<T> ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::min();
  for (std::int64_t i = 0; i < n; ++i) {
    if (x[i] > best || x[i] != x[i]) best = x[i];
  }
  return best;
}

template <typename T>
Status reduce_rows(Op op, const Tensor& rows, Tensor& out) {
  const std::int64_t n = rows.shape()[1];
  const T* x = rows.data<T>();
  T* to = out.data<T>();
  for (std::int64_t i = 0; i < out.elements(); ++i, x += n) {
    to[i] = op == Op::kReduceSum ? sum_of(x, n) : op == Op::kReduceMean ? mean_of(x, n) : max_of(x, n);
  }
  return {};
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
  SAKER_ASSIGN(const Tensor rows, reduced_last(args.tensor(0), *reduced));
  const Op op = args.node().op;
  if (rows.dtype() == DType::kBool) return reduce_rows<std::uint8_t>(op, rows, outputs[0]);
  return visit_number(rows.dtype(), [&](auto zero) { return reduce_rows<decltype(zero)>(op, rows, outputs[0]); });
}

}  // namespace saker::ops
