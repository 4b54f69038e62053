#include "backends/onnxruntime/ort.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "backends/plugin.h"
#include "base/try.h"

namespace saker::ort {

const OrtApi* api() {
  static const OrtApi* const instance = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  return instance;
}

ErrorCode reading_code(OrtErrorCode code) {
  switch (code) {
    case ORT_NO_SUCHFILE:
      return ErrorCode::kNotFound;
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_ARGUMENT:
      return ErrorCode::kInvalid;
    default:
      return ErrorCode::kUnsupported;
  }
}

Status check(OrtStatus* status, ErrorCode code) {
  if (status == nullptr) return {};
  Error error{code, engine_message(api()->GetErrorMessage(status))};
  if (code == ErrorCode::kUnsupported) error.code = reading_code(api()->GetErrorCode(status));
  api()->ReleaseStatus(status);
  return error;
}

namespace {

constexpr std::array kTypes = {
    std::pair{DType::kFloat32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    std::pair{DType::kFloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    std::pair{DType::kBFloat16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16},
    std::pair{DType::kFloat64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
    std::pair{DType::kInt8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    std::pair{DType::kUint8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    std::pair{DType::kInt16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
    std::pair{DType::kUint16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},
    std::pair{DType::kInt32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    std::pair{DType::kUint32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
    std::pair{DType::kInt64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
    std::pair{DType::kUint64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},
    std::pair{DType::kBool, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
};

Result<DType> from_ort(ONNXTensorElementDataType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return Error{ErrorCode::kUnsupported, fmt::format("a tensor of ONNX Runtime's type {}", static_cast<int>(type))};
}

using TypeInfoOf = OrtStatus*(ORT_API_CALL*)(const OrtSession*, std::size_t, OrtTypeInfo**);
using NameOf = OrtStatus*(ORT_API_CALL*)(const OrtSession*, std::size_t, OrtAllocator*, char**);

Result<OrtAllocator*> allocator() {
  OrtAllocator* instance = nullptr;
  SAKER_TRY(check(api()->GetAllocatorWithDefaultOptions(&instance)));
  return instance;
}

// Takes text that ONNX Runtime has allocated.
std::string take(OrtAllocator* from, char* text) {
  std::string copy = text == nullptr ? "" : text;
  (void)check(api()->AllocatorFree(from, text));
  return copy;
}

Result<TensorInfo> input_or_output(const OrtSession* session, std::size_t i, NameOf name_of, TypeInfoOf type_of) {
  SAKER_ASSIGN(OrtAllocator * memory, allocator());
  char* name = nullptr;
  SAKER_TRY(check(name_of(session, i, memory, &name)));
  TensorInfo out;
  out.name = take(memory, name);
  OrtTypeInfo* type = nullptr;
  SAKER_TRY(check(type_of(session, i, &type)));
  const TypeInfoPtr owner(type);
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  SAKER_TRY(check(api()->CastTypeInfoToTensorInfo(type, &info)));
  if (info == nullptr) return Error{ErrorCode::kUnsupported, fmt::format("'{}' is not a tensor", out.name)};
  auto known = tensor_type(info);
  if (!known.ok()) return known.error().with_context(fmt::format("'{}'", out.name));
  out.dtype = known->dtype;
  out.shape = std::move(known->shape);
  std::vector<const char*> symbols(out.shape.size());
  SAKER_TRY(check(api()->GetSymbolicDimensions(info, symbols.data(), symbols.size())));
  out.symbols.assign(symbols.begin(), symbols.end());
  // A scalar and a tensor of unknown rank look the same here; detectors have no scalars.
  out.has_shape = !out.shape.empty();
  return out;
}

Status add_metadata(const OrtSession* session, std::map<std::string, std::string>& out) {
  SAKER_ASSIGN(OrtAllocator * memory, allocator());
  OrtModelMetadata* metadata = nullptr;
  SAKER_TRY(check(api()->SessionGetModelMetadata(session, &metadata)));
  const ModelMetadataPtr owner(metadata);
  char** keys = nullptr;
  std::int64_t count = 0;
  SAKER_TRY(check(api()->ModelMetadataGetCustomMetadataMapKeys(metadata, memory, &keys, &count)));
  for (std::int64_t i = 0; i < count; ++i) {
    char* value = nullptr;
    (void)check(api()->ModelMetadataLookupCustomMetadataMap(metadata, memory, keys[i], &value));
    out[take(memory, keys[i])] = take(memory, value);
  }
  return check(api()->AllocatorFree(memory, keys));
}

}  // namespace

ONNXTensorElementDataType to_ort(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

Result<TensorType> tensor_type(const OrtTensorTypeAndShapeInfo* info) {
  TensorType out;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  SAKER_TRY(check(api()->GetTensorElementType(info, &type)));
  SAKER_ASSIGN(out.dtype, from_ort(type));
  std::size_t rank = 0;
  SAKER_TRY(check(api()->GetDimensionsCount(info, &rank)));
  out.shape.resize(rank);
  SAKER_TRY(check(api()->GetDimensions(info, out.shape.data(), rank)));
  return out;
}

Result<ModelDescription> describe(const OrtSession* session) {
  ModelDescription out;
  std::size_t inputs = 0, outputs = 0;
  SAKER_TRY(check(api()->SessionGetInputCount(session, &inputs)));
  SAKER_TRY(check(api()->SessionGetOutputCount(session, &outputs)));
  for (std::size_t i = 0; i < inputs; ++i) {
    SAKER_ASSIGN(TensorInfo info,
                 input_or_output(session, i, api()->SessionGetInputName, api()->SessionGetInputTypeInfo));
    out.inputs.push_back(std::move(info));
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    SAKER_ASSIGN(TensorInfo info,
                 input_or_output(session, i, api()->SessionGetOutputName, api()->SessionGetOutputTypeInfo));
    out.outputs.push_back(std::move(info));
  }
  SAKER_TRY(add_metadata(session, out.metadata));
  return out;
}

}  // namespace saker::ort
