// Loops over tensors: dispatch on element type or size, and copies along strides and index maps.
#pragma once

#include <saker/tensor.h>

#include <type_traits>

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

// out[i0, i1, ...] = from[maps[0][i0], maps[1][i1], ...], or *fill where a map has -1.
void copy_mapped(const Tensor& from, const std::vector<std::vector<std::int64_t>>& maps, const void* fill, Tensor& out);

// The same bytes: shapes may differ, element counts do not.
void copy_all(const Tensor& from, Tensor& out);

// count bytes, which may be 0 with null pointers.
void copy_bytes(void* to, const void* from, std::int64_t count);

// `from` stretched to a shape it broadcasts to; the tensor itself if it has that shape.
Result<Tensor> broadcast_to(const Tensor& from, const Shape& shape);

}  // namespace saker::ops
