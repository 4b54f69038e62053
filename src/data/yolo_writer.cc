// A YOLO data set out: pictures, label files and data.yaml.
#include <fcntl.h>
#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/try.h"
#include "data/new_folder.h"
#include "data/writers.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kSplits = {"train", "val", "test"};
constexpr const char* kYaml = "data.yaml";

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
      return Error{ErrorCode::kInvalid, fmt::format("{}: the size of picture {} ({}) is not known", dataset.path,
                                                    picture_id(picture), picture.file)};
    }
    if (!names.insert(safe_name(picture).replace_extension()).second || safe_name(picture).empty()) {
      return Error{ErrorCode::kInvalid, fmt::format("{}: the name \"{}\" of picture {} is empty or stands for another "
                                                    "picture too; they would share a label file",
                                                    dataset.path, picture.file, picture_id(picture))};
    }
  }
  return {};
}

Status check_folder(const Dataset& dataset, const fs::path& folder, const YoloWriteOptions& options) {
  for (const char* part : {"images", "labels"}) {
    const fs::path path = folder / part / options.split;
    if (fs::exists(path)) return Error{ErrorCode::kIo, path.string() + ": is there already"};
  }
  const fs::path yaml = folder / kYaml;
  if (!fs::exists(yaml)) return {};
  SAKER_ASSIGN(const auto names, read_labels(yaml.string()));
  if (names == names_of(dataset)) return {};
  return Error{ErrorCode::kInvalid, yaml.string() + ": has other `names`, so the same number would mean another class"};
}

class YoloWriter {
 public:
  YoloWriter(const Dataset& dataset, const YoloWriteOptions& options)
      : dataset_(dataset), options_(options), boxes_(dataset.pictures.size()) {
    for (const Annotation& annotation : dataset.annotations) {
      boxes_[static_cast<std::size_t>(annotation.picture)].push_back(&annotation);
    }
  }

  // images/SPLIT, labels/SPLIT and data.yaml into `root`; data.yaml also names the splits that `place` has.
  Result<YoloWritten> write(const fs::path& root, const fs::path& place) {
    const fs::path labels = root / "labels" / options_.split, images = root / "images" / options_.split;
    fs::create_directories(labels);
    fs::create_directories(images);
    for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) SAKER_TRY(write_picture(i, labels, images));
    SAKER_TRY(write_file((root / kYaml).string(), yaml(place)));
    return written_;
  }

 private:
  Status write_picture(std::size_t index, const fs::path& labels, const fs::path& images) {
    const Picture& picture = dataset_.pictures[index];
    const fs::path name = safe_name(picture);
    ++written_.pictures;
    SAKER_TRY(place_picture(dataset_, picture, (images / name).string(), options_.pictures));
    std::string text;
    for (const Annotation* box : boxes_[index]) add_line(*box, picture, text);
    if (text.empty()) return {};
    const fs::path file = fs::path(labels / name).replace_extension(".txt");
    fs::create_directories(file.parent_path());
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
  std::string yaml(const fs::path& place) const {
    const auto there = [&](const std::string& split) {
      return split == options_.split || fs::is_directory(place / "labels" / split);
    };
    YAML::Emitter yaml;
    yaml << YAML::BeginMap;
    for (const std::string split : kSplits) {
      if (!there(split) && split == "test") continue;
      const std::string other = split == "train" ? "val" : "train";
      yaml << YAML::Key << split << YAML::Value
           << "images/" + (there(split)   ? split
                           : there(other) ? other
                                          : std::string("test"));
    }
    yaml << YAML::Key << "nc" << YAML::Value << dataset_.categories.size();
    yaml << YAML::Key << "names" << YAML::Value << YAML::BeginSeq;
    for (const std::string& name : names_of(dataset_)) yaml << YAML::DoubleQuoted << name;
    yaml << YAML::EndSeq << YAML::EndMap << YAML::Newline;
    return {yaml.c_str(), yaml.size()};
  }

  const Dataset& dataset_;
  const YoloWriteOptions& options_;
  std::vector<std::vector<const Annotation*>> boxes_;  // of each picture
  YoloWritten written_;
};

// Never onto something that is there: of two at work on one split, one comes first.
std::error_code rename_exclusively(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  std::error_code problem(errno, std::generic_category());
  if (problem != std::errc::invalid_argument && problem != std::errc::function_not_supported) return problem;
  fs::rename(from, to, problem);  // a file system without that; it still refuses a folder with something in it
  return problem;
}

// The folders that were built go to their places, both or none, and data.yaml after them.
Status move_split(const fs::path& built, const fs::path& folder, const std::string& split) {
  const fs::path images = fs::path("images") / split, labels = fs::path("labels") / split;
  const auto failed = [](const fs::path& path, const std::error_code& problem) {
    const bool there = problem == std::errc::file_exists || problem == std::errc::directory_not_empty;
    return Error{ErrorCode::kIo, path.string() + ": " + (there ? "is there already" : problem.message())};
  };
  fs::create_directories(folder / "images");
  fs::create_directories(folder / "labels");
  if (const auto problem = rename_exclusively(built / images, folder / images)) return failed(folder / images, problem);
  std::error_code ignored;
  if (const auto problem = rename_exclusively(built / labels, folder / labels)) {
    fs::rename(folder / images, built / images, ignored);
    return failed(folder / labels, problem);
  }
  std::error_code problem;
  fs::rename(built / kYaml, folder / kYaml, problem);
  if (!problem) return {};
  fs::rename(folder / images, built / images, ignored);
  fs::rename(folder / labels, built / labels, ignored);
  return failed(folder / kYaml, problem);
}

Result<YoloWritten> write_whole(YoloWriter& writer, const std::string& folder) {
  SAKER_ASSIGN(NewFolder made, NewFolder::begin(folder, kYaml, false));
  auto written = writer.write(made.path(), made.path());
  if (!written.ok()) return made.in_place(written.error());
  SAKER_TRY(made.commit());
  return written;
}

Result<YoloWritten> add_split(YoloWriter& writer, const std::string& folder, const std::string& split) {
  SAKER_ASSIGN(const TemporaryFolder built, TemporaryFolder::make(folder));
  auto written = writer.write(built.path(), folder);
  if (!written.ok()) return named_in_place(written.error(), built.path(), folder);
  SAKER_TRY(move_split(built.path(), folder, split));
  return written;
}

}  // namespace

Result<YoloWritten> write_yolo(const Dataset& dataset, const std::string& folder, const YoloWriteOptions& options) {
  try {
    SAKER_TRY(check_options(dataset, options));
    SAKER_TRY(check_folder(dataset, folder, options));
    YoloWriter writer(dataset, options);
    return fs::exists(folder) ? add_split(writer, folder, options.split) : write_whole(writer, folder);
  } catch (const fs::filesystem_error& problem) {
    return Error{ErrorCode::kIo, fmt::format("{}: {}", folder, problem.code().message())};
  }
}

}  // namespace saker
