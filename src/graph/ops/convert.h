// Conversion between element types.
#pragma once

#include <saker/tensor.h>

#include <limits>
#include <type_traits>

namespace saker::ops {

// static_cast that is defined for every value: float to integer truncates, clamps what is out of
// range, and maps NaN to 0.
template <typename To, typename From>
constexpr To number_cast(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // max() rounds up to a power of two when From cannot hold it, so >= is exact.
    if (value != value) return 0;
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
  }
  return static_cast<To>(value);
}

// Converts every element of `from` to the type of `to`, which has the same element count. Integers
// wrap, any number but 0 is true, and float64 rounds to half precision once.
void convert(const Tensor& from, Tensor& to);

// A copy with another element type; the tensor itself if it has that type already.
Result<Tensor> converted(const Tensor& from, DType dtype);

}  // namespace saker::ops
