// Loops over tensors: dispatch on element type or size, rows of operands that broadcast, and copies along strides and
// index maps. None takes memory.
#pragma once

#include <array>
#include <cstring>
#include <type_traits>

#include "graph/ops/common.h"

namespace saker::ops {

// Calls f(T{}) with the C++ type of a number type; half precision has been widened before.
template <typename F>
Status visit_number(DType dtype, F&& f) {
  switch (dtype) {
    case DType::kFloat32:
      return f(float{});
    case DType::kFloat64:
      return f(double{});
    case DType::kInt8:
      return f(std::int8_t{});
    case DType::kUint8:
      return f(std::uint8_t{});
    case DType::kInt16:
      return f(std::int16_t{});
    case DType::kUint16:
      return f(std::uint16_t{});
    case DType::kInt32:
      return f(std::int32_t{});
    case DType::kUint32:
      return f(std::uint32_t{});
    case DType::kInt64:
      return f(std::int64_t{});
    case DType::kUint64:
      return f(std::uint64_t{});
    default:
      return Error{ErrorCode::kInternal, "a kernel met a type its rule should have refused"};
  }
}

// The same for float32 and float64 alone.
template <typename F>
Status visit_float(DType dtype, F&& f) {
  if (dtype == DType::kFloat32) return f(float{});
  if (dtype == DType::kFloat64) return f(double{});
  return Error{ErrorCode::kInternal, "a kernel met a type its rule should have refused"};
}

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

// What sums and products of numbers are kept in: of integers they wrap around, of floats they are taken in double
// precision.
template <typename T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, std::uint64_t>;

// Calls f(U{}) with the unsigned integer of the element's size, for kernels that only move data.
template <typename F>
void visit_size(DType dtype, F&& f) {
  switch (dtype_size(dtype)) {
    case 1:
      return f(std::uint8_t{});
    case 2:
      return f(std::uint16_t{});
    case 4:
      return f(std::uint32_t{});
    default:
      return f(std::uint64_t{});
  }
}

// Advances a row-major index over the first `axes` extents; false after the last one.
bool next_index(Shape& index, const Shape& shape, std::size_t axes);

// out[i0, i1, ...] = from[offset + sum(i_k * strides[k])]; strides may be 0 or negative.
void copy_strided(const Tensor& from, std::int64_t offset, const Shape& strides, Tensor& out);

// out[i0, i1, ...] = from[source(0, i0), source(1, i1), ...], or *fill where a source is negative.
template <typename Source>
void copy_mapped(const Tensor& from, Source&& source, const void* fill, Tensor& out) {
  if (out.elements() == 0) return;
  const Shape& shape = out.shape();
  const std::size_t outer = shape.empty() ? 0 : shape.size() - 1;
  const std::int64_t inner = shape.empty() ? 1 : shape[outer];
  const Shape strides = dense_strides(from.shape());
  visit_size(out.dtype(), [&](auto unit) {
    using U = decltype(unit);
    U* to = out.data<U>();
    U filler{};
    if (fill != nullptr) std::memcpy(&filler, fill, sizeof(U));
    Shape index(shape.size(), 0);
    do {
      std::int64_t row = 0;
      bool inside = true;
      for (std::size_t i = 0; i < outer; ++i) {
        const std::int64_t at = source(i, index[i]);
        inside = inside && at >= 0;
        row += at * strides[i];
      }
      for (std::int64_t i = 0; i < inner; ++i) {
        const std::int64_t at = shape.empty() ? 0 : source(outer, i);
        *to++ = inside && at >= 0 ? from.data<U>()[row + at] : filler;
      }
    } while (next_index(index, shape, outer));
  });
}

// The same bytes: shapes may differ, element counts do not.
void copy_all(const Tensor& from, Tensor& out);

// count bytes, which may be 0 with null pointers.
void copy_bytes(void* to, const void* from, std::int64_t count);

// The elements of N operands that are read in one shape, row by row in its order. Strides are in elements and may be 0.
template <std::size_t N>
class Rows {
 public:
  using Offsets = std::array<std::int64_t, N>;

  Rows(const Shape& shape, const std::array<Shape, N>& strides) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1) continue;
      bool joins = rank_ > 0;  // the axis before: together they are one
      for (std::size_t k = 0; joins && k < N; ++k) joins = strides_[rank_ - 1][k] == strides[k][i] * shape[i];
      if (!joins) extents_[rank_++] = 1;
      extents_[rank_ - 1] *= shape[i];
      for (std::size_t k = 0; k < N; ++k) strides_[rank_ - 1][k] = strides[k][i];
    }
    if (rank_ == 0) extents_[rank_++] = 1;
  }

  std::int64_t elements() const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < rank_; ++i) product *= extents_[i];
    return product;
  }

  // row(at, step, n): n elements, of operand k at at[k] + i * step[k].
  template <typename F>
  void each(F&& row) const {
    if (elements() > 0) walk(0, Offsets{}, row);
  }

 private:
  template <typename F>
  void walk(std::size_t axis, Offsets at, F&& row) const {
    if (axis + 1 == rank_) return row(at, strides_[axis], extents_[axis]);
    for (std::int64_t i = 0; i < extents_[axis]; ++i) {
      walk(axis + 1, at, row);
      for (std::size_t k = 0; k < N; ++k) at[k] += strides_[axis][k];
    }
  }

  std::size_t rank_ = 0;
  std::array<std::int64_t, kMaxRank> extents_{};
  std::array<Offsets, kMaxRank> strides_{};
};

// Rows of tensors that broadcast to a shape.
template <typename... Tensors>
Rows<sizeof...(Tensors)> broadcast_rows(const Shape& to, const Tensors&... from) {
  return {to, {broadcast_strides(from.shape(), to)...}};
}

// out[...] = f(a[...], b[...]), which broadcast to its shape. `out` may be `a`, of the same shape.
template <typename From, typename To, typename F>
void map_two(const Tensor& a, const Tensor& b, Tensor& out, F f) {
  To* to = out.data<To>();
  broadcast_rows(out.shape(), a, b).each([&](const auto& at, const auto& step, std::int64_t n) {
    const From* x = a.data<From>() + at[0];
    const From* y = b.data<From>() + at[1];
    for (std::int64_t i = 0; i < n; ++i) *to++ = f(x[i * step[0]], y[i * step[1]]);
  });
}

}  // namespace saker::ops
