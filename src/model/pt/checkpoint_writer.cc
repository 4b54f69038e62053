#include "model/pt/checkpoint_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/try.h"
#include "graph/ops/common.h"
#include "graph/ops/convert.h"
#include "model/pt/tensors.h"
#include "model/pt/zip_writer.h"

namespace saker::pt {
namespace {

constexpr float kLargestHalf = 65504;

Result<Tensor> as_stored(const Tensor& tensor, DType wide) {
  if (!ops::contains(ops::kFloatTypes, tensor.dtype())) {
    if (!storage_of(tensor.dtype()).empty()) return tensor;
    return Error{ErrorCode::kUnsupported, fmt::format("torch has no tensors of {}", dtype_name(tensor.dtype()))};
  }
  if (tensor.dtype() == wide) return tensor;
  if (wide != DType::kFloat16) return ops::converted(tensor, wide);
  SAKER_ASSIGN(const Tensor from, ops::converted(tensor, DType::kFloat32));
  SAKER_ASSIGN(Tensor bounded, Tensor::make(DType::kFloat32, from.shape()));
  std::transform(from.data<float>(), from.data<float>() + from.elements(), bounded.data<float>(),
                 [](float number) { return std::clamp(number, -kLargestHalf, kLargestHalf); });
  return ops::converted(bounded, wide);
}

}  // namespace

Status CheckpointWriter::put_tensor(const Tensor& tensor, DType wide) {
  SAKER_ASSIGN(const Tensor stored, as_stored(tensor, wide));
  pickle_.put_tensor(stored, storage_of(stored.dtype()), std::to_string(storages_.size()));
  storages_.push_back(stored);
  return {};
}

Status CheckpointWriter::put_parameter(const Tensor& tensor, DType wide) {
  SAKER_ASSIGN(const Tensor stored, as_stored(tensor, wide));
  pickle_.put_parameter(stored, storage_of(stored.dtype()), std::to_string(storages_.size()));
  storages_.push_back(stored);
  return {};
}

Result<std::vector<std::byte>> CheckpointWriter::finish() && {
  ZipWriter zip;
  SAKER_TRY(zip.add("archive/data.pkl", std::move(pickle_).finish()));
  SAKER_TRY(zip.add("archive/byteorder", "little"));
  for (std::size_t i = 0; i < storages_.size(); ++i) {
    const Tensor& tensor = storages_[i];
    SAKER_TRY(zip.add(fmt::format("archive/data/{}", i), {static_cast<const char*>(tensor.raw()), tensor.bytes()}));
  }
  SAKER_TRY(zip.add("archive/version", "3\n"));
  SAKER_ASSIGN(const std::string file, std::move(zip).finish());
  std::vector<std::byte> bytes(file.size());
  std::memcpy(bytes.data(), file.data(), file.size());
  return bytes;
}

}  // namespace saker::pt
