#include "tensors.h"

#include <utility>
#include <vector>

namespace saker::python {
namespace {

namespace nb = nanobind;

nb::dlpack::dtype dtype_of(DType dtype) {
  using Code = nb::dlpack::dtype_code;
  const auto make = [&](Code code) {
    return nb::dlpack::dtype{static_cast<std::uint8_t>(code), static_cast<std::uint8_t>(8 * dtype_size(dtype)), 1};
  };
  switch (dtype) {
    case DType::kFloat32:
    case DType::kFloat16:
    case DType::kFloat64:
      return make(Code::Float);
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64:
      return make(Code::Int);
    case DType::kBool:
      return make(Code::Bool);
    case DType::kBFloat16:
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
    case DType::kUint64:
      break;
  }
  return make(Code::UInt);
}

}  // namespace

nb::object array_of(const TensorView& view, std::shared_ptr<void> owner, bool writable) {
  auto* const kept = new std::shared_ptr<void>(std::move(owner));
  const nb::capsule capsule(kept, [](void* p) noexcept { delete static_cast<std::shared_ptr<void>*>(p); });
  const std::vector<std::size_t> shape(view.shape.begin(), view.shape.end());
  const nb::dlpack::dtype dtype = dtype_of(view.dtype);
  static char nothing[8] = {};  // arrays of no elements want an address, too
  void* const data = view.data != nullptr ? const_cast<void*>(view.data) : nothing;
  if (writable)
    return nb::cast(nb::ndarray<nb::numpy>(data, shape.size(), shape.data(), capsule, view.strides.data(), dtype));
  return nb::cast(
      nb::ndarray<nb::numpy, nb::ro>(data, shape.size(), shape.data(), capsule, view.strides.data(), dtype));
}

nb::object array_of(Tensor tensor, std::shared_ptr<void> owner, bool writable) {
  const TensorView view = view_of(tensor);
  auto both = std::make_shared<std::pair<Tensor, std::shared_ptr<void>>>(std::move(tensor), std::move(owner));
  return array_of(view, std::move(both), writable);
}

}  // namespace saker::python
