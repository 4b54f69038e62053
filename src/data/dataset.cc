// Finds out what a path is and calls the reader of its format.
#include "data/dataset.h"

#include <dirent.h>
#include <fmt/format.h>
#include <saker/image.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <new>
#include <set>

#include "base/text.h"
#include "base/try.h"
#include "data/bad_entries.h"
#include "data/calib.h"
#include "data/formats.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPicturesTried = 5;

bool is_yaml(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".yaml" || extension == ".yml";
}

bool holds(const fs::path& folder, bool (*wanted)(const fs::path&)) {
  return std::ranges::any_of(entries_of(folder), wanted);
}

bool is_xml(const fs::path& path) {
  return lower_extension(path) == ".xml";
}

Error unknown_format(const std::string& path, std::string_view what) {
  return {
      ErrorCode::kInvalid,
      fmt::format("{}: {}; annotations are a COCO .json, a YOLO data.yaml, a folder with \"images\" and \"labels\", "
                  "or a folder of Pascal VOC .xml files",
                  path, what)};
}

Result<Dataset> read_folder(const std::string& path, const DatasetOptions& options) {
  const fs::path folder(path);
  for (const char* name : {"data.yaml", "data.yml", "dataset.yaml"}) {
    if (fs::is_regular_file(folder / name)) return read_yolo_yaml((folder / name).string(), options);
  }
  if (fs::is_directory(folder / "Annotations") || holds(folder, is_xml)) return read_voc(path, options);
  if (fs::is_directory(folder / "images") && fs::is_directory(folder / "labels"))
    return read_yolo_folder(path, options);
  if (holds(folder, is_yaml)) return unknown_format(path, "a folder with a .yaml file: name the file itself");
  const auto is_json = [](const fs::path& file) { return lower_extension(file) == ".json"; };
  if (holds(folder, is_json) || holds(folder / "annotations", is_json)) {
    return unknown_format(path, "a folder with .json files: name one of them");
  }
  return unknown_format(path, "a folder without annotations");
}

Result<Dataset> read_by_kind(const std::string& path, const DatasetOptions& options) {
  if (fs::is_directory(path)) return read_folder(path, options);
  if (!fs::exists(path)) return Error{ErrorCode::kNotFound, path + ": no such file or folder"};
  if (lower_extension(path) == ".json") return read_coco(path, options);
  if (is_yaml(path)) return read_yolo_yaml(path, options);
  if (is_xml(path)) return unknown_format(path, "a single .xml file: name its folder");
  return unknown_format(path, "not a known kind of annotations");
}

}  // namespace

void number_pictures(std::vector<Picture>& pictures) {
  std::set<std::int64_t> numbers;
  for (const Picture& picture : pictures) {
    const auto number = parse_whole(fs::path(picture.file).stem().string());
    if (!number || *number < 0 || !numbers.insert(*number).second) break;
  }
  const bool numbered = numbers.size() == pictures.size();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    pictures[i].id = static_cast<std::int64_t>(i) + 1;
    if (numbered) pictures[i].id = std::stoll(fs::path(pictures[i].file).stem().string());
  }
}

std::string picture_id(const Picture& picture) {
  return picture.text_id.empty() ? std::to_string(picture.id) : picture.text_id;
}

bool all_crowds(const Dataset& dataset) {
  return !dataset.annotations.empty() && std::ranges::all_of(dataset.annotations, &Annotation::crowd);
}

std::string picture_path(const Dataset& dataset, const Picture& picture) {
  return (fs::path(dataset.folder) / picture.file).lexically_normal().string();
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (open == nullptr && errno == ENOMEM) throw std::bad_alloc();
  while (const dirent* entry = open != nullptr ? ::readdir(open.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back(folder / name);
  }
  return entries;
}

bool lies_below(const fs::path& folder, const fs::path& file) {
  const std::string& name = file.native();
  if (name.find('\0') != std::string::npos) return false;  // the system would read another name
  if (file.is_relative() && name.find("..") == std::string::npos) return true;
  std::error_code ignored;
  const fs::path root = fs::absolute(folder.empty() ? "." : folder, ignored);
  const fs::path way = (root / file).lexically_normal().lexically_relative(root.lexically_normal());
  return !way.empty() && *way.begin() != "..";
}

Status find_pictures(Dataset& dataset, const DatasetOptions& options, const std::vector<fs::path>& candidates,
                     const HoldsPicture& holds) {
  if (!options.images.empty() && !fs::is_directory(options.images)) {
    return Error{ErrorCode::kNotFound, options.images + ": no such folder of pictures"};
  }
  const std::vector<fs::path> folders = options.images.empty() ? candidates : std::vector<fs::path>{options.images};
  const std::size_t pictures = std::min(dataset.pictures.size(), kPicturesTried);
  std::size_t most = 0;
  std::string tried;
  dataset.folder = folders.front().lexically_normal().string();
  for (const fs::path& folder : folders) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < pictures; ++i) found += holds(folder, i) ? 1 : 0;
    const std::string name = folder.lexically_normal().string();
    if (found > most) dataset.folder = name;
    most = std::max(most, found);
    tried += (tried.empty() ? "" : ", ") + name;
  }
  if (most > 0 || !options.need_pictures || pictures == 0) return {};
  return Error{ErrorCode::kNotFound,
               fmt::format("{}: the pictures ({}, ...) are not in {}; say where they are (`images`)", dataset.path,
                           dataset.pictures.front().file, tried),
               "images"};
}

Status look_at_pictures(Dataset& dataset, const DatasetOptions& options, bool all) {
  BadEntries bad(options);
  std::vector<std::int32_t> good;
  for (std::size_t i = 0; i < dataset.pictures.size(); ++i) {
    Picture& picture = dataset.pictures[i];
    const bool stated = picture.width > 0 && picture.height > 0;
    if (all || !stated) {
      const auto size = read_image_size(picture_path(dataset, picture));
      if (!size.ok()) {
        SAKER_TRY(bad.refuse(size.error().with_context(fmt::format(
            "{}: picture {}{}", dataset.path, picture_id(picture), stated ? "" : ", whose size is not stated"))));
        continue;
      }
      if (!stated) {
        picture.width = size->width;
        picture.height = size->height;
      }
    }
    good.push_back(static_cast<std::int32_t>(i));
  }
  if (good.size() == dataset.pictures.size()) return {};
  SAKER_TRY(bad.check_left(dataset.path, good.size(), 0));
  const std::size_t skipped = dataset.skipped + bad.skipped();
  dataset = subset(dataset, good, {});
  dataset.skipped = skipped;
  return {};
}

Result<Dataset> read_dataset(const std::string& path, const DatasetOptions& options) {
  try {
    SAKER_ASSIGN(Dataset dataset, read_by_kind(path, options));
    if (options.crowd_as_object) {
      for (Annotation& annotation : dataset.annotations) annotation.crowd = false;
    }
    return dataset;
  } catch (const fs::filesystem_error& problem) {
    return Error{ErrorCode::kIo, fmt::format("{}: {}", path, problem.what())};
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, path + ": not enough memory for the annotations"};
  }
}

}  // namespace saker
