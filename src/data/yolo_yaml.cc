// As the frameworks read it (https://docs.ultralytics.com/datasets/detect/): `train`, `val` and `test` are folders,
// lists of folders or text files with a picture a line, relative to `path`, and that to the file. Archives often hold
// another tree than their data.yaml says, so what exists is taken: `path` is somebody's own folder, everything begins
// with a
// "../" too many (Roboflow), or the paths are those of another machine, whose longest end that is here counts.
#include "data/yolo_yaml.h"

#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/try.h"
#include "data/file_search.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20;
constexpr int kMaxPoints = 1000;

Error yaml_error(const fs::path& file, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("{}: {}", file.string(), what)};
}

// ---- paths ----

bool is_absolute(std::string_view path) {
  return path.starts_with("/") || path.starts_with("\\") || (path.size() > 1 && path[1] == ':');
}

// The parts of a split, as YAML has them; they may be wrong.
class SplitPaths {
 public:
  SplitPaths(const fs::path& file, const YAML::Node& root)
      : own_(file.has_parent_path() ? file.parent_path() : fs::path(".")), file_(file) {
    if (root["path"] && root["path"].IsScalar()) stated_ = root["path"].Scalar();
    base_ = own_ / stated_;
    std::error_code ignored;
    if (!fs::is_directory(base_, ignored)) base_ = own_ / with_slashes(stated_);
  }

  const fs::path& own_folder() const { return own_; }
  const fs::path& base() const { return base_; }

  // What the entry stands for; empty: nothing. Those that were tried go to `tried`.
  fs::path as_written(const std::string& entry, std::vector<fs::path>& tried) const {
    for (const fs::path& base : {base_, own_}) {
      std::vector<std::string> entries = {entry};
      if (const std::string other = with_slashes(entry); other != entry) entries.push_back(other);
      if (entries.back().starts_with("../")) entries.push_back(entries.back().substr(3));
      for (const std::string& one : entries) {
        fs::path path = (base / one).lexically_normal();
        std::error_code ignored;
        if (fs::exists(path, ignored)) return path;
        if (std::ranges::find(tried, path) == tried.end()) tried.push_back(std::move(path));
      }
    }
    return {};
  }

  // By the end of the path: below the folder of the file, or with two parts or more below the folder around it.
  Result<fs::path> by_end(const std::string& entry, const std::string& split) const {
    const std::string whole = is_absolute(entry) ? entry : stated_ + "/" + entry;
    const fs::path around = own_ / "..";
    const std::string inner = existing_tail(own_, whole), outer = existing_tail(around, whole, 2);
    const fs::path near = (own_ / inner).lexically_normal(), far = (around / outer).lexically_normal();
    if (inner.empty()) return outer.empty() ? fs::path() : far;
    const std::size_t inner_parts = count_parts(inner), outer_parts = count_parts(outer);
    std::error_code ignored;
    if (outer_parts > inner_parts || outer.empty()) return outer.empty() ? near : far;
    if (outer_parts < inner_parts || fs::equivalent(near, far, ignored)) return near;
    return yaml_error(file_,
                      fmt::format("`{}` is {}, which may be {} or {}", split, entry, near.string(), far.string()));
  }

 private:
  fs::path own_, base_, file_;
  std::string stated_;  // `path`
};

// The key in data.yaml that holds a split: Roboflow calls its folder "valid", others write "validation".
YAML::Node find_split(const YAML::Node& root, const std::string& split) {
  std::vector<std::string> keys = {split};
  if (split == "val" || split == "valid" || split == "validation") keys = {"val", "valid", "validation"};
  for (const std::string& key : keys) {
    if (root[key] && !root[key].IsNull()) return root[key];
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

Error no_such_split(const fs::path& file, const YAML::Node& root, const std::string& split) {
  std::string known;
  for (const char* key : {"train", "val", "test"}) {
    if (find_split(root, key)) known += fmt::format("{}{}", known.empty() ? "" : ", ", key);
  }
  return yaml_error(file, fmt::format("no `{}`{}", split, known.empty() ? "" : "; it has " + known));
}

Result<std::vector<std::string>> split_entries(const fs::path& file, const YAML::Node& root, const std::string& split) {
  const YAML::Node node = find_split(root, split);
  if (!node) return no_such_split(file, root, split);
  if (!node.IsScalar() && !node.IsSequence()) return yaml_error(file, fmt::format("`{}` is not a path", split));
  std::vector<std::string> entries;
  if (node.IsScalar()) entries.push_back(node.Scalar());
  for (std::size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    if (!node[i].IsScalar()) return yaml_error(file, fmt::format("`{}` has an entry that is not a path", split));
    entries.push_back(node[i].Scalar());
  }
  if (entries.empty()) return yaml_error(file, fmt::format("`{}` is empty", split));
  return entries;
}

// Error: another entry, of this split or of another, would be the same folder by its end.
Status check_only_one(const YoloSet& set, const SplitPaths& paths, const YAML::Node& root, const std::string& split,
                      const std::string& entry, const fs::path& found) {
  for (const std::string other : {"train", "val", "test"}) {
    const auto entries = split_entries(set.file, root, other);
    if (!entries.ok()) continue;
    for (const std::string& one : *entries) {
      if (one == entry) continue;
      std::vector<fs::path> ignored;
      fs::path same = paths.as_written(one, ignored);
      if (same.empty()) {
        auto by_end = paths.by_end(one, other);
        if (by_end.ok()) same = std::move(*by_end);
      }
      std::error_code none;
      if (!same.empty() && fs::equivalent(same, found, none))
        return yaml_error(set.file, fmt::format("`{}` is {} and `{}` is {}; neither is there, and {} could be either",
                                                split, entry, other, one, found.string()));
    }
  }
  return {};
}

Result<fs::path> find_source(YoloSet& set, const SplitPaths& paths, const YAML::Node& root, const std::string& entry,
                             const std::string& split) {
  std::vector<fs::path> tried;
  fs::path found = paths.as_written(entry, tried);
  if (!found.empty()) return found;
  SAKER_ASSIGN(found, paths.by_end(entry, split));
  if (!found.empty()) {
    SAKER_TRY(check_only_one(set, paths, root, split, entry, found));
    set.notes.push_back(fmt::format("{}: `{}` is {}, which is not there; {} is taken for it", set.file.string(), split,
                                    entry, found.string()));
    return found;
  }
  std::string list;
  for (const fs::path& path : tried) list += fmt::format("{}{}", list.empty() ? "" : ", ", path.string());
  return Error{ErrorCode::kNotFound, fmt::format("{}: `{}` is {}, but there is no {}, and no end of that path in {}",
                                                 set.file.string(), split, entry, list, paths.own_folder().string())};
}

// May throw what yaml-cpp throws.
Status read_sources(YoloSet& set, const YAML::Node& root, const std::string& split) {
  const SplitPaths paths(set.file, root);
  set.base = paths.base();
  SAKER_ASSIGN(const std::vector<std::string> entries, split_entries(set.file, root, split));
  for (const std::string& entry : entries) {
    SAKER_ASSIGN(fs::path source, find_source(set, paths, root, entry, split));
    set.sources.push_back(std::move(source));
  }
  if (!fs::is_directory(set.base)) set.base = paths.own_folder();
  return {};
}

// ---- classes and keypoints ----

// `names`, or numbers if there is only `nc`. May throw what yaml-cpp throws.
Status read_names(YoloSet& set, const YAML::Node& root) {
  int count = 0;
  if (root["nc"] && (!root["nc"].IsScalar() || !YAML::convert<int>::decode(root["nc"], count) || count <= 0)) {
    return yaml_error(set.file, "`nc` is not a number of classes");
  }
  if (count > kMaxClasses) return yaml_error(set.file, fmt::format("`nc` is {}, more than {}", count, kMaxClasses));
  if (!root["names"] && count > 0) {
    for (int i = 0; i < count; ++i) set.names.push_back(std::to_string(i));
    return {};
  }
  SAKER_ASSIGN(set.names, read_labels(set.file.string()));
  const YAML::Node names = root["names"];
  if (names.IsMap() && names.size() != set.names.size()) {
    return yaml_error(set.file, fmt::format("`names` has {} classes, with keys up to {}; keys are counted from 0, "
                                            "without gaps",
                                            names.size(), set.names.size() - 1));
  }
  if (count > 0 && set.names.size() != static_cast<std::size_t>(count)) {
    return yaml_error(set.file, fmt::format("`nc` is {}, but `names` has {}", count, set.names.size()));
  }
  return {};
}

// Whole numbers of a sequence; empty where it is something else.
std::vector<int> whole_numbers(const YAML::Node& node) {
  std::vector<int> numbers;
  for (std::size_t i = 0; node.IsSequence() && i < node.size() && i <= kMaxPoints; ++i) {
    int number = 0;
    if (!node[i].IsScalar() || !YAML::convert<int>::decode(node[i], number)) return {};
    numbers.push_back(number);
  }
  return numbers;
}

// `kpt_shape` and `flip_idx`, which swaps the points of a mirrored picture. May throw what yaml-cpp throws.
Status read_keypoints(YoloSet& set, const YAML::Node& root) {
  if (!root["kpt_shape"] || root["kpt_shape"].IsNull()) return {};
  const std::vector<int> shape = whole_numbers(root["kpt_shape"]);
  if (shape.size() != 2 || shape[0] < 1 || shape[0] > kMaxPoints || shape[1] < 2 || shape[1] > 3) {
    return yaml_error(
        set.file, fmt::format("`kpt_shape` is not [points, 2 or 3], such as [17, 3]; at most {} points", kMaxPoints));
  }
  set.keypoints = {shape[0], shape[1]};
  if (!root["flip_idx"] || root["flip_idx"].IsNull()) return {};
  const std::vector<int> flip = whole_numbers(root["flip_idx"]);
  const bool inside = std::ranges::all_of(flip, [&](int point) { return point >= 0 && point < shape[0]; });
  const std::set<int> different(flip.begin(), flip.end());
  if (flip.size() == static_cast<std::size_t>(shape[0]) && inside && different.size() == flip.size()) return {};
  return yaml_error(set.file, fmt::format("`flip_idx` is not a permutation of the {} points of `kpt_shape`", shape[0]));
}

}  // namespace

Result<YoloSet> read_yolo_set(const std::string& path, const DatasetOptions& options) {
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kMaxYamlBytes));
  YoloSet set;
  set.file = path;
  try {
    const YAML::Node root = YAML::Load(std::string(reinterpret_cast<const char*>(bytes.data.get()), bytes.size));
    if (!root.IsMap()) return yaml_error(set.file, "not a YOLO data.yaml (a map with `train`, `val` and `names`)");
    SAKER_TRY(read_names(set, root));
    SAKER_TRY(read_keypoints(set, root));
    if (options.images.empty()) SAKER_TRY(read_sources(set, root, options.split.empty() ? "val" : options.split));
  } catch (const YAML::Exception& problem) {
    return yaml_error(set.file, problem.what());
  }
  return set;
}

}  // namespace saker
