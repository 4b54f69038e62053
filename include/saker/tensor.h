// Tensor and TensorView: element type, shape and memory. No arithmetic.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace saker {

enum class DType : std::uint8_t {
  kFloat32,
  kFloat16,
  kBFloat16,
  kFloat64,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kBool,
};

std::size_t dtype_size(DType dtype);  // bytes per element
const char* dtype_name(DType dtype);  // "float32", "int64", "bool", ...

// Extents, outermost first. A scalar has an empty shape. Extents are >= 0.
using Shape = std::vector<std::int64_t>;

std::string to_string(const Shape& shape);  // "[1, 3, 640, 640]"

// Number of elements. Error kLimit when it, or its size in bytes, would pass 2^46.
Result<std::int64_t> element_count(const Shape& shape);

// Row-major strides, in elements.
Shape dense_strides(const Shape& shape);

// A dense row-major block of elements, 64-byte aligned unless it wraps outside memory.
// Copies are shallow: they share the memory.
class Tensor {
 public:
  Tensor() = default;  // float32, shape [0], no memory

  // Uninitialised memory. Error kLimit when it cannot be had.
  static Result<Tensor> make(DType dtype, Shape shape);

  // Wraps memory that `owner` keeps alive (owner may be null: the caller keeps it alive).
  // data must hold element_count(shape) elements, aligned to the element size.
  static Tensor wrap(DType dtype, Shape shape, void* data, std::shared_ptr<void> owner);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  std::int64_t elements() const { return elements_; }
  std::size_t bytes() const { return static_cast<std::size_t>(elements_) * dtype_size(dtype_); }

  void* raw() { return data_.get(); }
  const void* raw() const { return data_.get(); }

  // T must match dtype() in size and kind; not checked here.
  template <typename T>
  T* data() {
    return static_cast<T*>(data_.get());
  }
  template <typename T>
  const T* data() const {
    return static_cast<const T*>(data_.get());
  }

  // The same memory under another shape of the same element count.
  Tensor reshaped(Shape shape) const;

 private:
  DType dtype_ = DType::kFloat32;
  Shape shape_ = {0};
  std::int64_t elements_ = 0;
  std::shared_ptr<void> data_;
};

// Somebody else's memory, possibly not row-major: element (i0, i1, ...) is at
// data + sum(i_k * strides[k]) elements. Strides may be 0 (broadcast), never negative.
struct TensorView {
  const void* data = nullptr;
  DType dtype = DType::kFloat32;
  Shape shape;
  Shape strides;

  template <typename T>
  const T* as() const {
    return static_cast<const T*>(data);
  }
  bool is_dense() const;
};

TensorView view_of(const Tensor& tensor);

// A dense row-major copy.
Result<Tensor> to_dense(const TensorView& view);

}  // namespace saker
