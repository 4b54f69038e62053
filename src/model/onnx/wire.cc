#include "model/onnx/wire.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "base/try.h"

namespace saker::onnx {
namespace {

Error malformed(std::size_t position, const char* what) {
  return {ErrorCode::kInvalid, fmt::format("not a valid ONNX file: {} (byte {} of its message)", what, position)};
}

}  // namespace

float Field::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(scalar));
}

Result<bool> WireReader::next(Field& field) {
  if (position_ == bytes_.size()) return false;
  std::uint64_t key = 0;
  SAKER_TRY(read_varint(bytes_, position_, key));
  field = Field{};
  if ((key >> 3) == 0 || (key >> 3) > 0x1FFFFFFF) return malformed(position_, "field number out of range");
  field.number = static_cast<std::uint32_t>(key >> 3);
  const std::size_t left = bytes_.size() - position_;
  const auto fixed = [&](std::size_t size) {
    std::memcpy(&field.scalar, bytes_.data() + position_, size);  // little-endian, as x86 is
    position_ += size;
  };
  switch (key & 7U) {
    case 0:
      field.type = WireType::kVarint;
      SAKER_TRY(read_varint(bytes_, position_, field.scalar));
      return true;
    case 1:
      field.type = WireType::kFixed64;
      if (left < 8) return malformed(position_, "truncated number");
      fixed(8);
      return true;
    case 2: {
      field.type = WireType::kLength;
      std::uint64_t length = 0;
      SAKER_TRY(read_varint(bytes_, position_, length));
      if (length > bytes_.size() - position_)
        return malformed(position_, "a part is longer than what holds it (a truncated file?)");
      field.bytes = bytes_.subspan(position_, static_cast<std::size_t>(length));
      position_ += static_cast<std::size_t>(length);
      return true;
    }
    case 5:
      field.type = WireType::kFixed32;
      if (left < 4) return malformed(position_, "truncated number");
      fixed(4);
      return true;
    default:
      return malformed(position_, "unknown wire type");
  }
}

Status expect(const Field& field, WireType type, const char* what) {
  if (field.type == type) return {};
  return Error{ErrorCode::kInvalid, fmt::format("not a valid ONNX file: field {} should hold {}", field.number, what)};
}

Status cut_off_list() {
  return malformed(0, "a list of numbers is cut off");
}

Status read_varint(Bytes bytes, std::size_t& at, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes[at++]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return {};
  }
  return malformed(at, "a number is cut off or too long");
}

}  // namespace saker::onnx
