// TensorProto -> Tensor: raw, typed or external data, every size checked before memory is taken.
#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "base/try.h"
#include "model/onnx/proto.h"

namespace saker::onnx {
namespace {

struct TensorFields {
  std::string_view name;
  std::vector<std::int64_t> dims;
  std::int64_t data_type = 0;
  std::optional<Bytes> raw;
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::int64_t> integers;  // int32_data, int64_data, uint64_data
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

Status read_field(const Field& field, TensorFields& out) {
  switch (field.number) {
    case 1:
      return append_varints(field, out.dims);
    case 2:
      SAKER_TRY(expect(field, WireType::kVarint, "a data type"));
      out.data_type = field.as_int();
      return {};
    case 4:
      return append_floats(field, out.floats);
    case 5:
    case 7:
    case 11:
      return append_varints(field, out.integers);
    case 8:
      SAKER_TRY(expect(field, WireType::kLength, "text"));
      out.name = field.as_text();
      return {};
    case 9:
      SAKER_TRY(expect(field, WireType::kLength, "raw data"));
      out.raw = field.bytes;
      return {};
    case 10:
      return append_doubles(field, out.doubles);
    case 13:
      SAKER_TRY(expect(field, WireType::kLength, "an entry"));
      return read_external_entry(field.bytes, out);
    case 14:
      out.is_external = field.scalar == 1;
      return {};
    default:
      return {};
  }
}

template <typename To, typename From>
void convert(const std::vector<From>& from, Tensor& to) {
  To* out = to.data<To>();
  for (std::size_t i = 0; i < from.size(); ++i) out[i] = static_cast<To>(from[i]);
}

// Typed data fields: which one holds a type is fixed by the format.
Status fill_typed(const TensorFields& fields, Tensor& tensor) {
  const DType dtype = tensor.dtype();
  const std::size_t have = dtype == DType::kFloat32   ? fields.floats.size()
                           : dtype == DType::kFloat64 ? fields.doubles.size()
                                                      : fields.integers.size();
  if (have != static_cast<std::size_t>(tensor.elements())) {
    return Error{ErrorCode::kInvalid, fmt::format("shape {} needs {} values, the file has {}",
                                                  to_string(tensor.shape()), tensor.elements(), have)};
  }
  switch (dtype) {
    case DType::kFloat32:
      convert<float>(fields.floats, tensor);
      break;
    case DType::kFloat64:
      convert<double>(fields.doubles, tensor);
      break;
    case DType::kInt8:
    case DType::kUint8:
      convert<std::uint8_t>(fields.integers, tensor);
      break;
    case DType::kBool:
      for (std::size_t i = 0; i < have; ++i) tensor.data<std::uint8_t>()[i] = fields.integers[i] != 0;
      break;
    case DType::kFloat16:
    case DType::kBFloat16:
    case DType::kInt16:
    case DType::kUint16:
      convert<std::uint16_t>(fields.integers, tensor);
      break;
    case DType::kInt32:
    case DType::kUint32:
      convert<std::uint32_t>(fields.integers, tensor);
      break;
    case DType::kInt64:
    case DType::kUint64:
      convert<std::uint64_t>(fields.integers, tensor);
      break;
  }
  return {};
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

// The file must be a plain file inside the model's folder, links resolved.
Result<std::string> external_path(const std::string& location, const std::string& folder) {
  namespace fs = std::filesystem;
  if (folder.empty()) return Error{ErrorCode::kUnsupported, "external data needs a model read from a file"};
  const fs::path relative(location);
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / relative, error);
  const auto mismatch = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (error || location.empty() || relative.is_absolute() || mismatch.first != root.end() || path == root) {
    return Error{ErrorCode::kInvalid, fmt::format("external data '{}' is outside the model's folder", location)};
  }
  return path.string();
}

Result<Tensor> read_external(const TensorFields& fields, DType dtype, std::size_t bytes, const TensorSource& source) {
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
  SAKER_ASSIGN(const std::string path, external_path(location, source.folder));
  SAKER_ASSIGN(FileBytes file, read_file_range(path, offset, bytes));
  return Tensor::wrap(dtype, fields.dims, file.data.get(), file.data);
}

Result<Tensor> make_tensor(const TensorFields& fields, const TensorSource& source) {
  SAKER_ASSIGN(const DType dtype, dtype_of(fields.data_type));
  SAKER_ASSIGN(const std::int64_t count, element_count(fields.dims));
  const std::size_t bytes = static_cast<std::size_t>(count) * dtype_size(dtype);
  if (fields.is_external) return read_external(fields, dtype, bytes, source);
  if (!fields.raw || (fields.raw->empty() && count != 0)) {
    // Typed values were parsed already, so their number bounds the memory.
    const std::size_t have = fields.floats.size() + fields.doubles.size() + fields.integers.size();
    if (static_cast<std::size_t>(count) > have) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("shape {} needs {} values, the file has {}", to_string(fields.dims), count, have)};
    }
    SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, fields.dims));
    SAKER_TRY(fill_typed(fields, tensor));
    return tensor;
  }
  if (fields.raw->size() != bytes) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("shape {} of {} needs {} bytes, the file has {}", to_string(fields.dims),
                             dtype_name(dtype), bytes, fields.raw->size())};
  }
  const auto address = reinterpret_cast<std::uintptr_t>(fields.raw->data());
  if (source.owner != nullptr && address % dtype_size(dtype) == 0) {
    return Tensor::wrap(dtype, fields.dims, const_cast<std::byte*>(fields.raw->data()), source.owner);
  }
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, fields.dims));
  if (bytes != 0) std::memcpy(tensor.raw(), fields.raw->data(), bytes);
  return tensor;
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
    case 21:
      return "uint4";
    case 22:
      return "int4";
    case 23:
      return "float4e2m1";
    default:
      return fmt::format("number {}", onnx_type);
  }
}

}  // namespace

Result<DType> dtype_of(std::int64_t onnx_type) {
  switch (onnx_type) {  // TensorProto.DataType
    case 1:
      return DType::kFloat32;
    case 2:
      return DType::kUint8;
    case 3:
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

Result<NamedTensor> parse_tensor(Bytes bytes, const TensorSource& source) {
  TensorFields fields;
  WireReader reader(bytes);
  Field field;
  for (;;) {
    SAKER_ASSIGN(const bool more, reader.next(field));
    if (!more) break;
    SAKER_TRY(read_field(field, fields));
  }
  auto tensor = make_tensor(fields, source);
  if (!tensor.ok()) return tensor.error().with_context(fmt::format("tensor '{}'", fields.name));
  return NamedTensor{fields.name, std::move(*tensor)};
}

}  // namespace saker::onnx
