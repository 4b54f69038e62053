// Streams a JSON file that is made of long lists of small objects, as COCO's are: each object of a wanted list is
// handed over with its wanted fields and forgotten, all else is passed by without being kept.
#pragma once

#include <saker/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_texts.h"

namespace saker {

enum class JsonKind : std::uint8_t { kMissing, kNull, kBool, kInteger, kReal, kBadNumber, kString, kList, kObject };

struct JsonScalar {
  JsonKind kind = JsonKind::kMissing;
  bool boolean = false;
  std::int64_t integer = 0;  // kInteger
  double real = 0;           // kInteger and kReal
  std::string text;          // kString; kBadNumber: as written (NaN, Infinity, whole numbers beyond 64 bits)
};

struct JsonValue : JsonScalar {
  static constexpr std::size_t kKept = 4;
  std::size_t length = 0;               // kList
  std::array<JsonScalar, kKept> items;  // the first of them
};

// One member of a list. `fields` is parallel to JsonList::fields.
struct JsonEntry {
  std::size_t index = 0;
  JsonKind kind = JsonKind::kMissing;
  std::vector<JsonValue> fields;  // meaningless unless `kind` is kObject
};

struct JsonList {
  std::string_view key;  // of the root object; empty: the root is the list
  std::vector<std::string_view> fields;
  std::function<Status(const JsonEntry&)> take;  // an error ends the reading and is returned as it is
  bool seen = false;                             // set by read_json_lists
};

// For the message that the root is not what it should be.
struct JsonRoot {
  std::string_view wanted;     // "COCO annotations are an object with ..."
  std::string_view suspicion;  // added for a list where an object is wanted, and the other way round
};

// Errors: kNotFound, kIo, kLimit, kInvalid (with the JSON path or the byte), and what `take` returns.
Status read_json_lists(const std::string& path, std::span<JsonList> lists, const JsonRoot& root);

// The fields of an entry, checked. Messages begin with the JSON path: "annotations[17].bbox[2] is negative".
class JsonFields {
 public:
  JsonFields(const JsonList& list, const JsonEntry& entry) : list_(list), entry_(entry) {}

  const JsonValue& value(std::size_t field) const { return entry_.fields[field]; }
  bool has(std::size_t field) const;                                 // neither missing nor null
  Result<std::int64_t> whole(std::size_t field) const;               // 7 or 7.0
  Result<std::int64_t> id(std::size_t field, IdTexts& texts) const;  // a whole number or a text
  Result<double> number(std::size_t field) const;
  Result<std::string> text(std::size_t field) const;
  Result<std::array<double, 4>> box(std::size_t field) const;  // x, y, w >= 0, h >= 0

  // `what` is the rest of a sentence that begins with the path.
  Error error(std::size_t field, std::string_view what) const;
  Error error(std::string_view what) const;  // of the whole entry

 private:
  const JsonList& list_;
  const JsonEntry& entry_;
};

}  // namespace saker
