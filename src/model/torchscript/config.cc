#include "model/torchscript/config.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/python_names.h"
#include "base/text.h"
#include "base/utf8.h"

namespace saker::torchscript {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

// Bytes that are no UTF-8 become U+FFFD: JSON has no others.
std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    append_utf8(point.valid ? point.code : kReplacementCharacter, out);
    text.remove_prefix(point.bytes);
  }
  return out;
}

void put_text(Writer& json, std::string_view text) {
  const std::string valid = as_utf8(text);
  json.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

void put_key(Writer& json, std::string_view text) {
  const std::string valid = as_utf8(text);
  json.Key(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

void put_integers(Writer& json, const std::vector<std::int64_t>& numbers) {
  json.StartArray();
  for (const std::int64_t number : numbers) json.Int64(number);
  json.EndArray();
}

// "[640, 640]"
std::optional<std::vector<std::int64_t>> integer_list(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const std::string& part : split(text.substr(1, text.size() - 2), ',')) {
    const auto number = parse_whole(trimmed(part));
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

void put_value(Writer& json, std::string_view key, std::string_view text) {
  const auto names = key == "names" ? read_python_names(text) : std::nullopt;
  if (names) {
    json.StartObject();
    for (const auto& [id, name] : *names) {
      put_key(json, std::to_string(id));
      put_text(json, name);
    }
    json.EndObject();
  } else if (const auto number = parse_whole(text)) {
    json.Int64(*number);
  } else if (const auto numbers = integer_list(text)) {
    put_integers(json, *numbers);
  } else {
    put_text(json, text);
  }
}

}  // namespace

std::string config_text(const Graph& graph) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  if (!graph.declared_inputs.empty()) {
    json.Key("shape");
    std::vector<std::int64_t> shape;
    for (const DeclaredDim& dim : graph.declared_inputs[0]) shape.push_back(std::max<std::int64_t>(dim.size, -1));
    put_integers(json, shape);
  }
  for (const auto& [key, text] : graph.metadata) {
    if (key == "shape") continue;
    put_key(json, key);
    put_value(json, key, text);
  }
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace saker::torchscript
