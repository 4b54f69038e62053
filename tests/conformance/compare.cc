// difference(): types, shapes, then elements.
#include "conformance/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/half.h"

namespace saker::conformance {
namespace {

struct Tolerance {
  double relative = 0, absolute = 0;
};

Tolerance tolerance_for(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return {1e-2, 1e-3};
    case DType::kBFloat16:
      return {2e-2, 1e-2};
    default:
      return {1e-3, 1e-5};
  }
}

bool is_float(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 || dtype == DType::kBFloat16;
}

double float_at(const Tensor& tensor, std::int64_t i) {
  switch (tensor.dtype()) {
    case DType::kFloat64:
      return tensor.data<double>()[i];
    case DType::kFloat16:
      return static_cast<double>(half_to_float(tensor.data<std::uint16_t>()[i]));
    case DType::kBFloat16:
      return static_cast<double>(bfloat16_to_float(tensor.data<std::uint16_t>()[i]));
    default:
      return static_cast<double>(tensor.data<float>()[i]);
  }
}

bool close(double got, double expected, Tolerance tolerance) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) && std::isnan(got);
  if (std::isinf(expected) || std::isinf(got)) return got == expected;
  return std::abs(got - expected) <= tolerance.absolute + tolerance.relative * std::abs(expected);
}

}  // namespace

std::string difference(const Tensor& got, const Tensor& expected) {
  if (got.dtype() != expected.dtype() || got.shape() != expected.shape()) {
    return fmt::format("is {} {}, should be {} {}", dtype_name(got.dtype()), to_string(got.shape()),
                       dtype_name(expected.dtype()), to_string(expected.shape()));
  }
  if (!is_float(got.dtype())) {
    const auto* a = static_cast<const std::byte*>(got.raw());
    const auto* b = static_cast<const std::byte*>(expected.raw());
    const auto at = static_cast<std::size_t>(std::mismatch(a, a + got.bytes(), b).first - a);
    return at == got.bytes() ? "" : fmt::format("element {} differs", at / dtype_size(got.dtype()));
  }
  const Tolerance tolerance = tolerance_for(got.dtype());
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    const double is = float_at(got, i);
    const double should = float_at(expected, i);
    if (!close(is, should, tolerance)) return fmt::format("element {} is {}, should be {}", i, is, should);
  }
  return "";
}

}  // namespace saker::conformance
