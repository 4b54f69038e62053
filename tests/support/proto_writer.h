// Writes protobuf messages for tests, well-formed or not: fields in the order of the calls.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace saker::test_support {

class ProtoWriter {
 public:
  ProtoWriter& varint(std::uint32_t field, std::int64_t value) {
    key(field, 0);
    number(static_cast<std::uint64_t>(value));
    return *this;
  }
  ProtoWriter& fixed32(std::uint32_t field, float value) {
    key(field, 5);
    append(&value, sizeof(value));
    return *this;
  }
  ProtoWriter& fixed64(std::uint32_t field, double value) {
    key(field, 1);
    append(&value, sizeof(value));
    return *this;
  }
  ProtoWriter& bytes(std::uint32_t field, std::string_view value) {
    key(field, 2);
    number(value.size());
    bytes_ += value;
    return *this;
  }
  ProtoWriter& message(std::uint32_t field, const ProtoWriter& value) { return bytes(field, value.text()); }
  // A list in one length-delimited run.
  ProtoWriter& packed(std::uint32_t field, std::span<const std::int64_t> values) {
    ProtoWriter list;
    for (const std::int64_t value : values) list.number(static_cast<std::uint64_t>(value));
    return bytes(field, list.text());
  }
  // The parts of a field one by one, and anything else.
  ProtoWriter& key(std::uint32_t field, std::uint32_t wire_type) {
    number((std::uint64_t{field} << 3) | wire_type);
    return *this;
  }
  ProtoWriter& number(std::uint64_t value) {
    for (; value > 0x7F; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
    return *this;
  }
  ProtoWriter& raw(std::string_view text) {
    bytes_ += text;
    return *this;
  }

  const std::string& text() const { return bytes_; }
  std::span<const std::byte> span() const { return std::as_bytes(std::span<const char>(bytes_)); }

 private:
  void append(const void* data, std::size_t size) { bytes_.append(static_cast<const char*>(data), size); }

  std::string bytes_;
};

}  // namespace saker::test_support
