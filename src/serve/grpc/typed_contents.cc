#include "serve/grpc/typed_contents.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/try.h"

namespace saker::serve {
namespace {

using inference::InferTensorContents;

Error invalid(std::string message) {
  return {ErrorCode::kInvalid, std::move(message)};
}

// Over all fields: an input whose values are in another field than its type's has too many.
std::size_t elements_of(const InferTensorContents& all) {
  std::size_t sum = 0;
  for (const int size :
       {all.bool_contents_size(), all.int_contents_size(), all.int64_contents_size(), all.uint_contents_size(),
        all.uint64_contents_size(), all.fp32_contents_size(), all.fp64_contents_size(), all.bytes_contents_size()}) {
    sum += static_cast<std::size_t>(size);
  }
  return sum;
}

// Before any memory is taken for a shape.
Status check_size(const InferTensorContents& all, int there, const char* field, const Shape& shape) {
  SAKER_ASSIGN(const std::int64_t count, checked_count(shape));
  if (there != count) {
    return invalid(fmt::format("`{}` has {} elements; shape {} has {}", field, there, to_string(shape), count));
  }
  if (elements_of(all) != static_cast<std::size_t>(there)) {
    return invalid(fmt::format("`contents` has values besides those in `{}`, which is where its type's are", field));
  }
  return {};
}

template <typename To, typename From>
Result<Tensor> read_as(const InferTensorContents& all, const google::protobuf::RepeatedField<From>& from,
                       const char* field, DType dtype, const Shape& shape) {
  SAKER_TRY(check_size(all, from.size(), field, shape));
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  To* out = tensor.data<To>();
  for (int i = 0; i < from.size(); ++i) {
    const From value = from[i];
    if constexpr (sizeof(To) < sizeof(From)) {
      if (!std::in_range<To>(value)) {
        return invalid(fmt::format("element {} of `{}`, {}, is no {}", i, field, value, oip_name(dtype)));
      }
    }
    out[i] = static_cast<To>(value);
  }
  return tensor;
}

Result<Tensor> read_numbers(const InferTensorContents& all, DType dtype, const Shape& shape) {
  switch (dtype) {
    case DType::kBool:
      return read_as<bool>(all, all.bool_contents(), "bool_contents", dtype, shape);
    case DType::kInt8:
      return read_as<std::int8_t>(all, all.int_contents(), "int_contents", dtype, shape);
    case DType::kInt16:
      return read_as<std::int16_t>(all, all.int_contents(), "int_contents", dtype, shape);
    case DType::kInt32:
      return read_as<std::int32_t>(all, all.int_contents(), "int_contents", dtype, shape);
    case DType::kInt64:
      return read_as<std::int64_t>(all, all.int64_contents(), "int64_contents", dtype, shape);
    case DType::kUint8:
      return read_as<std::uint8_t>(all, all.uint_contents(), "uint_contents", dtype, shape);
    case DType::kUint16:
      return read_as<std::uint16_t>(all, all.uint_contents(), "uint_contents", dtype, shape);
    case DType::kUint32:
      return read_as<std::uint32_t>(all, all.uint_contents(), "uint_contents", dtype, shape);
    case DType::kUint64:
      return read_as<std::uint64_t>(all, all.uint64_contents(), "uint64_contents", dtype, shape);
    case DType::kFloat32:
      return read_as<float>(all, all.fp32_contents(), "fp32_contents", dtype, shape);
    case DType::kFloat64:
      return read_as<double>(all, all.fp64_contents(), "fp64_contents", dtype, shape);
    case DType::kFloat16:
    case DType::kBFloat16:
      break;
  }
  return invalid(fmt::format("`contents` has no field for {}: send `raw_input_contents`", oip_name(dtype)));
}

Result<PictureFiles> read_pictures(const InferTensorContents& all, const Shape& shape) {
  SAKER_TRY(check_size(all, all.bytes_contents_size(), "bytes_contents", shape));
  if (static_cast<std::size_t>(all.bytes_contents_size()) > kMostPictures) {
    return invalid(fmt::format("`shape` is {}: more than {} elements of BYTES", to_string(shape), kMostPictures));
  }
  PictureFiles pictures;
  for (const std::string& file : all.bytes_contents()) pictures.emplace_back(file.begin(), file.end());
  return pictures;
}

template <typename From, typename To>
void write_as(const Tensor& tensor, google::protobuf::RepeatedField<To>& to) {
  const From* from = tensor.data<From>();
  to.Reserve(static_cast<int>(tensor.elements()));
  for (std::int64_t i = 0; i < tensor.elements(); ++i) to.AddAlreadyReserved(static_cast<To>(from[i]));
}

}  // namespace

InputData typed_data(const InferTensorContents& contents) {
  return {[&contents](DType dtype, const Shape& shape) { return read_numbers(contents, dtype, shape); },
          [&contents](const Shape& shape) { return read_pictures(contents, shape); }};
}

bool has_elements(const InferTensorContents& contents) {
  return elements_of(contents) > 0;
}

bool can_be_typed(const OipTensor& tensor) {
  if (tensor.is_bytes) return true;
  const DType dtype = tensor.numbers.dtype();
  return dtype != DType::kFloat16 && dtype != DType::kBFloat16 &&
         tensor.numbers.elements() <= std::numeric_limits<int>::max();
}

void write_typed(const OipTensor& tensor, InferTensorContents& contents) {
  if (tensor.is_bytes) {
    for (const std::string& text : tensor.texts) contents.add_bytes_contents(text);
    return;
  }
  switch (tensor.numbers.dtype()) {
    case DType::kBool:
      return write_as<bool>(tensor.numbers, *contents.mutable_bool_contents());
    case DType::kInt8:
      return write_as<std::int8_t>(tensor.numbers, *contents.mutable_int_contents());
    case DType::kInt16:
      return write_as<std::int16_t>(tensor.numbers, *contents.mutable_int_contents());
    case DType::kInt32:
      return write_as<std::int32_t>(tensor.numbers, *contents.mutable_int_contents());
    case DType::kInt64:
      return write_as<std::int64_t>(tensor.numbers, *contents.mutable_int64_contents());
    case DType::kUint8:
      return write_as<std::uint8_t>(tensor.numbers, *contents.mutable_uint_contents());
    case DType::kUint16:
      return write_as<std::uint16_t>(tensor.numbers, *contents.mutable_uint_contents());
    case DType::kUint32:
      return write_as<std::uint32_t>(tensor.numbers, *contents.mutable_uint_contents());
    case DType::kUint64:
      return write_as<std::uint64_t>(tensor.numbers, *contents.mutable_uint64_contents());
    case DType::kFloat32:
      return write_as<float>(tensor.numbers, *contents.mutable_fp32_contents());
    case DType::kFloat64:
      return write_as<double>(tensor.numbers, *contents.mutable_fp64_contents());
    case DType::kFloat16:
    case DType::kBFloat16:
      return;  // can_be_typed() says no
  }
}

}  // namespace saker::serve
