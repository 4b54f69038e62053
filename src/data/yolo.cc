// YOLO data sets: the pictures of folders and lists, and their label files.
//
// As the frameworks do it (https://docs.ultralytics.com/datasets/detect/): the labels of a/images/b.jpg are in
// a/labels/b.txt; a picture without a label file shows nothing of interest.
#include <fmt/format.h>
#include <saker/detector_spec.h>
#include <saker/image.h>

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/picture_names.h"
#include "base/text.h"
#include "base/try.h"
#include "base/utf8.h"
#include "data/bad_entries.h"
#include "data/file_search.h"
#include "data/formats.h"
#include "data/yolo_labels.h"
#include "data/yolo_yaml.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxListBytes = std::size_t{1} << 30;
constexpr std::size_t kMaxLabelBytes = std::size_t{16} << 20;

std::string text_of_file(const FileBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data.get()), bytes.size};
}

// ---- pictures ----

void list_folder(const fs::path& folder, std::vector<fs::path>& pictures) {
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied)) {
    if (entry.is_regular_file() && has_picture_extension(entry.path())) pictures.push_back(entry.path());
  }
}

// Lists of pictures (.txt): one a line, relative to the list's folder or to the base, and below one of them.
class ListReader {
 public:
  ListReader(const YoloSet& set, BadEntries& bad) : set_(set), bad_(bad) {}

  // How many lines are another machine's paths, and one of them; empty: none.
  const std::string& note() const { return note_; }

  Status read(const fs::path& list, std::vector<fs::path>& pictures) {
    SAKER_ASSIGN(const FileBytes bytes, read_file(list.string(), kMaxListBytes));
    std::string_view text = without_byte_order_mark({reinterpret_cast<const char*>(bytes.data.get()), bytes.size});
    for (std::size_t number = 1; !text.empty(); ++number) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(line.size() + 1, text.size()));
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (line.empty()) continue;
      auto picture = find(list, line);
      if (picture.ok()) {
        pictures.push_back(std::move(*picture));
      } else {
        SAKER_TRY(bad_.refuse(picture.error().with_context(fmt::format("{}:{}", list.string(), number))));
      }
    }
    return {};
  }

 private:
  Result<fs::path> find(const fs::path& list, std::string_view line) {
    const fs::path folder = list.parent_path();
    const fs::path beside = (folder / line).lexically_normal(), other = (set_.base / line).lexically_normal();
    const fs::path& picture = !fs::exists(beside) && fs::exists(other) ? other : beside;
    const fs::path whole = fs::absolute(picture);
    const bool inside = lies_below(folder, whole) || lies_below(set_.base, whole);
    if (inside && fs::exists(picture)) return picture;
    for (const fs::path& root : {folder, set_.base, set_.base / "images"}) {
      const std::string tail = existing_tail(root, line);
      if (!tail.empty()) return take_moved((root / tail).lexically_normal(), line);
    }
    if (inside) return picture;
    return Error{ErrorCode::kInvalid, fmt::format("{} is outside {}", line, set_.base.string())};
  }

  Result<fs::path> take_moved(const fs::path& picture, std::string_view line) {
    const auto [known, added] = moved_.try_emplace(picture.string(), line);
    if (!added && known->second != line) {
      return Error{ErrorCode::kInvalid,
                   fmt::format("{} may be {}, but also {}", line, picture.string(), known->second)};
    }
    if (note_.empty()) {
      note_ = fmt::format("{}: lines with paths of another machine are read by their ends: {} is {}",
                          set_.file.string(), line, picture.string());
    }
    return picture;
  }

  const YoloSet& set_;
  BadEntries& bad_;
  std::map<std::string, std::string> moved_;  // file, the line that names it
  std::string note_;
};

Result<std::vector<fs::path>> list_pictures(const YoloSet& set, BadEntries& bad, std::vector<std::string>& notes) {
  std::vector<fs::path> pictures;
  ListReader lists(set, bad);
  for (const fs::path& source : set.sources) {
    if (fs::is_directory(source)) {
      list_folder(source, pictures);
    } else if (has_picture_extension(source)) {
      pictures.push_back(source);
    } else {
      SAKER_TRY(lists.read(source, pictures));
    }
  }
  if (!lists.note().empty()) notes.push_back(lists.note());
  std::ranges::sort(pictures);
  pictures.erase(std::unique(pictures.begin(), pictures.end()), pictures.end());
  if (!pictures.empty()) return pictures;
  return Error{ErrorCode::kNotFound, fmt::format("{}: no pictures ({}) in {}", set.file.string(), picture_extensions(),
                                                 set.sources.front().string())};
}

// ---- the dataset ----

class YoloReader {
 public:
  YoloReader(const YoloSet& set, const std::string& path, const DatasetOptions& options) : set_(set), bad_(options) {
    dataset_.path = path;
    dataset_.notes = set.notes;
    const bool one_folder = set.sources.size() == 1 && fs::is_directory(set.sources.front());
    dataset_.folder = (one_folder ? set.sources.front() : set.base).lexically_normal().string();
  }

  Result<Dataset> read() {
    SAKER_ASSIGN(const std::vector<fs::path> pictures, list_pictures(set_, bad_, dataset_.notes));
    for (const fs::path& picture : pictures) SAKER_TRY(take_picture(picture));
    if (label_files_ == 0 && !dataset_.pictures.empty()) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("{}: none of the {} pictures has a label file; that of the first would be {}",
                               dataset_.path, pictures.size(), yolo_label_file(pictures.front()).string())};
    }
    number_pictures(dataset_.pictures);
    name_categories();
    dataset_.skipped = bad_.skipped();
    SAKER_TRY(bad_.check_left(dataset_.path, dataset_.pictures.size(), dataset_.annotations.size()));
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
                 parse_yolo_labels(text_of_file(*bytes), labels.string(), set_.names.size(), set_.keypoints, bad_));
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
  SAKER_ASSIGN(YoloSet set, read_yolo_set(path, options));
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
