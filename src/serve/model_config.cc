#include "serve/model_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include "base/nearest.h"
#include "base/text.h"
#include "base/try.h"
#include "detect/class_choice.h"
#include "tracking/yaml_file.h"

namespace saker::serve {
namespace {

using tracking::YamlEntry;
using tracking::YamlFile;

constexpr double kLongest = 3.6e6;  // ms: an hour
constexpr std::size_t kMostWords = 100'000;

Duration milliseconds(double ms) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(ms));
}

class Reader {
 public:
  Reader(const YamlFile& file, ModelConfig& config) : file_(file), config_(config) {}

  Status read() {
    SAKER_ASSIGN(const std::vector<YamlEntry> entries, file_.entries(file_.root()));
    for (const YamlEntry& entry : entries) SAKER_TRY(take(entry));
    if (!classes_) return {};
    const auto ids = resolve_classes(wanted_, config_.options.spec.labels);
    if (!ids.ok()) {
      return file_.error(classes_->line,
                         fmt::format("`classes`: {}{}", ids.error().message,
                                     config_.options.spec.labels.empty() ? "\nnames need `labels` in this file" : ""));
    }
    config_.options.boxes.classes = *ids;
    return {};
  }

 private:
  struct Key {
    std::string_view name;
    Status (Reader::*take)(const YamlEntry&);
  };

  Status take(const YamlEntry& entry) {
    static constexpr std::array kKeys = {Key{"max_batch", &Reader::max_batch},
                                         Key{"max_delay_ms", &Reader::max_delay},
                                         Key{"max_queue", &Reader::max_queue},
                                         Key{"timeout_ms", &Reader::timeout},
                                         Key{"weight", &Reader::weight},
                                         Key{"conf", &Reader::conf},
                                         Key{"iou", &Reader::iou},
                                         Key{"max_det", &Reader::max_det},
                                         Key{"classes", &Reader::classes},
                                         Key{"labels", &Reader::labels},
                                         Key{"imgsz", &Reader::imgsz},
                                         Key{"backend", &Reader::backend},
                                         Key{"precision", &Reader::precision},
                                         Key{"version_policy", &Reader::version_policy}};
    const auto found = std::ranges::find(kKeys, std::string_view(entry.key), &Key::name);
    if (found != kKeys.end()) return (this->*found->take)(entry);
    std::vector<std::string> names;
    for (const Key& key : kKeys) names.emplace_back(key.name);
    const auto near = nearest(entry.key, names);
    return file_.error(entry.line,
                       fmt::format("there is no `{}`{}; there are {}", printable_name(entry.key),
                                   near ? fmt::format(" (did you mean `{}`?)", *near) : "", fmt::join(names, ", ")));
  }

  Result<int> whole(const YamlEntry& entry, int low, int high) {
    SAKER_ASSIGN(const double value, file_.number(entry, low, high));
    if (value == std::floor(value)) return static_cast<int>(value);
    return file_.error(entry.line, fmt::format("`{}` is not a whole number", entry.key));
  }

  Result<std::string> word(const YamlEntry& entry) {
    if (entry.value.IsScalar() && !entry.value.Scalar().empty()) return entry.value.Scalar();
    return file_.error(entry.line, fmt::format("`{}` is not a word", entry.key));
  }

  Result<std::vector<std::string>> words(const YamlEntry& entry) {
    if (entry.value.IsScalar()) return split(entry.value.Scalar(), ',');
    std::vector<std::string> all;
    bool good = entry.value.IsSequence() && entry.value.size() <= kMostWords;
    for (std::size_t i = 0; good && i < entry.value.size(); ++i) {
      good = entry.value[i].IsScalar();
      if (good) all.push_back(entry.value[i].Scalar());
    }
    if (good) return all;
    return file_.error(entry.line, fmt::format("`{}` is not a list of names: write [a, b]", entry.key));
  }

  Status max_batch(const YamlEntry& entry) {
    SAKER_ASSIGN(config_.options.lane.max_batch, whole(entry, 1, 1024));
    return {};
  }
  Status max_delay(const YamlEntry& entry) {
    SAKER_ASSIGN(const double ms, file_.number(entry, 0, kLongest));
    config_.options.lane.max_delay = milliseconds(ms);
    return {};
  }
  Status max_queue(const YamlEntry& entry) {
    SAKER_ASSIGN(const int pictures, whole(entry, 1, 1'000'000));
    config_.options.lane.max_queue = static_cast<std::size_t>(pictures);
    return {};
  }
  Status timeout(const YamlEntry& entry) {
    SAKER_ASSIGN(const double ms, file_.number(entry, 0, kLongest));
    config_.options.lane.time_limit = ms > 0 ? std::optional(milliseconds(ms)) : std::nullopt;
    return {};
  }
  Status weight(const YamlEntry& entry) {
    SAKER_ASSIGN(config_.options.lane.weight, file_.number(entry, 0.001, 1000));
    return {};
  }
  Status conf(const YamlEntry& entry) {
    SAKER_ASSIGN(const double value, file_.number(entry, 0, 1));
    config_.options.boxes.conf = static_cast<float>(value);
    return {};
  }
  Status iou(const YamlEntry& entry) {
    SAKER_ASSIGN(const double value, file_.number(entry, 0, 1));
    config_.options.boxes.iou = static_cast<float>(value);
    return {};
  }
  Status max_det(const YamlEntry& entry) {
    SAKER_ASSIGN(config_.options.boxes.max_det, whole(entry, 1, 100'000));
    return {};
  }
  Status classes(const YamlEntry& entry) {
    SAKER_ASSIGN(wanted_, words(entry));
    classes_ = entry;
    return {};
  }
  Status labels(const YamlEntry& entry) {
    SAKER_ASSIGN(config_.options.spec.labels, words(entry));
    return {};
  }
  // A side, or height and width.
  Status imgsz(const YamlEntry& entry) {
    constexpr int kLargest = 8192;
    std::vector<int> sides;
    const bool list = entry.value.IsSequence() && entry.value.size() == 2;
    for (std::size_t i = 0; i < (list ? 2U : 1U); ++i) {
      SAKER_ASSIGN(const int side, whole({entry.key, list ? entry.value[i] : entry.value, entry.line}, 1, kLargest));
      sides.push_back(side);
    }
    config_.options.spec.height = sides.front(), config_.options.spec.width = sides.back();
    return {};
  }
  Status one_of(const YamlEntry& entry, std::string& target, const std::vector<std::string>& names) {
    SAKER_ASSIGN(const std::string value, word(entry));
    if (std::ranges::find(names, value) == names.end()) {
      return file_.error(entry.line, fmt::format("`{}` is {}, which is none of {}", entry.key, printable_name(value),
                                                 fmt::join(names, ", ")));
    }
    target = value;
    return {};
  }
  Status backend(const YamlEntry& entry) {
    return one_of(entry, config_.options.model.backend, {"auto", "saker", "onnxruntime", "openvino", "torchscript"});
  }
  Status precision(const YamlEntry& entry) {
    return one_of(entry, config_.options.session.precision, {"f32", "bf16", "f16", "auto"});
  }
  // latest, all, {latest: 2} or {specific: [1, 3]}.
  Status version_policy(const YamlEntry& entry) {
    std::string text;
    if (entry.value.IsScalar()) text = entry.value.Scalar();
    if (entry.value.IsMap() && entry.value.size() == 1) {
      SAKER_ASSIGN(const std::vector<YamlEntry> inside, file_.entries(entry.value));
      SAKER_ASSIGN(const std::vector<std::string> values, words(inside[0]));
      text = fmt::format("{}:{}", inside[0].key, fmt::join(values, ","));
    }
    const auto policy = parse_version_policy(text);
    if (!policy.ok()) return file_.error(entry.line, fmt::format("`version_policy`: {}", policy.error().message));
    config_.policy = *policy;
    return {};
  }

  const YamlFile& file_;
  ModelConfig& config_;
  std::vector<std::string> wanted_;
  std::optional<YamlEntry> classes_;
};

}  // namespace

Result<ModelConfig> read_model_config(const std::string& path, const ModelConfig& defaults) {
  SAKER_ASSIGN(const YamlFile file, YamlFile::read(path));
  ModelConfig config = defaults;
  SAKER_TRY(Reader(file, config).read());
  return config;
}

Result<VersionPolicy> parse_version_policy(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = trimmed(text.substr(0, colon));
  const bool alone = colon == std::string_view::npos;
  const std::vector<std::string> numbers = split(alone ? std::string_view() : text.substr(colon + 1), ',');
  VersionPolicy policy;
  for (std::size_t i = 0; !alone && i < numbers.size(); ++i) {
    const auto number = parse_whole(trimmed(numbers[i]));
    if (!number || *number < 1)
      return Error{ErrorCode::kInvalid,
                   fmt::format("{} is no version: they are numbers from 1", printable_name(numbers[i]))};
    policy.versions.push_back(*number);
  }
  constexpr std::int64_t kMost = 1000;
  if (kind == "all" && alone) {
    policy.kind = VersionPolicy::Kind::kAll;
  } else if (kind == "latest" && (alone || (policy.versions.size() == 1 && policy.versions[0] <= kMost))) {
    policy.latest = alone ? 1 : static_cast<int>(policy.versions[0]);
    policy.versions.clear();
  } else if (kind == "specific" && !alone) {
    policy.kind = VersionPolicy::Kind::kSpecific;
  } else {
    return Error{ErrorCode::kInvalid, fmt::format("{} is no policy: write latest, latest:2, all, or specific:1,3",
                                                  text.empty() ? "this" : printable_name(text))};
  }
  return policy;
}

std::string to_string(const VersionPolicy& policy) {
  switch (policy.kind) {
    case VersionPolicy::Kind::kAll:
      return "all";
    case VersionPolicy::Kind::kSpecific:
      return fmt::format("specific:{}", fmt::join(policy.versions, ","));
    case VersionPolicy::Kind::kLatest:
      break;
  }
  return policy.latest == 1 ? "latest" : fmt::format("latest:{}", policy.latest);
}

Result<std::set<std::int64_t>> choose_versions(const VersionPolicy& policy, const std::set<std::int64_t>& available) {
  const std::string there = available.empty() ? "it has none" : fmt::format("it has {}", fmt::join(available, ", "));
  if (policy.kind == VersionPolicy::Kind::kSpecific) {
    std::set<std::int64_t> chosen(policy.versions.begin(), policy.versions.end());
    for (const std::int64_t version : chosen) {
      if (!available.contains(version))
        return Error{ErrorCode::kNotFound,
                     fmt::format("there is no version {}, which its policy names; {}", version, there)};
    }
    return chosen;
  }
  if (available.empty())
    return Error{ErrorCode::kNotFound, "there are no versions: folders named 1, 2, ... with a model.onnx in them"};
  std::set<std::int64_t> chosen = available;
  const auto most = static_cast<std::size_t>(policy.latest);
  while (policy.kind == VersionPolicy::Kind::kLatest && chosen.size() > most) chosen.erase(chosen.begin());
  return chosen;
}

}  // namespace saker::serve
