// Class labels: COCO's, text files, data.yaml, and the Python repr in Ultralytics' metadata.
#include "detect/labels.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>
#include <map>

#include "base/files.h"
#include "base/python_names.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"

namespace saker {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxReprBytes = std::size_t{1} << 20;

std::vector<std::string> from_map(const LabelMap& map) {
  std::vector<std::string> labels;
  if (!map.empty()) pad_labels(labels, static_cast<std::size_t>(map.rbegin()->first) + 1);
  for (const auto& [id, name] : map) labels[static_cast<std::size_t>(id)] = name;
  return labels;
}

Result<std::vector<std::string>> parse_lines(std::string_view text, const std::string& path) {
  text = without_byte_order_mark(text);
  std::vector<std::string> labels;
  std::size_t empty_line = 0;  // 1-based; an empty line is an error only if a label follows
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      if (empty_line == 0) empty_line = number;
      continue;
    }
    if (empty_line != 0) {
      return Error{ErrorCode::kInvalid, fmt::format("{}: line {} is empty; every line is one label and its number is "
                                                    "the class",
                                                    path, empty_line)};
    }
    if (labels.size() == static_cast<std::size_t>(kMaxLabels)) {
      return Error{ErrorCode::kLimit, fmt::format("{}: more than {} labels", path, kMaxLabels)};
    }
    labels.push_back(one_line(line));
  }
  if (labels.empty()) return Error{ErrorCode::kInvalid, path + ": no labels"};
  return labels;
}

Error yaml_error(const std::string& path, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("{}: {}", path, what)};
}

// May throw what yaml-cpp throws.
Result<std::vector<std::string>> parse_yaml_names(const std::string& text, const std::string& path) {
  const YAML::Node root = YAML::Load(text);
  if (!root.IsMap() || !root["names"]) return yaml_error(path, "no `names` (a list of labels, or a map from id)");
  const YAML::Node names = root["names"];
  if (!names.IsMap() && !names.IsSequence()) return yaml_error(path, "`names` is neither a list nor a map");
  if (names.size() == 0) return yaml_error(path, "`names` is empty");
  if (names.size() > static_cast<std::size_t>(kMaxLabels)) {
    return Error{ErrorCode::kLimit, fmt::format("{}: more than {} labels", path, kMaxLabels)};
  }
  LabelMap labels;
  int next = 0;
  for (const auto& item : names) {
    int id = next++;
    const YAML::Node& name = names.IsMap() ? item.second : static_cast<const YAML::Node&>(item);
    if (names.IsMap() && !(item.first.IsScalar() && parse_class_id(item.first.Scalar(), id))) {
      return yaml_error(path, fmt::format("a key of `names` is not a class number below {}", kMaxLabels));
    }
    if (!name.IsScalar()) return yaml_error(path, fmt::format("the name of class {} is not a text", id));
    labels[id] = one_line(name.Scalar());
  }
  return from_map(labels);
}

bool is_yaml(const std::string& path) {
  const std::string extension = lower_extension(path);
  return extension == ".yaml" || extension == ".yml";
}

}  // namespace

void pad_labels(std::vector<std::string>& labels, std::size_t count) {
  while (labels.size() < count) labels.push_back(std::to_string(labels.size()));
}

Result<std::vector<std::string>> parse_python_names(std::string_view text) {
  if (text.size() > kMaxReprBytes) {
    return Error{ErrorCode::kLimit, fmt::format("the model's names take {} bytes", text.size())};
  }
  const auto labels = read_python_names(text);
  if (!labels) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("the model's names are not a Python dict or list of strings, with keys from 0 to {}",
                             kMaxLabels - 1)};
  }
  return from_map(*labels);
}

Result<std::vector<std::string>> labels_of(const Model& model) {
  const auto names = model.metadata().find("names");
  if (names == model.metadata().end()) return std::vector<std::string>();
  return parse_python_names(names->second);
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kMaxFileBytes));
  const std::string text(reinterpret_cast<const char*>(bytes.data.get()), bytes.size);
  if (!is_yaml(path)) return parse_lines(text, path);
  try {
    return parse_yaml_names(text, path);
  } catch (const std::exception& problem) {
    return yaml_error(path, problem.what());
  }
}

const std::vector<std::string>& coco80_labels() {
  static const std::vector<std::string> kLabels = {
      "person",         "bicycle",    "car",           "motorcycle",    "airplane",     "bus",           "train",
      "truck",          "boat",       "traffic light", "fire hydrant",  "stop sign",    "parking meter", "bench",
      "bird",           "cat",        "dog",           "horse",         "sheep",        "cow",           "elephant",
      "bear",           "zebra",      "giraffe",       "backpack",      "umbrella",     "handbag",       "tie",
      "suitcase",       "frisbee",    "skis",          "snowboard",     "sports ball",  "kite",          "baseball bat",
      "baseball glove", "skateboard", "surfboard",     "tennis racket", "bottle",       "wine glass",    "cup",
      "fork",           "knife",      "spoon",         "bowl",          "banana",       "apple",         "sandwich",
      "orange",         "broccoli",   "carrot",        "hot dog",       "pizza",        "donut",         "cake",
      "chair",          "couch",      "potted plant",  "bed",           "dining table", "toilet",        "tv",
      "laptop",         "mouse",      "remote",        "keyboard",      "cell phone",   "microwave",     "oven",
      "toaster",        "sink",       "refrigerator",  "book",          "clock",        "vase",          "scissors",
      "teddy bear",     "hair drier", "toothbrush"};
  return kLabels;
}

}  // namespace saker
