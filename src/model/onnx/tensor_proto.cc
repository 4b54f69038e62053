// TensorProto -> Tensor: raw, typed or external data, every size checked before memory is taken.
#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "base/try.h"
#include "model/onnx/proto.h"

namespace saker::onnx {
namespace {

constexpr std::size_t kMaxRank = 64;
constexpr std::size_t kMaxExternalEntries = 16;

// Fields of TensorProto with values.
constexpr std::uint32_t kFloatData = 4, kInt32Data = 5, kInt64Data = 7, kDoubleData = 10, kUint64Data = 11;

// Of TensorProto.DataType.
constexpr std::int64_t kUint8Type = 2, kUint4Type = 21, kInt4Type = 22;

struct TensorFields {
  std::string_view name;
  std::vector<std::int64_t> dims;
  std::int64_t data_type = 0;
  std::optional<Bytes> raw;
  // How many typed values there are. They are read when the shape is known to fit.
  std::size_t floats = 0, doubles = 0, integers = 0;
  std::vector<std::pair<std::string, std::string>> external;
  bool is_external = false;
};

Status read_external_entry(Bytes bytes, TensorFields& out) {
  WireReader reader(bytes);
  Field field;
  auto& [key, value] = out.external.emplace_back();
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) return {};
    if (field.number != 1 && field.number != 2) continue;
    SAKER_TRY(expect(field, WireType::kLength, "text"));
    (field.number == 1 ? key : value) = field.as_text();
  }
}

Status append_dims(const Field& field, std::vector<std::int64_t>& dims) {
  // Extents past the limit are not kept, one is enough to tell.
  SAKER_TRY(for_each_varint(field, [&](std::uint64_t extent) {
    if (dims.size() <= kMaxRank) dims.push_back(static_cast<std::int64_t>(extent));
  }));
  if (dims.size() > kMaxRank)
    return Error{ErrorCode::kLimit, fmt::format("a tensor has more than {} dimensions", kMaxRank)};
  return {};
}

Status read_field(const Field& field, TensorFields& out) {
  switch (field.number) {
    case 1:
      return append_dims(field, out.dims);
    case 2:
      SAKER_TRY(expect(field, WireType::kVarint, "a data type"));
      out.data_type = field.as_int();
      return {};
    case kFloatData:
      return for_each_fixed<float>(field, [&](float) { ++out.floats; });
    case kInt32Data:
    case kInt64Data:
    case kUint64Data:
      return for_each_varint(field, [&](std::uint64_t) { ++out.integers; });
    case kDoubleData:
      return for_each_fixed<double>(field, [&](double) { ++out.doubles; });
    case 8:
      SAKER_TRY(expect(field, WireType::kLength, "text"));
      out.name = field.as_text();
      return {};
    case 9:
      SAKER_TRY(expect(field, WireType::kLength, "raw data"));
      out.raw = field.bytes;
      return {};
    case 13:
      SAKER_TRY(expect(field, WireType::kLength, "an entry"));
      if (out.external.size() == kMaxExternalEntries)
        return Error{ErrorCode::kLimit, "external data: too many entries"};
      return read_external_entry(field.bytes, out);
    case 14:
      out.is_external = field.scalar == 1;
      return {};
    default:
      return {};
  }
}

// Appends every typed value of the message to the tensor, which has room for them all.
template <typename T>
Status read_typed(Bytes message, Tensor& tensor) {
  T* out = tensor.data<T>();
  const auto put = [&](auto value) {
    if constexpr (std::is_same_v<T, bool>) {
      *out++ = value != 0;
    } else {
      *out++ = static_cast<T>(value);
    }
  };
  WireReader reader(message);
  Field field;
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) return {};
    if constexpr (std::is_same_v<T, float>) {
      if (field.number == kFloatData) SAKER_TRY(for_each_fixed<float>(field, put));
    } else if constexpr (std::is_same_v<T, double>) {
      if (field.number == kDoubleData) SAKER_TRY(for_each_fixed<double>(field, put));
    } else {
      const bool holds_integers =
          field.number == kInt32Data || field.number == kInt64Data || field.number == kUint64Data;
      if (holds_integers) SAKER_TRY(for_each_varint(field, put));
    }
  }
}

// Typed data fields: which one holds a type is fixed by the format; integers are taken from any of theirs.
Result<Tensor> make_typed(const TensorFields& fields, Bytes message, DType dtype, std::int64_t count,
                          TensorSource& source) {
  const std::size_t have = dtype == DType::kFloat32   ? fields.floats
                           : dtype == DType::kFloat64 ? fields.doubles
                                                      : fields.integers;
  if (have != static_cast<std::size_t>(count)) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("shape {} needs {} values, the file has {}", to_string(fields.dims), count, have)};
  }
  SAKER_TRY(source.spend(static_cast<std::size_t>(count) * dtype_size(dtype)));
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, fields.dims));
  switch (dtype) {
    case DType::kFloat32:
      SAKER_TRY(read_typed<float>(message, tensor));
      break;
    case DType::kFloat64:
      SAKER_TRY(read_typed<double>(message, tensor));
      break;
    case DType::kBool:
      SAKER_TRY(read_typed<bool>(message, tensor));
      break;
    case DType::kInt8:
    case DType::kUint8:
      SAKER_TRY(read_typed<std::uint8_t>(message, tensor));
      break;
    case DType::kFloat16:
    case DType::kBFloat16:
    case DType::kInt16:
    case DType::kUint16:
      SAKER_TRY(read_typed<std::uint16_t>(message, tensor));
      break;
    case DType::kInt32:
    case DType::kUint32:
      SAKER_TRY(read_typed<std::uint32_t>(message, tensor));
      break;
    case DType::kInt64:
    case DType::kUint64:
      SAKER_TRY(read_typed<std::uint64_t>(message, tensor));
      break;
  }
  return tensor;
}

Result<std::size_t> parse_size(std::string_view text, const char* key) {
  std::size_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > (SIZE_MAX - 9) / 10)
      return Error{ErrorCode::kInvalid, fmt::format("external data: {} is not a size", key)};
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

// Bytes of a file as a tensor: in place where `owner` keeps them and they are aligned.
Result<Tensor> wrap_or_copy(DType dtype, const Shape& shape, std::byte* data, std::size_t bytes,
                            std::shared_ptr<void> owner, TensorSource& source) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % dtype_size(dtype) == 0;
  if (owner != nullptr && aligned) return Tensor::wrap(dtype, shape, data, std::move(owner));
  SAKER_TRY(source.spend(bytes));
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  if (bytes != 0) std::memcpy(tensor.raw(), data, bytes);
  return tensor;
}

Result<Tensor> read_external(const TensorFields& fields, DType dtype, std::size_t bytes, TensorSource& source) {
  std::string location;
  std::size_t offset = 0;
  std::size_t length = bytes;
  for (const auto& [key, value] : fields.external) {
    if (key == "location") location = value;
    if (key != "offset" && key != "length") continue;
    SAKER_ASSIGN((key == "offset" ? offset : length), parse_size(value, key.c_str()));
  }
  if (length != bytes)
    return Error{ErrorCode::kInvalid,
                 fmt::format("external data has {} bytes, shape {} needs {}", length, to_string(fields.dims), bytes)};
  SAKER_ASSIGN(TensorSource::Region region, source.external(location, offset, bytes));
  return wrap_or_copy(dtype, fields.dims, region.data, bytes, std::move(region.owner), source);
}

Result<Tensor> make_tensor(const TensorFields& fields, Bytes message, TensorSource& source);

// Two numbers of 4 bits a byte, the lower half first: each in a byte of its own.
Result<Tensor> make_unpacked(const TensorFields& fields, Bytes message, TensorSource& source) {
  SAKER_ASSIGN(const DType dtype, dtype_of(fields.data_type));
  SAKER_ASSIGN(const std::int64_t count, element_count(fields.dims));
  TensorFields packed = fields;
  packed.data_type = kUint8Type;
  packed.dims = {count / 2 + count % 2};
  SAKER_ASSIGN(const Tensor pairs, make_tensor(packed, message, source));
  SAKER_TRY(source.spend(static_cast<std::size_t>(count)));
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, fields.dims));
  for (std::int64_t i = 0; i < count; ++i) {
    const int pair = pairs.data<std::uint8_t>()[i / 2];
    const int bits = i % 2 == 0 ? pair & 0xF : pair >> 4;
    tensor.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(dtype == DType::kInt8 && bits > 7 ? bits - 16 : bits);
  }
  return tensor;
}

Result<Tensor> make_tensor(const TensorFields& fields, Bytes message, TensorSource& source) {
  if (is_four_bit(fields.data_type)) return make_unpacked(fields, message, source);
  SAKER_ASSIGN(const DType dtype, dtype_of(fields.data_type));
  SAKER_ASSIGN(const std::int64_t count, element_count(fields.dims));
  const std::size_t bytes = static_cast<std::size_t>(count) * dtype_size(dtype);
  if (fields.is_external) return read_external(fields, dtype, bytes, source);
  if (!fields.raw || (fields.raw->empty() && count != 0)) return make_typed(fields, message, dtype, count, source);
  if (fields.raw->size() != bytes) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("shape {} of {} needs {} bytes, the file has {}", to_string(fields.dims),
                             dtype_name(dtype), bytes, fields.raw->size())};
  }
  return wrap_or_copy(dtype, fields.dims, const_cast<std::byte*>(fields.raw->data()), bytes, source.owner(), source);
}

// The types ONNX has and saker has not.
std::string foreign_type(std::int64_t onnx_type) {
  switch (onnx_type) {
    case 8:
      return "string";
    case 14:
      return "complex64";
    case 15:
      return "complex128";
    case 17:
      return "float8e4m3fn";
    case 18:
      return "float8e4m3fnuz";
    case 19:
      return "float8e5m2";
    case 20:
      return "float8e5m2fnuz";
    case 23:
      return "float4e2m1";
    default:
      return fmt::format("number {}", onnx_type);
  }
}

}  // namespace

bool is_four_bit(std::int64_t onnx_type) {
  return onnx_type == kUint4Type || onnx_type == kInt4Type;
}

Result<DType> dtype_of(std::int64_t onnx_type) {
  switch (onnx_type) {  // TensorProto.DataType
    case 1:
      return DType::kFloat32;
    case kUint8Type:
    case kUint4Type:
      return DType::kUint8;
    case 3:
    case kInt4Type:
      return DType::kInt8;
    case 4:
      return DType::kUint16;
    case 5:
      return DType::kInt16;
    case 6:
      return DType::kInt32;
    case 7:
      return DType::kInt64;
    case 9:
      return DType::kBool;
    case 10:
      return DType::kFloat16;
    case 11:
      return DType::kFloat64;
    case 12:
      return DType::kUint32;
    case 13:
      return DType::kUint64;
    case 16:
      return DType::kBFloat16;
    case 0:
      return Error{ErrorCode::kInvalid, "an element type is missing"};
    default:
      return Error{ErrorCode::kUnsupported, fmt::format("element type {} is not supported", foreign_type(onnx_type))};
  }
}

static Result<TensorFields> read_fields(Bytes bytes) {
  TensorFields fields;
  WireReader reader(bytes);
  Field field;
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) return fields;
    SAKER_TRY(read_field(field, fields));
  }
}

Result<std::string_view> tensor_name(Bytes bytes) {
  SAKER_ASSIGN(const TensorFields fields, read_fields(bytes));
  return fields.name;
}

Result<NamedTensor> parse_tensor(Bytes bytes, TensorSource& source) {
  SAKER_ASSIGN(const TensorFields fields, read_fields(bytes));
  auto tensor = make_tensor(fields, bytes, source);
  if (!tensor.ok())
    return tensor.error().with_context(fmt::format("tensor '{}'", std::string(fields.name.substr(0, 200))));
  return NamedTensor{fields.name, std::move(*tensor), is_four_bit(fields.data_type)};
}

}  // namespace saker::onnx
