#include "model/openvino_ir/constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "graph/ops/convert.h"

namespace saker::openvino_ir {
namespace {

std::string_view attribute(const Layer& layer, std::string_view name) {
  for (const auto& [key, value] : layer.attributes) {
    if (key == name) return value;
  }
  return {};
}

Result<std::size_t> size_attribute(const Layer& layer, const char* name) {
  auto value = parse_integer(attribute(layer, name));
  if (!value.ok()) return value.error().with_context(name);
  if (*value < 0) return Error{ErrorCode::kInvalid, fmt::format("{} is {}", name, *value)};
  return static_cast<std::size_t>(*value);
}

}  // namespace

Constants::Constants(const FileBytes& bin) : bin_(bin), budget_(bin.size) {}

Result<Tensor> Constants::read(const Layer& layer) {
  SAKER_ASSIGN(const DType dtype, element_type(attribute(layer, "element_type")));
  SAKER_ASSIGN(const Shape shape, parse_list(attribute(layer, "shape")));
  if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent < 0; }))
    return Error{ErrorCode::kInvalid, fmt::format("its shape is {}", to_string(shape))};
  SAKER_ASSIGN(const std::int64_t count, element_count(shape));
  SAKER_ASSIGN(const std::size_t offset, size_attribute(layer, "offset"));
  SAKER_ASSIGN(const std::size_t size, size_attribute(layer, "size"));
  const std::size_t bytes = static_cast<std::size_t>(count) * dtype_size(dtype);
  if (size != bytes) {
    return Error{ErrorCode::kInvalid, fmt::format("shape {} of {} needs {} bytes, its size is {}", to_string(shape),
                                                  dtype_name(dtype), bytes, size)};
  }
  if (offset > bin_.size || size > bin_.size - offset) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("its {} bytes from byte {} on are not in the .bin, which has {} bytes: is it cut off, or "
                             "another model's?",
                             size, offset, bin_.size)};
  }
  std::byte* const data = bin_.data.get() + offset;
  const bool is_bool = dtype == DType::kBool;  // of which a file may have other values than 0 and 1
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % dtype_size(dtype) == 0;
  if (aligned && !is_bool && size != 0) return Tensor::wrap(dtype, shape, data, bin_.data);
  SAKER_TRY(spend(bytes));
  SAKER_ASSIGN(Tensor copy, Tensor::make(dtype, shape));
  if (is_bool) {
    std::transform(data, data + size, copy.data<std::uint8_t>(),
                   [](std::byte b) { return static_cast<std::uint8_t>(b == std::byte{0} ? 0 : 1); });
  } else if (size != 0) {
    std::memcpy(copy.raw(), data, size);
  }
  return copy;
}

Result<Tensor> Constants::converted(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() == dtype) return tensor;
  SAKER_TRY(spend(static_cast<std::size_t>(tensor.elements()) * dtype_size(dtype)));
  return ops::converted(tensor, dtype);
}

}  // namespace saker::openvino_ir
