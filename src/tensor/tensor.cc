// Tensor and TensorView (include/saker/tensor.h).
#include <saker/tensor.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "base/memory.h"
#include "base/try.h"

namespace saker {

std::size_t dtype_size(DType dtype) {
  switch (dtype) {
    case DType::kInt8:
    case DType::kUint8:
    case DType::kBool:
      return 1;
    case DType::kFloat16:
    case DType::kBFloat16:
    case DType::kInt16:
    case DType::kUint16:
      return 2;
    case DType::kFloat32:
    case DType::kInt32:
    case DType::kUint32:
      return 4;
    case DType::kFloat64:
    case DType::kInt64:
    case DType::kUint64:
      return 8;
  }
  return 1;
}

const char* dtype_name(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return "float32";
    case DType::kFloat16:
      return "float16";
    case DType::kBFloat16:
      return "bfloat16";
    case DType::kFloat64:
      return "float64";
    case DType::kInt8:
      return "int8";
    case DType::kUint8:
      return "uint8";
    case DType::kInt16:
      return "int16";
    case DType::kUint16:
      return "uint16";
    case DType::kInt32:
      return "int32";
    case DType::kUint32:
      return "uint32";
    case DType::kInt64:
      return "int64";
    case DType::kUint64:
      return "uint64";
    case DType::kBool:
      return "bool";
  }
  return "?";
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

Result<std::int64_t> element_count(const Shape& shape) {
  constexpr std::int64_t kMaxElements = (std::int64_t{1} << 46) / 8;
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return Error{ErrorCode::kInvalid, fmt::format("shape {} has a negative extent", to_string(shape))};
    if (extent == 0) {
      empty = true;
      continue;
    }
    if (count > kMaxElements / extent) {
      return Error{ErrorCode::kLimit, fmt::format("shape {} has too many elements", to_string(shape))};
    }
    count *= extent;
  }
  return empty ? 0 : count;
}

Shape dense_strides(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i > 1; --i)
    strides[i - 2] = strides[i - 1] * (shape[i - 1] > 0 ? shape[i - 1] : 1);
  return strides;
}

Result<Tensor> Tensor::make(DType dtype, Shape shape) {
  SAKER_ASSIGN(const std::int64_t count, element_count(shape));
  const std::size_t bytes = static_cast<std::size_t>(count) * dtype_size(dtype);
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  const std::size_t rounded = (bytes / alignment + 1) * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) return Error{ErrorCode::kLimit, fmt::format("no memory for a tensor of {} bytes", bytes)};
  if (alignment == kHugePage) use_huge_pages(memory, bytes);
  return wrap(dtype, std::move(shape), memory, std::shared_ptr<void>(memory, std::free));
}

Tensor Tensor::wrap(DType dtype, Shape shape, void* data, std::shared_ptr<void> owner) {
  const auto count = element_count(shape);
  SAKER_CHECK(count.ok());
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = std::move(shape);
  tensor.elements_ = *count;
  tensor.data_ = std::shared_ptr<void>(std::move(owner), data);
  return tensor;
}

Tensor Tensor::reshaped(Shape shape) const {
  const auto count = element_count(shape);
  SAKER_CHECK(count.ok() && *count == elements_);
  Tensor tensor = *this;
  tensor.shape_ = std::move(shape);
  return tensor;
}

bool TensorView::is_dense() const {
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

TensorView view_of(const Tensor& tensor) {
  return {tensor.raw(), tensor.dtype(), tensor.shape(), dense_strides(tensor.shape())};
}

Result<Tensor> to_dense(const TensorView& view) {
  SAKER_ASSIGN(Tensor out, Tensor::make(view.dtype, view.shape));
  const std::size_t size = dtype_size(view.dtype);
  if (out.elements() == 0) return out;
  if (view.is_dense()) {
    std::memcpy(out.raw(), view.data, out.bytes());
    return out;
  }
  const std::size_t rank = view.shape.size();
  const std::int64_t inner = view.shape[rank - 1];
  const std::int64_t inner_stride = view.strides[rank - 1];
  Shape index(rank, 0);
  auto* to = static_cast<std::byte*>(out.raw());
  const auto* base = static_cast<const std::byte*>(view.data);
  for (std::int64_t row = 0; row < out.elements() / inner; ++row) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i + 1 < rank; ++i) offset += index[i] * view.strides[i];
    for (std::int64_t i = 0; i < inner; ++i, to += size) {
      std::memcpy(to, base + (offset + i * inner_stride) * static_cast<std::int64_t>(size), size);
    }
    for (std::size_t i = rank - 1; i-- > 0;) {
      if (++index[i] < view.shape[i]) break;
      index[i] = 0;
    }
  }
  return out;
}

}  // namespace saker
