// Abs, Sign, Shrink, IsInf and IsNaN: exact for every type.
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

Result<Outputs> same_shape(const Args& args, TypeSet types, DType to) {
  SAKER_TRY(args.check_type(0, types));
  return one(to, args.shape(0) == nullptr ? std::nullopt : std::optional<Shape>(*args.shape(0)));
}

template <typename From, typename To, typename F>
void map_one(const Tensor& from, Tensor& to, F f) {
  for (std::int64_t i = 0; i < to.elements(); ++i) to.data<To>()[i] = f(from.data<From>()[i]);
}

// The least integer is its own negative, as it wraps around.
template <typename T>
T absolute(T x) {
  if constexpr (std::is_floating_point_v<T>) return std::abs(x);
  if constexpr (std::is_unsigned_v<T>) return x;
  return x < 0 ? static_cast<T>(std::uint64_t{0} - static_cast<std::uint64_t>(x)) : x;
}

// NaN stays.
template <typename T>
T sign_of(T x) {
  if (x > 0) return T{1};
  if constexpr (std::is_signed_v<T> || std::is_floating_point_v<T>) {
    if (x < 0) return static_cast<T>(-1);
  }
  return x == 0 ? T{0} : x;
}

}  // namespace

Result<Outputs> sign_rule(const Args& args) {
  return same_shape(args, kNumberTypes, args.dtype(0));
}
Result<Outputs> shrink_rule(const Args& args) {
  return same_shape(args, kNumberTypes, args.dtype(0));
}
Result<Outputs> float_test_rule(const Args& args) {
  return same_shape(args, kFloatTypes, DType::kBool);
}

Status sign_kernel(const Args& args, std::span<Tensor> outputs) {
  const bool abs = args.node().op == Op::kAbs;
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    map_one<T, T>(args.tensor(0), outputs[0], [abs](T x) { return abs ? absolute(x) : sign_of(x); });
    return {};
  });
}

// x + bias below -lambd, x - bias above lambd, 0 between; the parameters in the type of x.
Status shrink_kernel(const Args& args, std::span<Tensor> outputs) {
  const auto& attrs = args.as<ShrinkAttrs>();
  return visit_number(outputs[0].dtype(), [&](auto zero) -> Status {
    using T = decltype(zero);
    const T low = number_cast<T>(-attrs.lambd), high = number_cast<T>(attrs.lambd), bias = number_cast<T>(attrs.bias);
    map_one<T, T>(args.tensor(0), outputs[0], [=](T x) {
      return x < low ? add(x, bias) : x > high ? subtract(x, bias) : T{0};
    });
    return {};
  });
}

// IsNaN, and IsInf of the wanted signs.
Status float_test_kernel(const Args& args, std::span<Tensor> outputs) {
  const IsInfAttrs wanted = args.node().op == Op::kIsInf ? args.as<IsInfAttrs>() : IsInfAttrs{};
  const bool nan = args.node().op == Op::kIsNaN;
  const DType dtype = args.dtype(0);
  return visit_float(dtype, [&](auto zero) -> Status {
    using T = decltype(zero);
    map_one<T, std::uint8_t>(args.tensor(0), outputs[0], [&](T x) -> std::uint8_t {
      const bool infinite = std::isinf(x) && (x < 0 ? wanted.negative : wanted.positive);
      return (nan ? std::isnan(x) : infinite) ? 1 : 0;
    });
    return {};
  });
}

}  // namespace saker::ops
