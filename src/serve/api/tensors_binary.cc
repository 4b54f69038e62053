#include "serve/api/tensors_binary.h"

#include <fmt/format.h>

#include <cstring>

#include "base/text.h"
#include "base/try.h"

namespace saker::serve {
namespace {

constexpr std::size_t kLengthBytes = 4;

std::uint32_t read_length(const char* bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
  return length;
}

}  // namespace

Result<BodyParts> split_body(std::string_view body, const std::optional<std::string>& header_length) {
  if (!header_length) return BodyParts{body, {}, false};
  const auto length = parse_whole(trimmed(*header_length));
  if (!length || *length < 0) {
    return Error{ErrorCode::kInvalid, fmt::format("Inference-Header-Content-Length is `{}`: it is the number of bytes "
                                                  "of the body that are JSON",
                                                  printable_name(*header_length, 40))};
  }
  if (static_cast<std::uint64_t>(*length) > body.size()) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("Inference-Header-Content-Length is {}, but the body has {} bytes", *length, body.size())};
  }
  const auto json = static_cast<std::size_t>(*length);
  return BodyParts{body.substr(0, json), body.substr(json), json == 0};
}

Result<Tensor> read_binary_numbers(std::string_view bytes, DType dtype, const Shape& shape) {
  SAKER_ASSIGN(const std::int64_t count, checked_count(shape));
  const std::uint64_t needed = static_cast<std::uint64_t>(count) * dtype_size(dtype);
  if (needed != bytes.size()) {
    return Error{ErrorCode::kInvalid, fmt::format("{} bytes of binary data; {} of shape {} has {}", bytes.size(),
                                                  oip_name(dtype), to_string(shape), needed)};
  }
  SAKER_ASSIGN(Tensor tensor, Tensor::make(dtype, shape));
  if (dtype == DType::kBool) {  // no other bytes than 0 and 1 may be in a bool
    auto* out = static_cast<std::uint8_t*>(tensor.raw());
    for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = bytes[i] != 0 ? 1 : 0;
  } else if (!bytes.empty()) {
    std::memcpy(tensor.raw(), bytes.data(), bytes.size());
  }
  return tensor;
}

Result<std::vector<std::string_view>> read_binary_texts(std::string_view bytes, const Shape& shape, std::size_t most) {
  SAKER_ASSIGN(const std::int64_t count, checked_count(shape));
  if (static_cast<std::uint64_t>(count) > most) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("`shape` is {}: more than {} elements of BYTES", to_string(shape), most)};
  }
  std::vector<std::string_view> texts;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t length = bytes.size() >= kLengthBytes ? read_length(bytes.data()) : 0;
    if (bytes.size() < kLengthBytes || length > bytes.size() - kLengthBytes) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("element {} of the binary data reaches past its end: each is its length in 4 bytes and "
                               "then so many bytes",
                               i)};
    }
    texts.push_back(bytes.substr(kLengthBytes, length));
    bytes.remove_prefix(kLengthBytes + length);
  }
  if (!bytes.empty()) {
    return Error{ErrorCode::kInvalid, fmt::format("{} bytes of binary data after the {} elements of shape {}",
                                                  bytes.size(), count, to_string(shape))};
  }
  return texts;
}

std::size_t binary_size(const OipTensor& tensor) {
  if (!tensor.is_bytes) return tensor.numbers.bytes();
  std::size_t size = 0;
  for (const std::string& text : tensor.texts) size += kLengthBytes + text.size();
  return size;
}

void append_binary(const OipTensor& tensor, std::string& out) {
  if (!tensor.is_bytes) {
    out.append(static_cast<const char*>(tensor.numbers.raw()), tensor.numbers.bytes());
    return;
  }
  for (const std::string& text : tensor.texts) {
    for (std::size_t i = 0; i < kLengthBytes; ++i) out += static_cast<char>(text.size() >> (8 * i) & 0xFFU);
    out += text;
  }
}

}  // namespace saker::serve
