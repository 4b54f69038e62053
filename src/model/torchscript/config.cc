#include "model/torchscript/config.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/python_names.h"
#include "base/text.h"
#include "model/json_writer.h"

namespace saker::torchscript {
namespace {

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

void put_value(JsonWriter& json, std::string_view key, std::string_view text) {
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
  JsonWriter json(buffer);
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
