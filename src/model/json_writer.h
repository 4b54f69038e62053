// JSON written with any text: bytes that are no UTF-8 become U+FFFD, since JSON has no others.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"

namespace saker {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void put_text(JsonWriter& json, std::string_view text) {
  const std::string valid = as_utf8(text);
  json.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

inline void put_key(JsonWriter& json, std::string_view text) {
  const std::string valid = as_utf8(text);
  json.Key(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

inline void put_integers(JsonWriter& json, const std::vector<std::int64_t>& numbers) {
  json.StartArray();
  for (const std::int64_t number : numbers) json.Int64(number);
  json.EndArray();
}

}  // namespace saker
