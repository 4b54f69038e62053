// Equal, Greater, GreaterOrEqual and Where.
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {

// Equal, Greater and GreaterOrEqual.
Result<Outputs> compare_rule(const Args& args) {
  SAKER_TRY(args.check_same_types(args.node().op == Op::kEqual ? kAllTypes : kNumberTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(DType::kBool, std::nullopt);
  SAKER_ASSIGN(Shape shape, broadcast_shapes(*args.shape(0), *args.shape(1)));
  return one(DType::kBool, std::move(shape));
}

Status compare_kernel(const Args& args, std::span<Tensor> outputs) {
  const Tensor& a = args.tensor(0);
  const Tensor& b = args.tensor(1);
  using Byte = std::uint8_t;
  if (a.dtype() == DType::kBool) {
    map_two<Byte, Byte>(a, b, outputs[0], [](Byte x, Byte y) { return static_cast<Byte>((x != 0) == (y != 0)); });
    return {};
  }
  const Op op = args.node().op;
  return visit_number(a.dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    map_two<T, Byte>(a, b, outputs[0], [op](T x, T y) {
      return static_cast<Byte>(op == Op::kEqual ? x == y : op == Op::kGreater ? x > y : x >= y);
    });
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
  const Tensor& condition = args.tensor(0);
  const Tensor& x = args.tensor(1);
  const Tensor& y = args.tensor(2);
  visit_size(out.dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* to = out.data<U>();
    broadcast_rows(out.shape(), condition, x, y).each([&](const auto& at, const auto& step, std::int64_t n) {
      for (std::int64_t i = 0; i < n; ++i) {
        const bool chosen = condition.data<std::uint8_t>()[at[0] + i * step[0]] != 0;
        *to++ = chosen ? x.data<U>()[at[1] + i * step[1]] : y.data<U>()[at[2] + i * step[2]];
      }
    });
  });
  return {};
}

}  // namespace saker::ops
