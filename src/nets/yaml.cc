// Model files of YOLOv5 and Ultralytics (https://docs.ultralytics.com/guides/model-yaml-config/): `backbone` and `head`
// list the layers, each as [from, repeats, module, arguments].
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "base/try.h"
#include "nets/description.h"
#include "nets/graph_builder.h"

namespace saker::nets {
namespace {

// The largest of the frameworks' own has 70 lines.
constexpr std::size_t kMaxBytes = std::size_t{1} << 20, kMaxItems = 64;
constexpr double kMaxFactor = 100;

class YamlReader {
 public:
  explicit YamlReader(const std::string& path) {
    description_.source = path;
    description_.name = std::filesystem::path(path).stem().string();
  }

  // May throw what yaml-cpp throws.
  Result<Description> read(const YAML::Node& root) {
    if (!root.IsMap() || !root["backbone"] || !root["head"])
      return error(root, "not a model file of YOLOv5 or Ultralytics (a map with `backbone` and `head`)");
    for (const char* key : {"ch", "channels"}) {
      if (root[key] && word_of(root[key]) != "3") return error(root[key], "only pictures of 3 channels are known");
    }
    SAKER_TRY(read_factors(root));
    if (root["activation"]) description_.activation = word_of(root["activation"]);
    SAKER_TRY(read_head_options(root));
    for (const char* part : {"backbone", "head"}) SAKER_TRY(read_rows(root[part], part));
    return std::move(description_);
  }

 private:
  Error error(const YAML::Node& at, const std::string& what) const {
    const int line = at.IsDefined() && !at.Mark().is_null() ? at.Mark().line + 1 : 1;
    return {ErrorCode::kInvalid, fmt::format("{}:{}: {}", description_.source, line, what)};
  }

  static std::string word_of(const YAML::Node& node) {
    if (node.IsNull()) return "None";
    return node.IsScalar() ? node.Scalar() : std::string();
  }

  Result<double> number(const YAML::Node& node, const char* what, double low, double high) const {
    const std::optional<double> value = parse_number(word_of(node));
    if (value && *value >= low && *value <= high) return *value;
    return error(node, fmt::format("`{}` is not a number of {} to {}", what, low, high));
  }

  // depth_multiple and width_multiple, or the row of `scales` that the file's name tells.
  Status read_factors(const YAML::Node& root) {
    if (root["scales"]) return read_scale(root);
    for (const auto& [key, to] :
         {std::pair("depth_multiple", &description_.depth), {"width_multiple", &description_.width}}) {
      if (!root[key]) continue;
      SAKER_ASSIGN(*to, number(root[key], key, 0.001, kMaxFactor));
    }
    return {};
  }

  // The letter in the file's name; else `scale`, which the frameworks add when they have read it; else the first.
  Status read_scale(const YAML::Node& root) {
    const YAML::Node scales = root["scales"];
    if (!scales.IsMap() || scales.size() == 0) return error(scales, "`scales` is not a map");
    std::string chosen = scale_in_name();
    if (chosen.empty() && root["scale"]) chosen = word_of(root["scale"]);
    if (chosen.empty()) chosen = word_of(scales.begin()->first);
    const YAML::Node row = scales[chosen];
    if (!row || !row.IsSequence() || row.size() != 3 || chosen.size() != 1)
      return error(scales, fmt::format("`scales` has no '{}: [depth, width, channels]'", printable_name(chosen)));
    description_.scale = chosen[0];
    SAKER_ASSIGN(description_.depth, number(row[0], "scales", 0.001, kMaxFactor));
    SAKER_ASSIGN(description_.width, number(row[1], "scales", 0.001, kMaxFactor));
    SAKER_ASSIGN(const double channels, number(row[2], "scales", 1, static_cast<double>(kMaxChannels)));
    description_.max_channels = static_cast<std::int64_t>(channels);
    return {};
  }

  // The letter behind the version: "n" of yolov8n.yaml and yolov8n-p2.yaml.
  std::string scale_in_name() const {
    const std::string stem = lower_case(description_.name);
    std::size_t at = stem.find("yolo");
    if (at == std::string::npos) return {};
    at += 4;
    if (stem.compare(at, 2, "e-") == 0) at += 2;
    if (at < stem.size() && stem[at] == 'v') ++at;
    const std::size_t letter = stem.find_first_not_of("0123456789", at);
    if (letter == at || letter == std::string::npos) return {};
    return std::string_view("nsmlx").find(stem[letter]) == std::string_view::npos ? "" : stem.substr(letter, 1);
  }

  Status read_head_options(const YAML::Node& root) {
    if (root["reg_max"]) {
      SAKER_ASSIGN(const double lengths, number(root["reg_max"], "reg_max", 1, 256));
      description_.reg_max = static_cast<std::int64_t>(lengths);
    }
    description_.end_to_end = root["end2end"] && lower_case(word_of(root["end2end"])) == "true";
    const YAML::Node anchors = root["anchors"];
    if (!anchors || anchors.IsNull()) return {};
    if (anchors.IsScalar()) {
      SAKER_ASSIGN(const double count, number(anchors, "anchors", 1, kMaxItems));
      description_.anchors_of_level = static_cast<std::int64_t>(count);
      return {};
    }
    if (!anchors.IsSequence() || anchors.size() > kMaxItems) return error(anchors, "`anchors` is not a short list");
    for (std::size_t level = 0; level < anchors.size(); ++level) SAKER_TRY(read_level(anchors[level]));
    return {};
  }

  Status read_level(const YAML::Node& sides) {
    if (!sides.IsSequence() || sides.size() > kMaxItems)
      return error(sides, "a level of `anchors` is not a short list of widths and heights");
    for (std::size_t i = 0; i < sides.size(); ++i) {
      SAKER_ASSIGN(const double side, number(sides[i], "anchors", 0, 1e6));
      description_.anchors.push_back(static_cast<float>(side));
    }
    return {};
  }

  Status read_rows(const YAML::Node& rows, const char* part) {
    if (!rows.IsSequence()) return error(rows, fmt::format("`{}` is not a list of layers", part));
    if (rows.size() + description_.rows.size() > kMaxRows)
      return error(rows, fmt::format("more than {} layers", kMaxRows));
    for (std::size_t i = 0; i < rows.size(); ++i) SAKER_TRY(read_row(rows[i]));
    return {};
  }

  Status read_row(const YAML::Node& node) {
    if (!node.IsSequence() || node.size() != 4 || !node[2].IsScalar() || !node[3].IsSequence())
      return error(node, "a layer is not [from, repeats, module, [arguments]]");
    Row row;
    row.line = node.Mark().line + 1;
    SAKER_ASSIGN(const Argument from, argument_of(node[0]));
    for (const std::string& word : from) {
      const std::optional<std::int64_t> at = parse_whole(word);
      if (!at) return error(node, fmt::format("'{}' is no number of a layer", printable_name(word)));
      row.from.push_back(*at);
    }
    SAKER_ASSIGN(const double repeats, number(node[1], "repeats", 1, 1000));
    row.repeats = static_cast<std::int64_t>(repeats);
    row.type = node[2].Scalar();
    for (const std::string_view package : {"torch.", "nn."}) {
      if (row.type.starts_with(package)) row.type.erase(0, package.size());
    }
    if (node[3].size() > kMaxItems) return error(node, fmt::format("more than {} arguments", kMaxItems));
    for (std::size_t i = 0; i < node[3].size(); ++i) {
      SAKER_ASSIGN(Argument argument, argument_of(node[3][i]));
      row.arguments.push_back(std::move(argument));
    }
    description_.rows.push_back(std::move(row));
    return {};
  }

  Result<Argument> argument_of(const YAML::Node& node) const {
    if (!node.IsSequence()) return Argument{word_of(node)};
    if (node.size() > kMaxItems) return error(node, fmt::format("a list of more than {}", kMaxItems));
    Argument words;
    for (std::size_t i = 0; i < node.size(); ++i) words.push_back(word_of(node[i]));
    return words;
  }

  Description description_;
};

}  // namespace

Result<Network> network_from_yaml(std::string_view text, const std::string& path, const FamilyOptions& options) {
  if (text.size() > kMaxBytes)
    return Error{ErrorCode::kLimit, fmt::format("{}: larger than {} bytes, which no model file is", path, kMaxBytes)};
  Description description;
  try {
    SAKER_ASSIGN(description, YamlReader(path).read(YAML::Load(std::string(text))));
  } catch (const YAML::Exception& problem) {
    return Error{ErrorCode::kInvalid, fmt::format("{}: {}", path, problem.what())};
  }
  SAKER_ASSIGN(Network network, make_network(description, options));
  // Layers may not fit each other in ways that only running them shows.
  if (const auto graph = make_graph(network); !graph.ok()) return graph.error().with_context(path);
  return network;
}

}  // namespace saker::nets
