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

template <typename T>
Status append_fixed(const Field& field, WireType single, std::vector<T>& out) {
  if (field.type == single) {
    if constexpr (sizeof(T) == 4) {
      out.push_back(std::bit_cast<T>(static_cast<std::uint32_t>(field.scalar)));
    } else {
      out.push_back(std::bit_cast<T>(field.scalar));
    }
    return {};
  }
  SAKER_TRY(expect(field, WireType::kLength, "numbers"));
  if (field.bytes.size() % sizeof(T) != 0) return malformed(0, "a list of numbers is cut off");
  const std::size_t old = out.size();
  out.resize(old + field.bytes.size() / sizeof(T));
  if (!field.bytes.empty()) std::memcpy(out.data() + old, field.bytes.data(), field.bytes.size());
  return {};
}

}  // namespace

float Field::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(scalar));
}

bool WireReader::read_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && position_ < bytes_.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes_[position_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

Result<bool> WireReader::next(Field& field) {
  if (position_ == bytes_.size()) return false;
  std::uint64_t key = 0;
  if (!read_varint(key)) return malformed(position_, "truncated field key");
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
      if (!read_varint(field.scalar)) return malformed(position_, "truncated number");
      return true;
    case 1:
      field.type = WireType::kFixed64;
      if (left < 8) return malformed(position_, "truncated number");
      fixed(8);
      return true;
    case 2: {
      field.type = WireType::kLength;
      std::uint64_t length = 0;
      if (!read_varint(length)) return malformed(position_, "truncated length");
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

Status append_varints(const Field& field, std::vector<std::int64_t>& out) {
  if (field.type == WireType::kVarint) {
    out.push_back(field.as_int());
    return {};
  }
  SAKER_TRY(expect(field, WireType::kLength, "integers"));
  for (std::size_t i = 0; i < field.bytes.size();) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (;; shift += 7) {
      if (i == field.bytes.size() || shift > 63) return malformed(i, "a list of integers is cut off");
      const auto byte = static_cast<std::uint8_t>(field.bytes[i++]);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    out.push_back(static_cast<std::int64_t>(value));
  }
  return {};
}

Status append_floats(const Field& field, std::vector<float>& out) {
  return append_fixed(field, WireType::kFixed32, out);
}
Status append_doubles(const Field& field, std::vector<double>& out) {
  return append_fixed(field, WireType::kFixed64, out);
}

}  // namespace saker::onnx
