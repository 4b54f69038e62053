// Writes the protobuf wire format, field after field, into a string. https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace saker {

// How the bytes behind a field's number are to be read.
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

class WireWriter {
 public:
  void integer(std::uint32_t field, std::int64_t value) {
    tag(field, WireType::kVarint);
    varint(static_cast<std::uint64_t>(value));
  }
  void number(std::uint32_t field, float value) {
    tag(field, WireType::kFixed32);
    raw(value);
  }
  void number(std::uint32_t field, double value) {
    tag(field, WireType::kFixed64);
    raw(value);
  }
  // Text, raw bytes, or a message that is complete.
  void bytes(std::uint32_t field, std::string_view value) {
    tag(field, WireType::kLength);
    varint(value.size());
    bytes_.append(value);
  }
  void message(std::uint32_t field, const WireWriter& value) { bytes(field, value.bytes_); }

  const std::string& text() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  void tag(std::uint32_t field, WireType type) { varint(field << 3 | static_cast<std::uint32_t>(type)); }
  template <typename T>
  void raw(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    bytes_.append(bytes, sizeof value);
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

}  // namespace saker
