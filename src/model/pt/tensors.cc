#include "model/pt/tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "model/pick.h"

namespace saker::pt {
namespace {

constexpr std::pair<std::string_view, DType> kTypes[] = {
    {"BF16", DType::kBFloat16},
    {"BFloat16Storage", DType::kBFloat16},
    {"BOOL", DType::kBool},
    {"BoolStorage", DType::kBool},
    {"ByteStorage", DType::kUint8},
    {"CharStorage", DType::kInt8},
    {"DoubleStorage", DType::kFloat64},
    {"F16", DType::kFloat16},
    {"F32", DType::kFloat32},
    {"F64", DType::kFloat64},
    {"FloatStorage", DType::kFloat32},
    {"HalfStorage", DType::kFloat16},
    {"I16", DType::kInt16},
    {"I32", DType::kInt32},
    {"I64", DType::kInt64},
    {"I8", DType::kInt8},
    {"IntStorage", DType::kInt32},
    {"LongStorage", DType::kInt64},
    {"ShortStorage", DType::kInt16},
    {"U16", DType::kUint16},
    {"U32", DType::kUint32},
    {"U64", DType::kUint64},
    {"U8", DType::kUint8},
    {"torch.bfloat16", DType::kBFloat16},
    {"torch.float16", DType::kFloat16},
    {"torch.float32", DType::kFloat32},
    {"torch.float64", DType::kFloat64},
    {"torch.int64", DType::kInt64},
};

// Elements from the storage's beginning to the tensor's last one; nothing where that overflows.
std::optional<std::uint64_t> reach(const TensorRecord& record) {
  std::uint64_t last = static_cast<std::uint64_t>(record.offset);
  for (std::size_t i = 0; i < record.shape.size(); ++i) {
    if (record.shape[i] == 0) return 0;
    std::uint64_t step = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(record.shape[i] - 1),
                               static_cast<std::uint64_t>(record.strides[i]), &step) ||
        __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  }
  return last == std::numeric_limits<std::uint64_t>::max() ? std::nullopt : std::optional(last + 1);
}

bool is_dense(const TensorRecord& record) {
  std::int64_t expected = 1;
  for (std::size_t i = record.shape.size(); i-- > 0;) {
    if (record.shape[i] != 1 && record.strides[i] != expected) return false;
    expected *= record.shape[i];
  }
  return true;
}

}  // namespace

Result<DType> dtype_named(const std::string& name) {
  DType dtype = DType::kFloat32;
  SAKER_TRY(pick("element type", name, kTypes, dtype));
  return dtype;
}

std::string_view storage_of(DType dtype) {
  const auto* const found = std::ranges::find_if(
      kTypes, [&](const auto& type) { return type.second == dtype && type.first.ends_with("Storage"); });
  return found == std::end(kTypes) ? std::string_view() : found->first;
}

std::string_view safetensors_type(DType dtype) {
  const auto* const found = std::ranges::find_if(kTypes, [&](const auto& type) {
    return type.second == dtype && !type.first.ends_with("Storage") && !type.first.starts_with("torch.");
  });
  return found->first;
}

Result<const TensorReader::Opened*> TensorReader::open(const TensorRecord& record) {
  const auto found = opened_.find(record.storage);
  if (found != opened_.end()) return &found->second;
  const Storage& storage = pickle_.storages[record.storage];
  Opened opened;
  const bool untyped = storage.dtype == "UntypedStorage";
  SAKER_ASSIGN(opened.dtype, dtype_named(untyped ? record.dtype : storage.dtype));
  const std::size_t size = untyped ? 1 : dtype_size(opened.dtype);  // an untyped one counts its bytes
  const auto elements = static_cast<std::uint64_t>(storage.elements);
  if (elements > std::numeric_limits<std::uint64_t>::max() / size)
    return Error{ErrorCode::kInvalid, fmt::format("storage '{}' has too many elements", printable_name(storage.key))};
  SAKER_ASSIGN(opened.bytes, open_(storage.key));
  if (elements * size > opened.bytes.size) {
    return Error{ErrorCode::kInvalid, fmt::format("storage '{}' has {} bytes, {} are wanted",
                                                  printable_name(storage.key), opened.bytes.size, elements * size)};
  }
  return &opened_.emplace(record.storage, std::move(opened)).first->second;
}

Result<Tensor> TensorReader::read(const TensorRecord& record) {
  SAKER_ASSIGN(const Opened* const from, open(record));
  SAKER_ASSIGN(const std::int64_t count, element_count(record.shape));
  const std::size_t size = dtype_size(from->dtype);
  const auto needed = reach(record);
  if (!needed || *needed > from->bytes.size / size) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("a tensor of shape {} reaches outside its storage '{}'", to_string(record.shape),
                             printable_name(pickle_.storages[record.storage].key))};
  }
  if (count == 0) return Tensor::make(from->dtype, record.shape);
  std::byte* first = from->bytes.data.get() + static_cast<std::size_t>(record.offset) * size;
  const bool aligned = reinterpret_cast<std::uintptr_t>(first) % size == 0;
  if (is_dense(record) && aligned) return Tensor::wrap(from->dtype, record.shape, first, from->bytes.data);
  SAKER_TRY(budget_.spend(static_cast<std::size_t>(count) * size));
  return to_dense({first, from->dtype, record.shape, record.strides});
}

}  // namespace saker::pt
