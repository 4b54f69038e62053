// A YOLO data set out: pictures, label files and data.yaml.
#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/try.h"
#include "data/writers.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSplits = {"train", "val", "test"};

// Inside the new folder, whatever the dataset says: absolute and climbing paths keep their last part.
fs::path safe_name(const Picture& picture) {
  const fs::path path = fs::path(picture.file).lexically_normal();
  if (path.is_absolute() || path.empty() || *path.begin() == "..") return path.filename();
  return path;
}

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Category& category : dataset.categories) names.push_back(category.name);
  return names;
}

Status check_options(const Dataset& dataset, const YoloWriteOptions& options) {
  if (std::ranges::find(kSplits, options.split) == kSplits.end()) {
    return Error{ErrorCode::kInvalid, fmt::format("\"{}\" is not a split: train, val or test", options.split)};
  }
  std::set<fs::path> names;
  for (const Picture& picture : dataset.pictures) {
    if (picture.width <= 0 || picture.height <= 0) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{}: the size of picture {} ({}) is not known", dataset.path, picture.id, picture.file)};
    }
    if (!names.insert(safe_name(picture).replace_extension()).second || safe_name(picture).empty()) {
      return Error{ErrorCode::kInvalid, fmt::format("{}: the name \"{}\" of picture {} is empty or stands for another "
                                                    "picture too; they would share a label file",
                                                    dataset.path, picture.file, picture.id)};
    }
  }
  return {};
}

Status check_folder(const Dataset& dataset, const fs::path& folder, const YoloWriteOptions& options) {
  for (const char* part : {"images", "labels"}) {
    const fs::path path = folder / part / options.split;
    if (fs::exists(path)) return Error{ErrorCode::kIo, path.string() + ": is there already"};
  }
  const fs::path yaml = folder / "data.yaml";
  if (!fs::exists(yaml)) return {};
  SAKER_ASSIGN(const auto names, read_labels(yaml.string()));
  if (names == names_of(dataset)) return {};
  return Error{ErrorCode::kInvalid, yaml.string() + ": has other `names`, so the same number would mean another class"};
}

class YoloWriter {
 public:
  YoloWriter(const Dataset& dataset, const fs::path& folder, const YoloWriteOptions& options)
      : dataset_(dataset), folder_(folder), options_(options), boxes_(dataset.pictures.size()) {
    for (const Annotation& annotation : dataset.annotations) {
      boxes_[static_cast<std::size_t>(annotation.picture)].push_back(&annotation);
    }
  }

  Result<YoloWritten> write() {
    std::error_code problem;
    const fs::path labels = folder_ / "labels" / options_.split, images = folder_ / "images" / options_.split;
    Status status = make_folder(labels);
    if (status.ok()) status = make_folder(images);
    for (std::size_t i = 0; i < dataset_.pictures.size() && status.ok(); ++i) status = write_picture(i, labels, images);
    if (status.ok()) status = write_yaml();
    if (status.ok()) return written_;
    fs::remove_all(labels, problem);
    fs::remove_all(images, problem);
    return status.error();
  }

 private:
  static Status make_folder(const fs::path& path) {
    std::error_code problem;
    if (fs::create_directories(path, problem) || !problem) return {};
    return Error{ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", path.string(), problem.message())};
  }

  Status write_picture(std::size_t index, const fs::path& labels, const fs::path& images) {
    const Picture& picture = dataset_.pictures[index];
    const fs::path name = safe_name(picture);
    ++written_.pictures;
    SAKER_TRY(place_picture(picture_path(dataset_, picture), (images / name).string(), options_.pictures));
    std::string text;
    for (const Annotation* box : boxes_[index]) add_line(*box, picture, text);
    if (text.empty()) return {};
    const fs::path file = fs::path(labels / name).replace_extension(".txt");
    std::error_code problem;
    fs::create_directories(file.parent_path(), problem);  // if it fails, so does the next line, with a message
    return write_file(file.string(), text);
  }

  void add_line(const Annotation& box, const Picture& picture, std::string& text) {
    if (box.crowd) {
      ++written_.crowds;
      return;
    }
    const double width = picture.width, height = picture.height;
    const double left = std::clamp(box.x, 0.0, width), top = std::clamp(box.y, 0.0, height);
    const double right = std::clamp(box.x + box.w, 0.0, width), bottom = std::clamp(box.y + box.h, 0.0, height);
    const bool inside = left == box.x && top == box.y && right == box.x + box.w && bottom == box.y + box.h;
    const double w = inside ? box.w : right - left;  // x + w - x is not always w
    const double h = inside ? box.h : bottom - top;
    if (w <= 0 || h <= 0) {
      ++written_.empty;
      return;
    }
    if (!inside) ++written_.clipped;
    ++written_.boxes;
    text += fmt::format("{} {} {} {} {}\n", box.category, (left + w / 2) / width, (top + h / 2) / height, w / width,
                        h / height);
  }

  // Without `path`: the trainers then take the file's own folder, wherever it is moved. They want `train` and `val`,
  // so a split that is missing is the one that is there.
  Status write_yaml() {
    YAML::Emitter yaml;
    yaml << YAML::BeginMap;
    for (const std::string split : kSplits) {
      const bool there = fs::is_directory(folder_ / "labels" / split);
      if (!there && split == "test") continue;
      yaml << YAML::Key << split << YAML::Value << "images/" + (there ? split : other_split(split));
    }
    yaml << YAML::Key << "nc" << YAML::Value << dataset_.categories.size();
    yaml << YAML::Key << "names" << YAML::Value << YAML::BeginSeq;
    for (const std::string& name : names_of(dataset_)) yaml << YAML::DoubleQuoted << name;
    yaml << YAML::EndSeq << YAML::EndMap << YAML::Newline;
    return write_file((folder_ / "data.yaml").string(), std::string_view(yaml.c_str(), yaml.size()));
  }

  std::string other_split(const std::string& missing) const {
    const std::string other = missing == "train" ? "val" : "train";
    return fs::is_directory(folder_ / "labels" / other) ? other : "test";
  }

  const Dataset& dataset_;
  const fs::path& folder_;
  const YoloWriteOptions& options_;
  std::vector<std::vector<const Annotation*>> boxes_;  // of each picture
  YoloWritten written_;
};

}  // namespace

Result<YoloWritten> write_yolo(const Dataset& dataset, const std::string& folder, const YoloWriteOptions& options) {
  try {
    SAKER_TRY(check_options(dataset, options));
    const fs::path path(folder);
    SAKER_TRY(check_folder(dataset, path, options));
    return YoloWriter(dataset, path, options).write();
  } catch (const fs::filesystem_error& problem) {
    return Error{ErrorCode::kIo, fmt::format("{}: {}", folder, problem.what())};
  }
}

}  // namespace saker
