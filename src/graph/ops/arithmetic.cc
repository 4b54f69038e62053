// Add, Sub, Mul, Div, Mod, Pow, PRelu, Max, Min: two tensors (or more) that broadcast.
#include <cmath>

#include "graph/ops/convert.h"
#include "graph/ops/loops.h"
#include "graph/ops/ops.h"

namespace saker::ops {
namespace {

// Integers wrap around: arithmetic modulo 2^64, then truncation.
template <typename T>
T add(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a + b;
  return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
template <typename T>
T subtract(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a - b;
  return static_cast<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
template <typename T>
T multiply(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) return a * b;
  return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

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

template <typename T, typename F>
void map2(const T* a, const T* b, Tensor& out, F f) {
  T* to = out.data<T>();
  for (std::int64_t i = 0; i < out.elements(); ++i) to[i] = f(a[i], b[i]);
}

template <typename T>
Status combine(const Node& node, const T* a, const T* b, Tensor& out) {
  if (std::is_integral_v<T> && (node.op == Op::kDiv || node.op == Op::kMod)) {
    for (std::int64_t i = 0; i < out.elements(); ++i) {
      if (b[i] == 0) return invalid("integer division by zero at element {}", i);
    }
  }
  switch (node.op) {
    case Op::kAdd:
      map2(a, b, out, add<T>);
      break;
    case Op::kSub:
      map2(a, b, out, subtract<T>);
      break;
    case Op::kMul:
      map2(a, b, out, multiply<T>);
      break;
    case Op::kDiv:
      map2(a, b, out, divide<T>);
      break;
    case Op::kMod: {
      const bool fmod = node.as<ModAttrs>().fmod;
      map2(a, b, out, [fmod](T x, T y) { return modulo(x, y, fmod); });
      break;
    }
    case Op::kMax:
      map2(a, b, out, larger<T>);
      break;
    case Op::kMin:
      map2(a, b, out, smaller<T>);
      break;
    case Op::kPRelu:
      map2(a, b, out, [](T x, T slope) { return x < 0 ? multiply(x, slope) : x; });
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
  SAKER_ASSIGN(const Tensor a, broadcast_to(args.tensor(0), outputs[0].shape()));
  SAKER_ASSIGN(const Tensor b, broadcast_to(args.tensor(1), outputs[0].shape()));
  return visit_number(a.dtype(), [&](auto zero) {
    using T = decltype(zero);
    return combine<T>(args.node(), a.data<T>(), b.data<T>(), outputs[0]);
  });
}

Status extremum_kernel(const Args& args, std::span<Tensor> outputs) {
  Tensor& out = outputs[0];
  SAKER_ASSIGN(const Tensor first, broadcast_to(args.tensor(0), out.shape()));
  copy_all(first, out);
  for (std::size_t i = 1; i < args.count(); ++i) {
    SAKER_ASSIGN(const Tensor next, broadcast_to(args.tensor(i), out.shape()));
    SAKER_TRY(visit_number(out.dtype(), [&](auto zero) {
      using T = decltype(zero);
      return combine<T>(args.node(), out.data<T>(), next.data<T>(), out);
    }));
  }
  return {};
}

namespace {

// base^exponent by squaring, wrapping around; exponent >= 0.
template <typename T>
T integer_power(T base, std::int64_t exponent) {
  T result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

template <typename T>
Status power(const T* base, const Tensor& exponents, Tensor& out) {
  T* to = out.data<T>();
  const bool real = exponents.dtype() == DType::kFloat64;
  for (std::int64_t i = 0; i < out.elements(); ++i) {
    if (real || std::is_floating_point_v<T>) {
      const double e = real ? exponents.data<double>()[i] : static_cast<double>(exponents.data<std::int64_t>()[i]);
      to[i] = number_cast<T>(std::pow(static_cast<double>(base[i]), e));
      continue;
    }
    const std::int64_t e = exponents.data<std::int64_t>()[i];
    if (e >= 0) {
      to[i] = integer_power(base[i], e);
      continue;
    }
    if (base[i] == 0) return invalid("integer 0 to the negative power {} at element {}", e, i);
    const bool minus_one = std::is_signed_v<T> && base[i] == static_cast<T>(-1);
    to[i] = base[i] == 1 ? T{1} : minus_one ? static_cast<T>((e & 1) != 0 ? -1 : 1) : T{0};
  }
  return {};
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
  const bool real = contains(kFloatTypes, args.dtype(1));
  SAKER_ASSIGN(const Tensor wide, converted(args.tensor(1), real ? DType::kFloat64 : DType::kInt64));
  SAKER_ASSIGN(const Tensor exponents, broadcast_to(wide, outputs[0].shape()));
  SAKER_ASSIGN(const Tensor base, broadcast_to(args.tensor(0), outputs[0].shape()));
  return visit_number(base.dtype(), [&](auto zero) {
    using T = decltype(zero);
    return power<T>(base.data<T>(), exponents, outputs[0]);
  });
}

}  // namespace saker::ops
