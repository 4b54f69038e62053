// ONNX Runtime's C API with owners for its handles and Errors for its statuses.
#pragma once

#include <onnxruntime_c_api.h>
#include <saker/tensor.h>

#include <memory>
#include <vector>

#include "backends/backend.h"

namespace saker::ort {

// Null if the library is older than the headers.
const OrtApi* api();

// Takes the status. The engine's codes say what happened while a file was read; elsewhere `code` is meant.
Status check(OrtStatus* status, ErrorCode code = ErrorCode::kInternal);
ErrorCode reading_code(OrtErrorCode code);

#define SAKER_ORT_HANDLE(Name)                                 \
  struct Release##Name {                                       \
    void operator()(Ort##Name* p) { api()->Release##Name(p); } \
  };                                                           \
  using Name##Ptr = std::unique_ptr<Ort##Name, Release##Name>
SAKER_ORT_HANDLE(Env);
SAKER_ORT_HANDLE(MemoryInfo);
SAKER_ORT_HANDLE(ModelMetadata);
SAKER_ORT_HANDLE(Session);
SAKER_ORT_HANDLE(SessionOptions);
SAKER_ORT_HANDLE(TensorTypeAndShapeInfo);
SAKER_ORT_HANDLE(TypeInfo);
SAKER_ORT_HANDLE(Value);
#undef SAKER_ORT_HANDLE

ONNXTensorElementDataType to_ort(DType dtype);

// A tensor's type and extents, -1 where they are open.
struct TensorType {
  DType dtype = DType::kFloat32;
  Shape shape;
};
Result<TensorType> tensor_type(const OrtTensorTypeAndShapeInfo* info);
Result<ModelDescription> describe(const OrtSession* session);

}  // namespace saker::ort
