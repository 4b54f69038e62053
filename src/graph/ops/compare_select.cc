// Equal, Greater and Where.
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

// Equal and Greater.
Result<Outputs> compare_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(args.node().op == Op::kEqual ? kAllTypes : kNumberTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(DType::kBool, std::nullopt);
  SAKER_ASSIGN(Shape shape, broadcast_shapes(*args.shape(0), *args.shape(1)));
  return one(DType::kBool, std::move(shape));
}

Status compare_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  SAKER_ASSIGN(const Tensor a, broadcast_to(args.tensor(0), out.shape()));
  SAKER_ASSIGN(const Tensor b, broadcast_to(args.tensor(1), out.shape()));
  std::uint8_t* to = out.data<std::uint8_t>();
  if (a.dtype() == DType::kBool) {
    const std::uint8_t* x = a.data<std::uint8_t>();
    const std::uint8_t* y = b.data<std::uint8_t>();
    for (std::int64_t i = 0; i < out.elements(); ++i) to[i] = (x[i] != 0) == (y[i] != 0) ? 1 : 0;
    return {};
  }
  const bool equal = args.node().op == Op::kEqual;
  return visit_number(a.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < out.elements(); ++i) {
      const T x = a.data<T>()[i];
      const T y = b.data<T>()[i];
      to[i] = (equal ? x == y : x > y) ? 1 : 0;
    }
    return {};
  });
}

// Inputs: condition, x (where true), y (where false).
Result<Outputs> where_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kBoolType));
  SAKER_TRY(args.check_type(1, kAllTypes));
  if (args.dtype(1) != args.dtype(2)) {
    return invalid("input 1 has type {} but input 2 has type {}", dtype_name(args.dtype(1)), dtype_name(args.dtype(2)));
  }
  Shape shape;
  for (std::size_t i = 0; i < 3; ++i) {
    if (args.shape(i) == nullptr) return one(args.dtype(1), std::nullopt);
    SAKER_ASSIGN(shape, broadcast_shapes(shape, *args.shape(i)));
  }
  return one(args.dtype(1), std::move(shape));
}

Status where_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  SAKER_ASSIGN(const Tensor condition, broadcast_to(args.tensor(0), out.shape()));
  SAKER_ASSIGN(const Tensor x, broadcast_to(args.tensor(1), out.shape()));
  SAKER_ASSIGN(const Tensor y, broadcast_to(args.tensor(2), out.shape()));
  const std::uint8_t* chosen = condition.data<std::uint8_t>();
  visit_size(out.dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* to = out.data<U>();
    for (std::int64_t i = 0; i < out.elements(); ++i) to[i] = chosen[i] != 0 ? x.data<U>()[i] : y.data<U>()[i];
  });
  return {};
}

}  // namespace saker::ops
