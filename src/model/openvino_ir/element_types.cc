#include "model/openvino_ir/element_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace saker::openvino_ir {
namespace {

struct TypeNames {
  DType dtype;
  const char* element;
  const char* precision;
};
constexpr std::array kTypes = {TypeNames{DType::kFloat32, "f32", "FP32"},   TypeNames{DType::kFloat16, "f16", "FP16"},
                               TypeNames{DType::kBFloat16, "bf16", "BF16"}, TypeNames{DType::kFloat64, "f64", "FP64"},
                               TypeNames{DType::kInt8, "i8", "I8"},         TypeNames{DType::kUint8, "u8", "U8"},
                               TypeNames{DType::kInt16, "i16", "I16"},      TypeNames{DType::kUint16, "u16", "U16"},
                               TypeNames{DType::kInt32, "i32", "I32"},      TypeNames{DType::kUint32, "u32", "U32"},
                               TypeNames{DType::kInt64, "i64", "I64"},      TypeNames{DType::kUint64, "u64", "U64"},
                               TypeNames{DType::kBool, "boolean", "BOOL"}};

}  // namespace

Result<DType> element_type(std::string_view name) {
  const auto* const found =
      std::ranges::find(kTypes, name, [](const TypeNames& type) { return std::string_view(type.element); });
  if (found != kTypes.end()) return found->dtype;
  if (name.empty()) return Error{ErrorCode::kInvalid, "an element type is missing"};
  return Error{ErrorCode::kUnsupported, fmt::format("element type {} is not supported", printable_name(name))};
}

std::optional<DType> port_precision(std::string_view name) {
  const auto* const found =
      std::ranges::find(kTypes, name, [](const TypeNames& type) { return std::string_view(type.precision); });
  return found == kTypes.end() ? std::nullopt : std::optional(found->dtype);
}

const char* element_name(DType dtype) {
  return std::ranges::find(kTypes, dtype, &TypeNames::dtype)->element;
}

const char* precision_name(DType dtype) {
  return std::ranges::find(kTypes, dtype, &TypeNames::dtype)->precision;
}

}  // namespace saker::openvino_ir
