#include "serve/api/oip_tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/try.h"

namespace saker::serve {
namespace {

constexpr std::array<std::pair<DType, const char*>, 13> kNames = {{
    {DType::kFloat32, "FP32"},
    {DType::kFloat16, "FP16"},
    {DType::kBFloat16, "BF16"},
    {DType::kFloat64, "FP64"},
    {DType::kInt8, "INT8"},
    {DType::kUint8, "UINT8"},
    {DType::kInt16, "INT16"},
    {DType::kUint16, "UINT16"},
    {DType::kInt32, "INT32"},
    {DType::kUint32, "UINT32"},
    {DType::kInt64, "INT64"},
    {DType::kUint64, "UINT64"},
    {DType::kBool, "BOOL"},
}};

}  // namespace

const char* oip_name(DType dtype) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& one) { return one.first == dtype; });
  return found == kNames.end() ? "?" : found->second;
}

std::optional<DType> dtype_from_oip(std::string_view name) {
  for (const auto& [dtype, text] : kNames) {
    if (name == text) return dtype;
  }
  return std::nullopt;
}

Result<std::int64_t> checked_count(const Shape& shape) {
  if (shape.size() > kMostDimensions) {
    return Error{ErrorCode::kInvalid, fmt::format("`shape` has more than {} dimensions", kMostDimensions)};
  }
  for (const std::int64_t extent : shape) {
    if (extent < 0) {
      return Error{ErrorCode::kInvalid, fmt::format("`shape` is {}: no dimension is negative", to_string(shape))};
    }
  }
  const auto count = element_count(shape);
  if (!count) return Error{ErrorCode::kInvalid, fmt::format("`shape` is {}: too many elements", to_string(shape))};
  return *count;
}

}  // namespace saker::serve
