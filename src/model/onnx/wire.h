// A bounded reader of the protobuf wire format: fields one after another, nothing allocated, no
// recursion. https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace saker::onnx {

using Bytes = std::span<const std::byte>;

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

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
  bool read_varint(std::uint64_t& value);

  Bytes bytes_;
  std::size_t position_ = 0;
};

// Repeated scalars: a packed run (kLength) or one element, appended to `out`.
Status append_varints(const Field& field, std::vector<std::int64_t>& out);
Status append_floats(const Field& field, std::vector<float>& out);
Status append_doubles(const Field& field, std::vector<double>& out);

// Error kInvalid unless the field has this type.
Status expect(const Field& field, WireType type, const char* what);

}  // namespace saker::onnx
