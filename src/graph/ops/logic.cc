// And, Or, Xor and Not of truth values and of bits, and BitShift.
#include <limits>

#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<Outputs> broadcast_two(const Args& args, TypeSet types) {
  SAKER_TRY(args.check_same_types(types));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(Shape shape, broadcast_shapes(*args.shape(0), *args.shape(1)));
  return one(args.dtype(0), std::move(shape));
}

Result<Outputs> same_shape(const Args& args, TypeSet types) {
  SAKER_TRY(args.check_type(0, types));
  return one(args.dtype(0), args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

template <typename T>
T combined(Op op, T x, T y) {
  switch (op) {
    case Op::kAnd:
    case Op::kBitwiseAnd:
      return static_cast<T>(x & y);
    case Op::kOr:
    case Op::kBitwiseOr:
      return static_cast<T>(x | y);
    default:
      return static_cast<T>(x ^ y);
  }
}

}  // namespace

Result<Outputs> logical_rule(const Args& args) {
  return broadcast_two(args, kBoolType);
}
Result<Outputs> bitwise_rule(const Args& args) {
  return broadcast_two(args, kIntTypes);
}
Result<Outputs> bit_shift_rule(const Args& args) {
  return broadcast_two(args, kUnsignedTypes);
}
Result<Outputs> logical_not_rule(const Args& args) {
  return same_shape(args, kBoolType);
}
Result<Outputs> bitwise_not_rule(const Args& args) {
  return same_shape(args, kIntTypes);
}

Status logic_kernel(const Args& args, std::span<Tensor> outputs) {
  const Op op = args.node().op;
  if (outputs[0].dtype() == DType::kBool) {  // any byte but 0 is true
    using Byte = std::uint8_t;
    map_two<Byte, Byte>(args.tensor(0), args.tensor(1), outputs[0], [op](Byte x, Byte y) {
      return combined(op, static_cast<Byte>(x != 0), static_cast<Byte>(y != 0));
    });
    return {};
  }
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    if constexpr (std::is_integral_v<T>)
      map_two<T, T>(args.tensor(0), args.tensor(1), outputs[0], [op](T x, T y) { return combined(op, x, y); });
    return {};
  });
}

// Not and BitwiseNot.
Status negation_kernel(const Args& args, std::span<Tensor> outputs) {
  const std::int64_t n = outputs[0].elements();
  if (outputs[0].dtype() == DType::kBool) {
    const std::uint8_t* x = args.tensor(0).data<std::uint8_t>();
    for (std::int64_t i = 0; i < n; ++i) outputs[0].data<std::uint8_t>()[i] = x[i] == 0 ? 1 : 0;
    return {};
  }
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    for (std::int64_t i = 0; i < n; ++i) outputs[0].data<U>()[i] = static_cast<U>(~args.tensor(0).data<U>()[i]);
  });
  return {};
}

// By as many places as there are, or more: nothing is left.
Status bit_shift_kernel(const Args& args, std::span<Tensor> outputs) {
  const bool left = args.as<BitShiftAttrs>().left;
  visit_size(outputs[0].dtype(), [&](auto unit) {
    using U = decltype(unit);
    map_two<U, U>(args.tensor(0), args.tensor(1), outputs[0], [left](U x, U places) -> U {
      if (places >= std::numeric_limits<U>::digits) return 0;
      const auto wide = static_cast<std::uint64_t>(x);
      return static_cast<U>(left ? wide << places : wide >> places);
    });
  });
  return {};
}

}  // namespace saker::ops
