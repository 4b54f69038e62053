// Conversion between element types (convert.h).
#include "graph/ops/convert.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/half.h"
#include "base/try.h"

namespace saker::ops {
namespace {

constexpr std::int64_t kChunk = 512;

// Round to odd: keeps what a second rounding to fewer bits needs to be exact.
float narrow_to_odd(double value) {
  const auto rounded = static_cast<float>(value);
  if (static_cast<double>(rounded) == value || rounded != rounded) return rounded;
  auto bits = std::bit_cast<std::uint32_t>(rounded);
  const double magnitude = value < 0 ? -value : value;
  const double got = rounded < 0 ? -static_cast<double>(rounded) : static_cast<double>(rounded);
  if (got > magnitude) --bits;
  return std::bit_cast<float>(bits | 1U);
}

template <typename T, typename Wide>
void load(const void* from, std::int64_t begin, std::int64_t n, Wide* to) {
  const T* data = static_cast<const T*>(from) + begin;
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<Wide>(data[i]);
}

template <typename Wide, typename T>
void store(const Wide* from, std::int64_t begin, std::int64_t n, void* to) {
  T* data = static_cast<T*>(to) + begin;
  for (std::int64_t i = 0; i < n; ++i) data[i] = number_cast<T>(from[i]);
}

template <typename Wide>
void store_as(DType dtype, const Wide* from, std::int64_t begin, std::int64_t n, void* to) {
  switch (dtype) {
    case DType::kFloat32:
      return store<Wide, float>(from, begin, n, to);
    case DType::kFloat64:
      return store<Wide, double>(from, begin, n, to);
    case DType::kInt8:
      return store<Wide, std::int8_t>(from, begin, n, to);
    case DType::kUint8:
      return store<Wide, std::uint8_t>(from, begin, n, to);
    case DType::kInt16:
      return store<Wide, std::int16_t>(from, begin, n, to);
    case DType::kUint16:
      return store<Wide, std::uint16_t>(from, begin, n, to);
    case DType::kInt32:
      return store<Wide, std::int32_t>(from, begin, n, to);
    case DType::kUint32:
      return store<Wide, std::uint32_t>(from, begin, n, to);
    case DType::kInt64:
      return store<Wide, std::int64_t>(from, begin, n, to);
    case DType::kUint64:
      return store<Wide, std::uint64_t>(from, begin, n, to);
    case DType::kBool:
    case DType::kFloat16:
    case DType::kBFloat16:
      break;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    if (dtype == DType::kBool) {
      static_cast<std::uint8_t*>(to)[begin + i] = from[i] != 0 ? 1 : 0;
      continue;
    }
    const float narrow = narrow_to_odd(static_cast<double>(from[i]));
    static_cast<std::uint16_t*>(to)[begin + i] =
        dtype == DType::kFloat16 ? float_to_half(narrow) : float_to_bfloat16(narrow);
  }
}

void load_double(DType dtype, const void* from, std::int64_t begin, std::int64_t n, double* to) {
  if (dtype == DType::kFloat32) return load<float>(from, begin, n, to);
  if (dtype == DType::kFloat64) return load<double>(from, begin, n, to);
  const std::uint16_t* data = static_cast<const std::uint16_t*>(from) + begin;
  for (std::int64_t i = 0; i < n; ++i) {
    to[i] = static_cast<double>(dtype == DType::kFloat16 ? half_to_float(data[i]) : bfloat16_to_float(data[i]));
  }
}

void load_int(DType dtype, const void* from, std::int64_t begin, std::int64_t n, std::int64_t* to) {
  switch (dtype) {
    case DType::kInt8:
      return load<std::int8_t>(from, begin, n, to);
    case DType::kUint8:
      return load<std::uint8_t>(from, begin, n, to);
    case DType::kInt16:
      return load<std::int16_t>(from, begin, n, to);
    case DType::kUint16:
      return load<std::uint16_t>(from, begin, n, to);
    case DType::kInt32:
      return load<std::int32_t>(from, begin, n, to);
    case DType::kUint32:
      return load<std::uint32_t>(from, begin, n, to);
    case DType::kInt64:
      return load<std::int64_t>(from, begin, n, to);
    default:
      break;
  }
  const std::uint8_t* data = static_cast<const std::uint8_t*>(from) + begin;  // bool
  for (std::int64_t i = 0; i < n; ++i) to[i] = data[i] != 0 ? 1 : 0;
}

// half_to_float without a branch, so that a loop of it becomes vectors: the multiplication places the exponent, and
// makes subnormals normal; exact.
float widened(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7FFFU, sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude << 13) * 0x1p112F);
  const std::uint32_t special = magnitude >= 0x7C00U ? 0x7F800000U : 0U;  // infinite or no number
  return std::bit_cast<float>(sign | bits | special);
}

// Weights of checkpoints and of float16 models, millions of them.
void widen(const Tensor& from, float* to) {
  const auto* data = static_cast<const std::uint16_t*>(from.raw());
  const bool half = from.dtype() == DType::kFloat16;
  const std::int64_t n = from.elements();
  for (std::int64_t i = 0; half && i < n; ++i) to[i] = widened(data[i]);
  for (std::int64_t i = 0; !half && i < n; ++i) to[i] = bfloat16_to_float(data[i]);
}

}  // namespace

void convert(const Tensor& from, Tensor& to) {
  const DType source = from.dtype();
  if (to.dtype() == DType::kFloat32 && (source == DType::kFloat16 || source == DType::kBFloat16))
    return widen(from, to.data<float>());
  double doubles[kChunk];
  std::int64_t ints[kChunk];
  for (std::int64_t begin = 0; begin < from.elements(); begin += kChunk) {
    const std::int64_t n = std::min(kChunk, from.elements() - begin);
    if (source == DType::kUint64) {
      store_as(to.dtype(), from.data<std::uint64_t>() + begin, begin, n, to.raw());
    } else if (source == DType::kFloat32 || source == DType::kFloat64 || source == DType::kFloat16 ||
               source == DType::kBFloat16) {
      load_double(source, from.raw(), begin, n, doubles);
      store_as(to.dtype(), doubles, begin, n, to.raw());
    } else {
      load_int(source, from.raw(), begin, n, ints);
      store_as(to.dtype(), ints, begin, n, to.raw());
    }
  }
}

Result<Tensor> converted(const Tensor& from, DType dtype) {
  if (from.dtype() == dtype) return from;
  SAKER_ASSIGN(Tensor to, Tensor::make(dtype, from.shape()));
  convert(from, to);
  return to;
}

}  // namespace saker::ops
