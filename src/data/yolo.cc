// YOLO data sets: which pictures, from data.yaml or a folder, and their label files.
//
// As the frameworks do it (https://docs.ultralytics.com/datasets/detect/): `train`, `val` and `test` are folders, lists
// of folders or text files with a picture a line; the labels of a/images/b.jpg are in a/labels/b.txt; a picture without
// a label file shows nothing of interest.
#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <saker/image.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <exception>

#include "base/files.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "data/bad_entries.h"
#include "data/formats.h"
#include "data/yolo_labels.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxYamlBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxLabelBytes = std::size_t{16} << 20;

// What data.yaml says, or a folder shows.
struct YoloSet {
  fs::path file;                   // data.yaml or the folder, for messages
  std::vector<std::string> names;  // empty: as many classes as the labels use
  fs::path base;                   // that Dataset::folder is, unless there is a single folder of pictures
  std::vector<fs::path> sources;   // folders, lists (.txt) and pictures; they exist
};

std::string text_of_file(const FileBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data.get()), bytes.size};
}

// ---- data.yaml ----

Error yaml_error(const fs::path& file, std::string_view what) {
  return {ErrorCode::kInvalid, fmt::format("{}: {}", file.string(), what)};
}

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

// Paths are relative to `path`, and that to the file. Archives often hold another tree than their data.yaml says:
// `path` is somebody's own folder, or everything begins with a "../" too many (Roboflow), so what exists is taken.
Result<fs::path> find_source(const YoloSet& set, const fs::path& own_folder, const std::string& entry,
                             const std::string& split) {
  std::vector<fs::path> tried;
  for (const fs::path& base : {set.base, own_folder}) {
    std::vector<std::string> entries = {entry};
    if (entry.starts_with("../")) entries.push_back(entry.substr(3));
    for (const std::string& one : entries) {
      const fs::path path = (base / one).lexically_normal();
      if (fs::exists(path)) return path;
      if (std::ranges::find(tried, path) == tried.end()) tried.push_back(path);
    }
  }
  std::string list;
  for (const fs::path& path : tried) list += fmt::format("{}{}", list.empty() ? "" : ", ", path.string());
  return Error{ErrorCode::kNotFound,
               fmt::format("{}: `{}` is {}, but there is no {}", set.file.string(), split, entry, list)};
}

// May throw what yaml-cpp throws.
Status read_sources(YoloSet& set, const YAML::Node& root, const std::string& split) {
  const fs::path own_folder = set.file.has_parent_path() ? set.file.parent_path() : fs::path(".");
  set.base = own_folder;
  if (root["path"] && root["path"].IsScalar()) set.base = own_folder / root["path"].Scalar();
  const YAML::Node node = find_split(root, split);
  if (!node) return no_such_split(set.file, root, split);
  if (!node.IsScalar() && !node.IsSequence()) return yaml_error(set.file, fmt::format("`{}` is not a path", split));
  std::vector<std::string> entries;
  if (node.IsScalar()) entries.push_back(node.Scalar());
  for (std::size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
    if (!node[i].IsScalar()) return yaml_error(set.file, fmt::format("`{}` has an entry that is not a path", split));
    entries.push_back(node[i].Scalar());
  }
  if (entries.empty()) return yaml_error(set.file, fmt::format("`{}` is empty", split));
  for (const std::string& entry : entries) {
    SAKER_ASSIGN(fs::path source, find_source(set, own_folder, entry, split));
    set.sources.push_back(std::move(source));
  }
  if (!fs::is_directory(set.base)) set.base = own_folder;
  return {};
}

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

Result<YoloSet> parse_yaml(const std::string& path, const DatasetOptions& options) {
  SAKER_ASSIGN(const FileBytes bytes, read_named_file(path, kMaxYamlBytes));
  YoloSet set;
  set.file = path;
  try {
    const YAML::Node root = YAML::Load(text_of_file(bytes));
    if (!root.IsMap()) return yaml_error(set.file, "not a YOLO data.yaml (a map with `train`, `val` and `names`)");
    SAKER_TRY(read_names(set, root));
    if (options.images.empty()) SAKER_TRY(read_sources(set, root, options.split.empty() ? "val" : options.split));
  } catch (const YAML::Exception& problem) {
    return yaml_error(set.file, problem.what());
  }
  return set;
}

// ---- pictures ----

void list_folder(const fs::path& folder, std::vector<fs::path>& pictures) {
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
    if (entry.is_regular_file() && has_picture_extension(entry.path())) pictures.push_back(entry.path());
  }
}

// A picture a line; relative to the list's folder, or to the base, and below one of them.
Status list_file(const fs::path& list, const fs::path& base, BadEntries& bad, std::vector<fs::path>& pictures) {
  SAKER_ASSIGN(const FileBytes bytes, read_file(list.string(), kMaxListBytes));
  std::string_view text = without_byte_order_mark({reinterpret_cast<const char*>(bytes.data.get()), bytes.size});
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    const fs::path beside = (list.parent_path() / line).lexically_normal();
    const fs::path other = (base / line).lexically_normal();
    const fs::path& picture = !fs::exists(beside) && fs::exists(other) ? other : beside;
    const fs::path whole = fs::absolute(picture);
    if (lies_below(list.parent_path(), whole) || lies_below(base, whole)) {
      pictures.push_back(picture);
    } else {
      SAKER_TRY(bad.refuse(Error{ErrorCode::kInvalid,
                                 fmt::format("{}:{}: {} is outside {}", list.string(), number, line, base.string())}));
    }
  }
  return {};
}

Result<std::vector<fs::path>> list_pictures(const YoloSet& set, BadEntries& bad) {
  std::vector<fs::path> pictures;
  for (const fs::path& source : set.sources) {
    if (fs::is_directory(source)) {
      list_folder(source, pictures);
    } else if (has_picture_extension(source)) {
      pictures.push_back(source);
    } else {
      SAKER_TRY(list_file(source, set.base, bad, pictures));
    }
  }
  std::ranges::sort(pictures);
  pictures.erase(std::unique(pictures.begin(), pictures.end()), pictures.end());
  if (!pictures.empty()) return pictures;
  return Error{ErrorCode::kNotFound, fmt::format("{}: no pictures (.jpg, .png, .webp, .bmp, .ppm) in {}",
                                                 set.file.string(), set.sources.front().string())};
}

// ---- the dataset ----

class YoloReader {
 public:
  YoloReader(const YoloSet& set, const std::string& path, const DatasetOptions& options) : set_(set), bad_(options) {
    dataset_.path = path;
    const bool one_folder = set.sources.size() == 1 && fs::is_directory(set.sources.front());
    dataset_.folder = (one_folder ? set.sources.front() : set.base).lexically_normal().string();
  }

  Result<Dataset> read() {
    SAKER_ASSIGN(const std::vector<fs::path> pictures, list_pictures(set_, bad_));
    for (const fs::path& picture : pictures) SAKER_TRY(take_picture(picture));
    if (label_files_ == 0) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("{}: none of the {} pictures has a label file; that of the first would be {}",
                               dataset_.path, pictures.size(), yolo_label_file(pictures.front()).string())};
    }
    number_pictures(dataset_.pictures);
    name_categories();
    dataset_.skipped = bad_.skipped();
    return std::move(dataset_);
  }

 private:
  Status take_picture(const fs::path& path) {
    const auto size = read_image_size(path.string());
    if (!size.ok()) return bad_.refuse(size.error());
    const fs::path relative = path.lexically_relative(dataset_.folder);
    const bool inside = !relative.empty() && *relative.begin() != "..";
    dataset_.pictures.push_back({0, (inside ? relative : fs::absolute(path)).string(), size->width, size->height});

    const fs::path labels = yolo_label_file(path);
    if (!fs::exists(labels)) return {};
    ++label_files_;
    auto bytes = read_file(labels.string(), kMaxLabelBytes);
    if (!bytes.ok()) return bad_.refuse(bytes.error());
    SAKER_ASSIGN(const std::vector<LabelBox> boxes,
                 parse_yolo_labels(text_of_file(*bytes), labels.string(), set_.names.size(), bad_));
    for (const LabelBox& box : boxes) add(box, *size);
    return {};
  }

  void add(const LabelBox& box, const ImageSize& size) {
    Annotation annotation;
    annotation.id = static_cast<std::int64_t>(dataset_.annotations.size()) + 1;
    annotation.picture = static_cast<std::int32_t>(dataset_.pictures.size()) - 1;
    annotation.category = box.category;
    annotation.w = box.w * size.width;
    annotation.h = box.h * size.height;
    annotation.x = (box.cx - box.w / 2) * size.width;
    annotation.y = (box.cy - box.h / 2) * size.height;
    annotation.area = annotation.w * annotation.h;
    dataset_.annotations.push_back(annotation);
    classes_ = std::max(classes_, static_cast<std::size_t>(box.category) + 1);
  }

  void name_categories() {
    const std::size_t count = set_.names.empty() ? classes_ : set_.names.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = set_.names.empty() ? std::to_string(i) : set_.names[i];
      dataset_.categories.push_back({static_cast<std::int64_t>(i), name, ""});
    }
  }

  const YoloSet& set_;
  BadEntries bad_;
  Dataset dataset_;
  std::size_t label_files_ = 0, classes_ = 0;
};

Result<Dataset> read_set(YoloSet set, const std::string& path, const DatasetOptions& options) {
  if (!options.images.empty()) {
    if (!fs::is_directory(options.images)) {
      return Error{ErrorCode::kNotFound, options.images + ": no such folder of pictures"};
    }
    set.sources = {options.images};
  }
  return YoloReader(set, path, options).read();
}

}  // namespace

fs::path yolo_label_file(const fs::path& picture) {
  const fs::path beside = fs::path(picture).replace_extension(".txt");
  std::error_code ignored;
  const fs::path whole = fs::absolute(beside, ignored).lexically_normal();
  std::vector<fs::path> parts(whole.begin(), whole.end());
  const auto last = std::find(parts.rbegin(), parts.rend(), fs::path("images"));
  if (last == parts.rend()) return beside;
  *last = "labels";
  fs::path labels;
  for (const fs::path& part : parts) labels /= part;
  return fs::exists(labels, ignored) || !fs::exists(beside, ignored) ? labels : beside;
}

Result<Dataset> read_yolo_yaml(const std::string& path, const DatasetOptions& options) {
  SAKER_ASSIGN(YoloSet set, parse_yaml(path, options));
  return read_set(std::move(set), path, options);
}

Result<Dataset> read_yolo_folder(const std::string& path, const DatasetOptions& options) {
  YoloSet set;
  set.file = set.base = path;
  set.sources = {set.base / "images"};
  for (const fs::path& names : {set.base / "classes.txt", set.base / "labels" / "classes.txt"}) {
    if (!fs::exists(names)) continue;
    SAKER_ASSIGN(set.names, read_labels(names.string()));
    break;
  }
  return read_set(std::move(set), path, options);
}

}  // namespace saker
