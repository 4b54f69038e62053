// Forward-mode differentiation (Clifford 1873): a number and its derivatives over N variables.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace saker::losses {

template <std::size_t N>
struct Dual {
  double value = 0;
  std::array<double, N> slopes = {};

  Dual() = default;
  Dual(double constant) : value(constant) {}  // NOLINT(google-explicit-constructor): a constant is a number, too
  static Dual variable(double value, std::size_t number) {
    Dual x(value);
    x.slopes[number] = 1;
    return x;
  }
  // A function's value here, and its derivatives over one and two arguments.
  Dual through(double result, double slope) const {
    Dual y(result);
    for (std::size_t i = 0; i < N; ++i) y.slopes[i] = slope * slopes[i];
    return y;
  }
  static Dual through(double result, const Dual& a, double slope_a, const Dual& b, double slope_b) {
    Dual y(result);
    for (std::size_t i = 0; i < N; ++i) y.slopes[i] = slope_a * a.slopes[i] + slope_b * b.slopes[i];
    return y;
  }

  friend Dual operator+(const Dual& a, const Dual& b) { return through(a.value + b.value, a, 1, b, 1); }
  friend Dual operator-(const Dual& a, const Dual& b) { return through(a.value - b.value, a, 1, b, -1); }
  friend Dual operator*(const Dual& a, const Dual& b) { return through(a.value * b.value, a, b.value, b, a.value); }
  friend Dual operator/(const Dual& a, const Dual& b) {
    const double quotient = a.value / b.value;
    return through(quotient, a, 1 / b.value, b, -quotient / b.value);
  }
  friend Dual atan(const Dual& a) { return a.through(std::atan(a.value), 1 / (1 + a.value * a.value)); }
  friend Dual exp(const Dual& a) { return a.through(std::exp(a.value), std::exp(a.value)); }
  friend Dual sigmoid(const Dual& a) {
    const double p = 1 / (1 + std::exp(-a.value));
    return a.through(p, p * (1 - p));
  }
};

template <std::size_t N>
double value_of(const Dual<N>& x) {
  return x.value;
}
inline double value_of(double x) {
  return x;
}
inline float value_of(float x) {
  return x;
}

// As std::max and std::min, but that a NaN on either side stays one.
template <typename T>
T larger(const T& a, const T& b) {
  return value_of(a) <= value_of(b) ? b : value_of(b) != value_of(b) ? b : a;
}
template <typename T>
T smaller(const T& a, const T& b) {
  return value_of(a) >= value_of(b) ? b : value_of(b) != value_of(b) ? b : a;
}

}  // namespace saker::losses
