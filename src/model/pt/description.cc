#include "model/pt/description.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/try.h"
#include "model/budget.h"
#include "model/json_writer.h"

namespace saker::pt {
namespace {

using nets::Module;
using Json = rapidjson::Value;

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kMaxDepth = 40;   // of real networks: 9
constexpr std::size_t kMaxList = 1000;  // numbers of an attribute, layers that feed one
// Numbers come as text: RapidJSON 1.1 has undefined behaviour in its own conversion.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;
// Attributes are kept by their types, in the order of nets::Attribute's.
constexpr std::array<const char*, 6> kSections = {"flags", "integers",      "numbers",
                                                  "texts", "integer_lists", "number_lists"};

// Of nets::Network::observed, in the order of StoredScales.
constexpr std::array<const char*, 3> kScales = {"channel", "tensor", "everywhere"};
constexpr const char *kObserved = "eight_bits", *kObservedScales = "scales", *kSymmetric = "symmetric",
                     *kObservedConvs = "convolutions";

std::string path_below(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

// ---- to text ----

void put(JsonWriter& json, bool value) {
  json.Bool(value);
}
void put(JsonWriter& json, std::int64_t value) {
  json.Int64(value);
}
void put(JsonWriter& json, double value) {
  json.Double(value);  // the shortest text that reads as the same number
}
void put(JsonWriter& json, const std::string& value) {
  put_text(json, value);
}
template <typename T>
void put(JsonWriter& json, const std::vector<T>& values) {
  json.StartArray();
  for (const T& value : values) put(json, value);
  json.EndArray();
}

bool is_finite(const nets::Attribute& attribute) {
  if (const auto* number = std::get_if<double>(&attribute)) return std::isfinite(*number);
  if (const auto* list = std::get_if<std::vector<double>>(&attribute))
    return std::ranges::all_of(*list, [](double number) { return std::isfinite(number); });
  return true;
}

Status put_attributes(JsonWriter& json, const Module& module) {
  for (std::size_t type = 0; type < kSections.size(); ++type) {
    bool any = false;
    for (const auto& [name, value] : module.attributes) {
      if (value.index() != type) continue;
      if (!is_finite(value)) {
        return Error{ErrorCode::kInvalid,
                     fmt::format("{}: its attribute '{}' is not finite", module.describe(), printable_name(name))};
      }
      if (!any) {
        json.Key(kSections[type]);
        json.StartObject();
        any = true;
      }
      put_key(json, name);
      std::visit([&](const auto& plain) { put(json, plain); }, value);
    }
    if (any) json.EndObject();
  }
  return {};
}

// `derived`: the path that its place gives it.
Status put_module(JsonWriter& json, const Module& module, const std::string& derived, std::size_t depth) {
  if (depth > kMaxDepth) return Error{ErrorCode::kLimit, fmt::format("{} is too many parts deep", module.describe())};
  json.StartObject();
  const auto text = [&](const char* key, const std::string& value) {
    json.Key(key);
    put_text(json, value);
  };
  text("name", module.name);
  if (module.path != derived) text("path", module.path);
  text("type", module.type);
  if (module.class_path != module.type) text("class", module.class_path);
  SAKER_TRY(put_attributes(json, module));
  if (!module.weights.empty()) {
    json.Key("weights");
    json.StartArray();
    for (const auto& [name, tensor] : module.weights) put_text(json, name);
    json.EndArray();
  }
  if (!module.children.empty()) {
    json.Key("children");
    json.StartArray();
    for (const Module& child : module.children)
      SAKER_TRY(put_module(json, child, path_below(module.path, child.name), depth + 1));
    json.EndArray();
  }
  json.EndObject();
  return {};
}

// ---- from text ----

Error invalid(const std::string& where, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("the network's description: {} {}", printable_name(where), what)};
}

// Null: none of that name.
const Json* member(const Json& object, const char* key) {
  const auto found = object.FindMember(key);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string text_of(const Json& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool read(const Json& json, bool& value) {
  if (json.IsBool()) value = json.GetBool();
  return json.IsBool();
}
bool read(const Json& json, std::string& value) {
  if (json.IsString()) value = text_of(json);
  return json.IsString();
}
bool read(const Json& json, std::int64_t& value) {
  const auto whole = json.IsString() ? parse_whole(text_of(json)) : std::nullopt;
  if (whole) value = *whole;
  return whole.has_value();
}
bool read(const Json& json, double& value) {
  const auto number = json.IsString() ? parse_number(text_of(json)) : std::nullopt;
  if (number) value = *number;
  return number.has_value();
}
template <typename T>
bool read(const Json& json, std::vector<T>& values) {
  if (!json.IsArray() || json.Size() > kMaxList) return false;
  for (const Json& item : json.GetArray()) {
    if (!read(item, values.emplace_back())) return false;
  }
  return true;
}

// Whether it is there and what it should be.
template <typename T>
bool read_member(const Json& object, const char* key, T& value) {
  const Json* found = member(object, key);
  return found != nullptr && read(*found, value);
}

// Calls `use(name, value)` of each member until it gives false; false also where it is no object.
template <typename Use>
bool each_member(const Json& object, const Use& use) {
  if (!object.IsObject()) return false;
  const auto members = object.MemberBegin();  // its comparison is ambiguous in C++20
  for (rapidjson::SizeType i = 0; i < object.MemberCount(); ++i) {
    const auto& pair = members[static_cast<std::ptrdiff_t>(i)];
    if (!use(text_of(pair.name), pair.value)) return false;
  }
  return true;
}

template <typename T>
bool read_section(const Json& object, const char* section, Module& module) {
  const Json* found = member(object, section);
  return found == nullptr || each_member(*found, [&](std::string name, const Json& json) {
           T value{};
           if (!read(json, value)) return false;
           module.attributes.insert_or_assign(std::move(name), std::move(value));
           return true;
         });
}

bool read_attributes(const Json& object, Module& module) {
  return read_section<bool>(object, kSections[0], module) && read_section<std::int64_t>(object, kSections[1], module) &&
         read_section<double>(object, kSections[2], module) &&
         read_section<std::string>(object, kSections[3], module) &&
         read_section<std::vector<std::int64_t>>(object, kSections[4], module) &&
         read_section<std::vector<double>>(object, kSections[5], module);
}

class Reader {
 public:
  explicit Reader(const Weights& weights) : weights_(weights) {}

  Status read_layers(const Json& description, nets::Network& network) {
    const Json* layers = member(description, "layers");
    if (layers == nullptr || !layers->IsArray() || layers->Empty()) return invalid("'layers'", "are missing");
    for (const Json& json : layers->GetArray()) {
      nets::Layer layer;
      const std::string where = fmt::format("layer {}", network.layers.size());
      const Json* module = json.IsObject() ? member(json, "module") : nullptr;
      if (module == nullptr || !read_member(json, "from", layer.from))
        return invalid(where, "does not say what it is and what feeds it ('module', 'from')");
      SAKER_ASSIGN(layer.module, read_module(*module, "", where, 0));
      network.layers.push_back(std::move(layer));
    }
    return {};
  }

 private:
  Result<Module> read_module(const Json& json, const std::string& parent, const std::string& where, std::size_t depth) {
    if (depth > kMaxDepth || ++count_ > kMaxNodes)
      return Error{ErrorCode::kLimit, fmt::format("the network's description has too many modules within each other, "
                                                  "at {}",
                                                  printable_name(where))};
    Module module;
    if (!json.IsObject() || !read_member(json, "name", module.name) || !read_member(json, "type", module.type))
      return invalid(where, "has a module without 'name' or 'type'");
    module.path = path_below(parent, module.name);
    module.class_path = module.type;
    if (const Json* path = member(json, "path"); path != nullptr && !read(*path, module.path))
      return invalid(where, "has a 'path' that is no text");
    if (const Json* of = member(json, "class"); of != nullptr && !read(*of, module.class_path))
      return invalid(where, "has a 'class' that is no text");
    if (!read_attributes(json, module))
      return invalid(module.describe(),
                     fmt::format("has an attribute of another type than its section ({})", fmt::join(kSections, ", ")));
    SAKER_TRY(take_weights(json, module));
    const Json* children = member(json, "children");
    if (children == nullptr) return module;
    if (!children->IsArray()) return invalid(module.describe(), "has 'children' that are no list");
    for (const Json& item : children->GetArray()) {
      SAKER_ASSIGN(Module child, read_module(item, module.path, module.describe(), depth + 1));
      module.children.push_back(std::move(child));
    }
    return module;
  }

  Status take_weights(const Json& json, Module& module) {
    const Json* names = member(json, "weights");
    if (names == nullptr) return {};
    if (!names->IsArray()) return invalid(module.describe(), "has 'weights' that are no list");
    for (const Json& item : names->GetArray()) {
      std::string name;
      if (!read(item, name)) return invalid(module.describe(), "has a weight without a name");
      const std::string full = weight_name(module, name);
      const auto found = weights_.find(full);
      if (found == weights_.end())
        return Error{ErrorCode::kInvalid,
                     fmt::format("the file lacks the weight '{}' of its network", printable_name(full))};
      module.weights.insert_or_assign(std::move(name), found->second);
    }
    return {};
  }

  const Weights& weights_;
  std::size_t count_ = 0;
};

// What concerns the network as a whole.
Status read_head_matter(const Json& description, nets::Network& network) {
  std::int64_t version = 0;
  if (!read_member(description, "version", version)) return invalid("'version'", "is missing");
  if (version != kVersion) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("the network's description is of version {}, this saker reads {}", version, kVersion)};
  }
  if (!read_member(description, "family", network.family) || !read_member(description, "name", network.name) ||
      !read_member(description, "classes", network.classes) || !read_member(description, "strides", network.strides))
    return invalid("'family', 'name', 'classes' or 'strides'", "is missing, or not what it should be");
  const Json *names = member(description, "names"), *metadata = member(description, "metadata");
  if (names == nullptr || !names->IsArray() || metadata == nullptr)
    return invalid("'names' or 'metadata'", "is missing");
  for (const Json& name : names->GetArray()) {
    if (!read(name, network.names.emplace_back())) return invalid("'names'", "has one that is no text");
  }
  const bool texts = each_member(
      *metadata, [&](std::string key, const Json& value) { return read(value, network.metadata[std::move(key)]); });
  return texts ? Status() : invalid("'metadata'", "has something that is no text");
}

// How it was trained for 8 bits, where it was. `weights` has the ranges.
Status read_observed(const Json& description, const Weights& weights, nets::Network& network) {
  const Json* json = member(description, kObserved);
  if (json == nullptr) return {};
  ObservedRanges observed;
  std::string scales;
  if (!json->IsObject() || !read_member(*json, kObservedScales, scales) ||
      !read_member(*json, kSymmetric, observed.symmetric) || !read_member(*json, kObservedConvs, observed.convs))
    return invalid("'eight_bits'", "does not say 'scales', 'symmetric' and 'convolutions'");
  const auto known = std::ranges::find(kScales, scales);
  if (known == kScales.end())
    return invalid("'eight_bits'", fmt::format("has other 'scales' than {}", fmt::join(kScales, ", ")));
  observed.scales = static_cast<StoredScales>(known - kScales.begin());
  for (auto at = weights.lower_bound(kRangesPrefix); at != weights.end() && at->first.starts_with(kRangesPrefix); ++at)
    observed.of_values.emplace(at->first.substr(kRangesPrefix.size()), at->second);
  network.observed = std::move(observed);
  return {};
}

void put_observed(JsonWriter& json, const ObservedRanges& observed) {
  json.Key(kObserved);
  json.StartObject();
  json.Key(kObservedScales);
  json.String(kScales[static_cast<std::size_t>(observed.scales)]);
  json.Key(kSymmetric);
  put(json, observed.symmetric);
  json.Key(kObservedConvs);
  put(json, observed.convs);
  json.EndObject();
}

}  // namespace

std::string weight_name(const Module& module, std::string_view weight) {
  return path_below(module.path, std::string(weight));
}

Result<std::string> describe_network(const nets::Network& network) {
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  const auto add = [&](const char* key, const auto& value) {
    json.Key(key);
    put(json, value);
  };
  add("version", kVersion);
  add("family", network.family);
  add("name", network.name);
  add("classes", network.classes);
  add("strides", network.strides);
  add("names", network.names);
  json.Key("metadata");
  json.StartObject();
  for (const auto& [key, text] : network.metadata) {
    put_key(json, key);
    put_text(json, text);
  }
  json.EndObject();
  if (network.observed) put_observed(json, *network.observed);
  json.Key("layers");
  json.StartArray();
  for (const nets::Layer& layer : network.layers) {
    json.StartObject();
    add("from", layer.from);
    json.Key("module");
    SAKER_TRY(put_module(json, layer.module, layer.module.name, 0));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

Result<nets::Network> described_network(const std::string& description, const Weights& weights) {
  rapidjson::Document json;
  json.Parse<kParseFlags>(description.data(), description.size());
  if (json.HasParseError() || !json.IsObject()) {
    return invalid("the whole",
                   fmt::format("is no JSON object, from byte {} on: {}", json.GetErrorOffset(),
                               json.HasParseError() ? rapidjson::GetParseError_En(json.GetParseError()) : "no object"));
  }
  nets::Network network;
  SAKER_TRY(read_head_matter(json, network));
  SAKER_TRY(read_observed(json, weights, network));
  SAKER_TRY(Reader(weights).read_layers(json, network));
  return network;
}

}  // namespace saker::pt
