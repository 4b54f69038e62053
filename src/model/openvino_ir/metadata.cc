#include "model/openvino_ir/metadata.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "model/python_repr.h"

namespace saker::openvino_ir {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20, kMaxReprBytes = std::size_t{4} << 20;
constexpr int kMaxDepth = 16;

// What YAML takes for something else than text, where it stands without quotes.
std::string plain(const std::string& text, bool top) {
  constexpr std::array kWords = {std::pair("true", "True"), std::pair("false", "False"), std::pair("null", "None"),
                                 std::pair("~", "None"), std::pair("", "None")};
  const auto* const word = std::ranges::find(kWords, lower_case(text), [](const auto& pair) { return pair.first; });
  if (word != kWords.end()) return word->second;
  return top || parse_number(text) ? text : python_text(text);
}

// Python's repr; of a text that is the whole entry, its str. Aliases of YAML can make little text much: it is bounded.
bool append_repr(const YAML::Node& node, int depth, std::string& out) {
  if (depth > kMaxDepth || out.size() > kMaxReprBytes) return false;
  if (!node.IsMap() && !node.IsSequence()) {
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    const bool is_text = node.Tag() == "!";  // in quotes
    out += is_text ? (depth == 0 ? text : python_text(text)) : plain(text, depth == 0);
    return true;
  }
  out.push_back(node.IsMap() ? '{' : '[');
  bool first = true;
  for (const auto& item : node) {
    if (!first) out += ", ";
    first = false;
    if (node.IsMap()) {
      if (!append_repr(item.first, depth + 1, out)) return false;
      out += ": ";
    }
    if (!append_repr(node.IsMap() ? item.second : static_cast<const YAML::Node&>(item), depth + 1, out)) return false;
  }
  out.push_back(node.IsMap() ? '}' : ']');
  return true;
}

// May throw what yaml-cpp throws.
Status add_entries(const YAML::Node& root, Metadata& metadata) {
  if (!root.IsMap()) return Error{ErrorCode::kInvalid, "not a map of what is known of a model"};
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) continue;
    std::string value;
    if (!append_repr(entry.second, 0, value)) {
      return Error{ErrorCode::kLimit, fmt::format("'{}' is nested deeper than {} or longer than {} bytes",
                                                  printable_name(entry.first.Scalar()), kMaxDepth, kMaxReprBytes)};
    }
    metadata.emplace(entry.first.Scalar(), std::move(value));
  }
  return {};
}

// What YAML takes for a number, a map or a list as it stands; the rest is in quotes.
bool stands_as_it_is(const std::string& value) {
  if (parse_number(value) || value == "True" || value == "False") return true;
  if (!value.starts_with('{') && !value.starts_with('[')) return false;
  try {
    const YAML::Node node = YAML::Load(value);
    return node.IsMap() || node.IsSequence();
  } catch (const YAML::Exception&) {
    return false;
  }
}

}  // namespace

std::string metadata_text(const Metadata& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    if (key.find('.') != std::string::npos) continue;
    YAML::Emitter entry;
    entry << YAML::DoubleQuoted << value;
    const bool plain_key = !key.empty() && key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    YAML::Emitter quoted_key;
    quoted_key << YAML::DoubleQuoted << key;
    text += fmt::format("{}: {}\n", plain_key ? key.c_str() : quoted_key.c_str(),
                        stands_as_it_is(value) ? value.c_str() : entry.c_str());
  }
  return text;
}

Status add_metadata_text(const std::string& yaml, Metadata& metadata) {
  try {
    return add_entries(YAML::Load(yaml), metadata);
  } catch (const YAML::Exception& problem) {
    return Error{ErrorCode::kInvalid, problem.what()};
  }
}

Status add_metadata_file(const std::string& file, Metadata& metadata) {
  const auto bytes = read_file(file, kMaxFileBytes);
  if (!bytes.ok() && bytes.error().code == ErrorCode::kNotFound) return {};
  if (!bytes.ok()) return bytes.error();
  const std::string text(reinterpret_cast<const char*>(bytes->data.get()), bytes->size);
  if (auto added = add_metadata_text(text, metadata); !added.ok()) {
    Error error = added.error().with_context(file);
    error.message += "\nIt lies beside the model and should say what its classes are: mend it or take it away";
    return error;
  }
  return {};
}

void add_names(Metadata& metadata) {
  for (const char* key : {"model_info.names", "model_info.labels"}) {
    const auto found = metadata.find(key);
    if (found == metadata.end() || metadata.contains("names")) continue;
    if (std::string_view(key) == "model_info.names") {
      metadata.emplace("names", found->second);
      continue;
    }
    std::string names;
    for (std::string label : split(found->second, ' ')) {
      if (label.empty()) continue;
      std::ranges::replace(label, '_', ' ');
      names += (names.empty() ? "" : ", ") + python_text(label);
    }
    if (!names.empty()) metadata.emplace("names", "[" + names + "]");
  }
}

}  // namespace saker::openvino_ir
