// Operators of one tensor, element by element: the functions of functions.h, Relu, Clip.
#include "graph/ops/convert.h"
#include "graph/ops/functions.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<Outputs> same_as_input(const Args& args, TypeSet types) {
  SAKER_TRY(args.check_type(0, types));
  return one(args.dtype(0), args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

}  // namespace

Result<Outputs> float_unary_rule(const Args& args) {
  return same_as_input(args, kFloatTypes);
}
Result<Outputs> erf_rule(const Args& args) {
  return same_as_input(args, kNumberTypes);
}
Result<Outputs> relu_rule(const Args& args) {
  return same_as_input(args, kFloatTypes | kSignedTypes);
}

Status unary_kernel(const Args& args, std::span<Tensor> outputs) {
  const NodeFunction function = function_of(args.node());
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* from = args.tensor(0).data<T>();
    T* to = outputs[0].data<T>();
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      to[i] = number_cast<T>(function.f(static_cast<double>(from[i]), function.a, function.b));
    }
    return {};
  });
}

Status relu_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* from = args.tensor(0).data<T>();
    T* to = outputs[0].data<T>();
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) to[i] = from[i] < 0 ? T{0} : from[i];
    return {};
  });
}

// Inputs: x, lower bound, upper bound (each may be absent).
// Bounds have the input's type; for a 16-bit float they may be float32, as the bounds are that were
// attributes until opset 11. The kernel sees float32 in either case.
Result<Outputs> clip_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  for (std::size_t i = 1; i < args.count(); ++i) {
    if (!args.has(i)) continue;
    const bool widened = is_half(args.dtype(0)) && args.dtype(i) == DType::kFloat32;
    if (args.dtype(i) != args.dtype(0) && !widened) {
      return invalid("a bound has type {}, the input {}", dtype_name(args.dtype(i)), dtype_name(args.dtype(0)));
    }
    if (args.shape(i) == nullptr) continue;
    if (args.shape(i)->size() > 1 || extent_product(*args.shape(i), 0, args.shape(i)->size()) != 1) {
      return invalid("a bound must be a scalar, but has shape {}", to_string(*args.shape(i)));
    }
  }
  return same_as_input(args, kNumberTypes);
}

// min(max(x, lower), upper): the upper bound wins when they cross; NaN stays.
Status clip_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T* from = args.tensor(0).data<T>();
    const T* lower = args.has(1) ? args.tensor(1).data<T>() : nullptr;
    const T* upper = args.has(2) ? args.tensor(2).data<T>() : nullptr;
    T* to = outputs[0].data<T>();
    for (std::int64_t i = 0; i < outputs[0].elements(); ++i) {
      T x = from[i];
      if (lower != nullptr && x < *lower) x = *lower;
      if (upper != nullptr && x > *upper) x = *upper;
      to[i] = x;
    }
    return {};
  });
}

}  // namespace saker::ops
