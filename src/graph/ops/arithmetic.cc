// Add, Sub, Mul, Div, Mod, Pow, PRelu, Max, Min: two tensors (or more) that broadcast.
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

template <typename T>
T divide(T a, T b) {  // integers: truncates; b is not 0
  if constexpr (std::is_signed_v<T> && std::is_integral_v<T>) {
    if (b == -1) return subtract(T{0}, a);
  }
  return static_cast<T>(a / b);
}

// fmod: the sign of the dividend; otherwise the sign of the divisor.
template <typename T>
T modulo(T a, T b, bool fmod) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    const T rest = static_cast<T>(a % b);
    return !fmod && rest != 0 && (rest < 0) != (b < 0) ? add(rest, b) : rest;
  }
}

// NaN wins, as in NumPy.
template <typename T>
T larger(T a, T b) {
  return a > b || a != a ? a : b;
}
template <typename T>
T smaller(T a, T b) {
  return a < b || a != a ? a : b;
}

// `out` may be `a`.
template <typename T>
Status combine(const Node& node, const Tensor& a, const Tensor& b, Tensor& out) {
  if (std::is_integral_v<T> && (node.op == Op::kDiv || node.op == Op::kMod) && out.elements() > 0) {
    for (std::int64_t i = 0; i < b.elements(); ++i) {
      if (b.data<T>()[i] == 0) return invalid("integer division by zero, element {} of the divisor", i);
    }
  }
  switch (node.op) {
    case Op::kAdd:
      map_two<T, T>(a, b, out, add<T>);
      break;
    case Op::kSub:
      map_two<T, T>(a, b, out, subtract<T>);
      break;
    case Op::kMul:
      map_two<T, T>(a, b, out, multiply<T>);
      break;
    case Op::kDiv:
      map_two<T, T>(a, b, out, divide<T>);
      break;
    case Op::kMod: {
      const bool fmod = node.as<ModAttrs>().fmod;
      map_two<T, T>(a, b, out, [fmod](T x, T y) { return modulo(x, y, fmod); });
      break;
    }
    case Op::kMax:
      map_two<T, T>(a, b, out, larger<T>);
      break;
    case Op::kMin:
      map_two<T, T>(a, b, out, smaller<T>);
      break;
    case Op::kPRelu:
      map_two<T, T>(a, b, out, [](T x, T slope) { return x < 0 ? multiply(x, slope) : x; });
      break;
    default:
      return Error{ErrorCode::kInternal, "not an arithmetic operator"};
  }
  return {};
}

Result<Outputs> broadcast_rule(const Args& args, TypeSet types) {
  SAKER_TRY(args.check_same_types(types));
  std::optional<Shape> shape = Shape{};
  for (std::size_t i = 0; i < args.count(); ++i) {
    if (args.shape(i) == nullptr) return one(args.dtype(0), std::nullopt);
    SAKER_ASSIGN(shape, broadcast_shapes(*shape, *args.shape(i)));
  }
  return one(args.dtype(0), std::move(shape));
}

}  // namespace

Result<Outputs> arithmetic_rule(const Args& args) {
  return broadcast_rule(args, kNumberTypes);
}

Result<Outputs> mod_rule(const Args& args) {
  if (contains(kFloatTypes, args.dtype(0)) && !args.as<ModAttrs>().fmod) {
    return invalid("Mod of {} needs fmod = 1", dtype_name(args.dtype(0)));
  }
  return broadcast_rule(args, kNumberTypes);
}

Result<Outputs> prelu_rule(const Args& args) {
  SAKER_ASSIGN(Outputs outputs, broadcast_rule(args, kNumberTypes));
  if (outputs[0].shape && *outputs[0].shape != *args.shape(0)) {
    return invalid("the slope {} does not broadcast to the input {}", to_string(*args.shape(1)),
                   to_string(*args.shape(0)));
  }
  if (!outputs[0].shape && args.shape(0) != nullptr) outputs[0].shape = *args.shape(0);
  return outputs;
}

Status arithmetic_kernel(const Args& args, std::span<Tensor> outputs) {
  return visit_number(outputs[0].dtype(), [&](auto zero) {
    return combine<decltype(zero)>(args.node(), args.tensor(0), args.tensor(1), outputs[0]);
  });
}

Status extremum_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  copy_strided(args.tensor(0), 0, broadcast_strides(args.tensor(0).shape(), out.shape()), out);
  for (std::size_t i = 1; i < args.count(); ++i) {
    SAKER_TRY(visit_number(out.dtype(),
                           [&](auto zero) { return combine<decltype(zero)>(args.node(), out, args.tensor(i), out); }));
  }
  return {};
}

namespace {

// Wraps around; exponent >= 0.
template <typename T>
T power_by_squaring(T base, std::int64_t exponent) {
  T result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

// Integers to an integer power. Only 1, -1 and 0 (which has none) have more than 0 left of a negative one.
template <typename T>
Status integer_power(T base, std::int64_t exponent, T& result) {
  if (exponent >= 0) {
    result = power_by_squaring(base, exponent);
    return {};
  }
  if (base == 0) return invalid("integer 0 to the negative power {}", exponent);
  const bool minus_one = std::is_signed_v<T> && base == static_cast<T>(-1);
  result = base == 1 ? T{1} : minus_one ? static_cast<T>((exponent & 1) != 0 ? -1 : 1) : T{0};
  return {};
}

template <typename T>
Status power(const Tensor& bases, const Tensor& exponents, Tensor& out) {
  T* to = out.data<T>();
  const bool real = exponents.dtype() == DType::kFloat64;
  Status status;
  broadcast_rows(out.shape(), bases, exponents).each([&](const auto& at, const auto& step, std::int64_t n) {
    for (std::int64_t i = 0; status.ok() && i < n; ++i, ++to) {
      const T base = bases.data<T>()[at[0] + i * step[0]];
      const std::int64_t k = at[1] + i * step[1];
      if (real || std::is_floating_point_v<T>) {
        const double e = real ? exponents.data<double>()[k] : static_cast<double>(exponents.data<std::int64_t>()[k]);
        *to = number_cast<T>(std::pow(static_cast<double>(base), e));
      } else {
        status = integer_power(base, exponents.data<std::int64_t>()[k], *to);
      }
    }
  });
  return status;
}

DType wide_exponent(DType dtype) {
  return contains(kFloatTypes, dtype) ? DType::kFloat64 : DType::kInt64;
}

}  // namespace

Result<Outputs> pow_rule(const Args& args) {
  SAKER_TRY(args.check_type(0, kNumberTypes));
  SAKER_TRY(args.check_type(1, kNumberTypes));
  if (args.shape(0) == nullptr || args.shape(1) == nullptr) return one(args.dtype(0), std::nullopt);
  SAKER_ASSIGN(Shape shape, broadcast_shapes(*args.shape(0), *args.shape(1)));
  return one(args.dtype(0), std::move(shape));
}

Status pow_kernel(const Args& args, std::span<Tensor> outputs) {
  SAKER_ASSIGN(const Tensor exponents, converted(args.tensor(1), wide_exponent(args.dtype(1))));
  return visit_number(outputs[0].dtype(),
                      [&](auto zero) { return power<decltype(zero)>(args.tensor(0), exponents, outputs[0]); });
}

std::size_t pow_scratch(const Args& args, const Outputs& /*outputs*/) {
  return converted_bytes(args, 1, wide_exponent(args.dtype(1)));
}

}  // namespace saker::ops
