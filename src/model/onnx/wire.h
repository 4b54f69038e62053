// A bounded reader of the protobuf wire format: fields one after another, nothing allocated, no
// recursion. https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/try.h"
#include "base/wire_writer.h"

namespace saker::onnx {

using Bytes = std::span<const std::byte>;

struct Field {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t scalar = 0;  // kVarint, kFixed64, kFixed32
  Bytes bytes;               // kLength

  std::int64_t as_int() const { return static_cast<std::int64_t>(scalar); }
  float as_float() const;  // kFixed32
  std::string_view as_text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
};

class WireReader {
 public:
  explicit WireReader(Bytes bytes) : bytes_(bytes) {}

  // The next field, or false at the end. Error: truncated or malformed.
  Result<bool> next(Field& field);

 private:
  Bytes bytes_;
  std::size_t position_ = 0;
};

// Error kInvalid unless the field has this type.
Status expect(const Field& field, WireType type, const char* what);

Status cut_off_list();  // always an error

// One element of a packed run; `at` moves behind it.
Status read_varint(Bytes bytes, std::size_t& at, std::uint64_t& value);

// Repeated scalars, a packed run (kLength) or one element: f(value) for each.
template <typename F>
Status for_each_varint(const Field& field, F&& f) {
  if (field.type == WireType::kVarint) {
    f(field.scalar);
    return {};
  }
  SAKER_TRY(expect(field, WireType::kLength, "integers"));
  for (std::size_t at = 0; at < field.bytes.size();) {
    std::uint64_t value = 0;
    SAKER_TRY(read_varint(field.bytes, at, value));
    f(value);
  }
  return {};
}

// The same for floats and doubles (T).
template <typename T, typename F>
Status for_each_fixed(const Field& field, F&& f) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  T value{};
  if (field.type == (sizeof(T) == 4 ? WireType::kFixed32 : WireType::kFixed64)) {
    std::memcpy(&value, &field.scalar, sizeof(T));
    f(value);
    return {};
  }
  SAKER_TRY(expect(field, WireType::kLength, "numbers"));
  if (field.bytes.size() % sizeof(T) != 0) SAKER_TRY(cut_off_list());
  for (std::size_t at = 0; at < field.bytes.size(); at += sizeof(T)) {
    std::memcpy(&value, field.bytes.data() + at, sizeof(T));
    f(value);
  }
  return {};
}

}  // namespace saker::onnx
