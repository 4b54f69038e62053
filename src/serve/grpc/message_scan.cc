#include "serve/grpc/message_scan.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <array>

#include "base/try.h"

namespace saker::serve {
namespace {

using google::protobuf::io::CodedInputStream;

enum class Kind : std::uint8_t { kRequest, kInput, kOutput, kContents, kEntry, kParameter, kValue };
enum Wire : std::uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };  // groups are none of proto3's

// The fields of open_inference.proto that are messages.
Kind kind_of(Kind outer, std::uint32_t field) {
  if (outer == Kind::kRequest && field == 5) return Kind::kInput;
  if (outer == Kind::kRequest && field == 6) return Kind::kOutput;
  if ((outer == Kind::kRequest || outer == Kind::kInput) && field == 4) return Kind::kEntry;
  if (outer == Kind::kInput && field == 5) return Kind::kContents;
  if (outer == Kind::kOutput && field == 2) return Kind::kEntry;
  if (outer == Kind::kEntry && field == 2) return Kind::kParameter;
  return Kind::kValue;
}

// Bytes in memory for one of the message, of a list of numbers; 0: it is none. A varint is one byte at least, and lists
// grow by doubling, the old one beside the new.
std::size_t growth_of(Kind outer, std::uint32_t field) {
  constexpr std::array<std::size_t, 8> kContents = {0, 3, 12, 24, 12, 24, 3, 3};  // bool, int32, int64, ...
  if (outer == Kind::kInput && field == 3) return 24;                             // the shape
  return outer == Kind::kContents && field < kContents.size() ? kContents[field] : 0;
}

class Scan {
 public:
  explicit Scan(CodedInputStream& in) : in_(in) {}

  Status read(Kind kind);
  std::size_t cost() const { return cost_; }

 private:
  Status read_field(Kind kind, std::uint32_t tag);
  Status read_inner(Kind kind, int size);

  CodedInputStream& in_;
  std::size_t parts_ = 0, cost_ = 0;
};

Error broken() {
  return {ErrorCode::kInvalid, "the message is no ModelInferRequest: its encoding is broken"};
}

Status Scan::read(Kind kind) {
  while (in_.BytesUntilLimit() != 0) {
    const std::uint32_t tag = in_.ReadTagNoLastTag();
    if (tag == 0) return in_.ConsumedEntireMessage() ? Status() : broken();
    SAKER_TRY(read_field(kind, tag));
  }
  return {};
}

Status Scan::read_field(Kind kind, std::uint32_t tag) {
  constexpr std::size_t kPartBytes = 256;  // a message or a text, roughly
  const std::uint32_t field = tag >> 3, wire = tag & 7;
  const std::size_t growth = growth_of(kind, field);
  if (growth == 0 || wire == kLength) {
    cost_ += kPartBytes;
    if (++parts_ > kMostParts) {
      return Error{ErrorCode::kLimit, fmt::format("the message has more than {} parts", kMostParts)};
    }
  }
  if (wire == kLength) {
    int size = 0;
    if (!in_.ReadVarintSizeAsInt(&size)) return broken();
    cost_ += growth * static_cast<std::size_t>(size);
    const Kind inner = kind_of(kind, field);
    if (inner != Kind::kValue) return read_inner(inner, size);
    return in_.Skip(size) ? Status() : broken();
  }
  std::uint64_t value = 0;
  std::uint32_t half = 0;
  const bool read = wire == kVarint    ? in_.ReadVarint64(&value)
                    : wire == kFixed64 ? in_.ReadLittleEndian64(&value)
                    : wire == kFixed32 ? in_.ReadLittleEndian32(&half)
                                       : false;
  cost_ += growth;
  return read ? Status() : broken();
}

Status Scan::read_inner(Kind kind, int size) {
  const CodedInputStream::Limit limit = in_.PushLimit(size);
  if (in_.BytesUntilLimit() != size) return broken();  // reaches past what it is in
  SAKER_TRY(read(kind));
  in_.PopLimit(limit);
  return {};
}

}  // namespace

Result<std::size_t> scan_infer_message(google::protobuf::io::ZeroCopyInputStream& stream) {
  CodedInputStream in(&stream);
  Scan scan(in);
  SAKER_TRY(scan.read(Kind::kRequest));
  return scan.cost();
}

}  // namespace saker::serve
