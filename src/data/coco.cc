// COCO JSON annotations, as downloaded from cocodataset.org and as CVAT and others write them.
//
// Fields and their meaning: https://cocodataset.org/#format-data and pycocotools/coco.py. As there, `area` is the
// segment's and decides what counts as small, medium or large. Where pycocotools would fail with a KeyError we go on
// if it does no harm: `iscrowd` is 0 and `area` the box's when they are missing.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <new>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "data/bad_entries.h"
#include "data/formats.h"
#include "data/json_entries.h"

namespace saker {
namespace {

namespace fs = std::filesystem;

enum PictureField : std::size_t { kPictureId, kFileName, kWidth, kHeight };
enum CategoryField : std::size_t { kCategoryId, kName, kSupercategory };
enum AnnotationField : std::size_t { kId, kImage, kCategory, kBox, kArea, kCrowd };

using Index = std::unordered_map<std::int64_t, std::int32_t>;

template <typename T>
Index index_of(const std::vector<T>& items) {
  Index index;
  for (std::size_t i = 0; i < items.size(); ++i) index.emplace(items[i].id, static_cast<std::int32_t>(i));
  return index;
}

// 0 where the file does not say.
Result<int> side(const JsonFields& fields, std::size_t field) {
  if (!fields.has(field)) return 0;
  SAKER_ASSIGN(const std::int64_t pixels, fields.whole(field));
  if (pixels < 0 || pixels > std::numeric_limits<int>::max()) {
    return fields.error(field, fmt::format("is {}, not the size of a picture", pixels));
  }
  return static_cast<int>(pixels);
}

Result<Picture> parse_picture(const JsonFields& fields) {
  Picture picture;
  SAKER_ASSIGN(picture.id, fields.whole(kPictureId));
  if (fields.has(kFileName)) {
    SAKER_ASSIGN(picture.file, fields.text(kFileName));
    if (picture.file.find('\0') != std::string::npos) return fields.error(kFileName, "has a NUL character");
  }
  SAKER_ASSIGN(picture.width, side(fields, kWidth));
  SAKER_ASSIGN(picture.height, side(fields, kHeight));
  return picture;
}

Result<Category> parse_category(const JsonFields& fields) {
  Category category;
  SAKER_ASSIGN(category.id, fields.whole(kCategoryId));
  SAKER_ASSIGN(category.name, fields.text(kName));
  category.name = one_line(category.name);
  if (fields.has(kSupercategory)) {
    SAKER_ASSIGN(category.supercategory, fields.text(kSupercategory));
    category.supercategory = one_line(category.supercategory);
  }
  return category;
}

Result<bool> parse_crowd(const JsonFields& fields) {
  if (!fields.has(kCrowd)) return false;
  if (fields.value(kCrowd).kind == JsonKind::kBool) return fields.value(kCrowd).boolean;
  SAKER_ASSIGN(const std::int64_t crowd, fields.whole(kCrowd));
  if (crowd != 0 && crowd != 1) return fields.error(kCrowd, fmt::format("is {}, not 0 or 1", crowd));
  return crowd == 1;
}

// All but picture and category, whose lists may come later in the file.
Result<Annotation> parse_annotation(const JsonFields& fields) {
  Annotation annotation;
  SAKER_ASSIGN(annotation.id, fields.whole(kId));
  SAKER_ASSIGN(const auto box, fields.box(kBox));
  annotation.x = box[0];
  annotation.y = box[1];
  annotation.w = box[2];
  annotation.h = box[3];
  annotation.area = annotation.w * annotation.h;
  if (fields.has(kArea)) {
    SAKER_ASSIGN(annotation.area, fields.number(kArea));
    if (annotation.area < 0) return fields.error(kArea, fmt::format("is {}: negative", annotation.area));
  }
  SAKER_ASSIGN(annotation.crowd, parse_crowd(fields));
  return annotation;
}

class CocoReader {
 public:
  CocoReader(const std::string& path, const DatasetOptions& options) : path_(path), options_(options), bad_(options) {}

  Result<Dataset> read() {
    dataset_.path = path_;
    SAKER_TRY(read_json_lists(path_, lists_,
                              {"COCO annotations are an object with \"images\", \"annotations\" and \"categories\"",
                               "is it a results file? it is scored against annotations"}));
    for (const JsonList& list : lists_) {
      if (!list.seen) {
        return Error{ErrorCode::kInvalid, fmt::format("{}: no \"{}\": not a COCO annotation file", path_, list.key)};
      }
    }
    SAKER_TRY(place_pictures());
    SAKER_TRY(resolve());
    SAKER_TRY(find_duplicates());
    dataset_.skipped = bad_.skipped();
    return std::move(dataset_);
  }

 private:
  // What an annotation refers to, until all lists have been read.
  struct Reference {
    std::int64_t picture = 0, category = 0;
    std::uint32_t index = 0;  // in the file
  };

  template <typename T>
  using Parse = Result<T> (*)(const JsonFields&);

  Status refuse(const Error& error) { return bad_.refuse(error.with_context(path_)); }

  // An entry of "images" or "categories".
  template <typename T>
  Status take_named(const JsonEntry& entry, const JsonList& list, Parse<T> parse, std::vector<T>& items, Index& index) {
    const JsonFields fields(list, entry);
    if (entry.kind != JsonKind::kObject) return refuse(fields.error(" is not an object"));
    auto item = parse(fields);
    if (!item.ok()) return refuse(item.error());
    if (!index.emplace(item->id, static_cast<std::int32_t>(items.size())).second) {
      return refuse(fields.error(0, fmt::format("is {}, as that of an earlier entry", item->id)));
    }
    items.push_back(std::move(*item));
    return {};
  }

  Status take_picture(const JsonEntry& entry) {
    const std::size_t before = dataset_.pictures.size();
    SAKER_TRY(take_named<Picture>(entry, lists_[0], parse_picture, dataset_.pictures, picture_index_));
    if (dataset_.pictures.size() > before) picture_entries_.push_back(static_cast<std::uint32_t>(entry.index));
    return {};
  }

  Status take_category(const JsonEntry& entry) {
    if (dataset_.categories.size() == static_cast<std::size_t>(kMaxClasses)) {
      return Error{ErrorCode::kLimit, fmt::format("{}: more than {} categories", path_, kMaxClasses)};
    }
    return take_named<Category>(entry, lists_[1], parse_category, dataset_.categories, category_index_);
  }

  Status take_annotation(const JsonEntry& entry) {
    const JsonFields fields(lists_[2], entry);
    if (entry.kind != JsonKind::kObject) return refuse(fields.error(" is not an object"));
    auto annotation = parse_annotation(fields);
    if (!annotation.ok()) return refuse(annotation.error());
    const auto picture = fields.whole(kImage);
    if (!picture.ok()) return refuse(picture.error());
    const auto category = fields.whole(kCategory);
    if (!category.ok()) return refuse(category.error());
    dataset_.annotations.push_back(*annotation);
    references_.push_back({*picture, *category, static_cast<std::uint32_t>(entry.index)});
    return {};
  }

  // Finds their folder, which nobody else's files may pass for a part of.
  Status place_pictures() {
    const fs::path folder = fs::path(path_).parent_path();
    const Status found = find_pictures(dataset_, options_, picture_folders(folder.empty() ? fs::path(".") : folder),
                                       [this](const fs::path& pictures, std::size_t i) {
                                         const std::string& file = dataset_.pictures[i].file;
                                         std::error_code ignored;
                                         return !file.empty() && lies_below(pictures, file) &&
                                                fs::exists((pictures / file).lexically_normal(), ignored);
                                       });
    if (dataset_.folder.empty()) return found;
    SAKER_TRY(refuse_outside());
    return found;
  }

  Status refuse_outside() {
    std::vector<Picture>& pictures = dataset_.pictures;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      if (lies_below(dataset_.folder, pictures[i].file)) {
        if (kept != i) pictures[kept] = std::move(pictures[i]);
        ++kept;
        continue;
      }
      SAKER_TRY(refuse(
          Error{ErrorCode::kInvalid, fmt::format("images[{}].file_name is outside {}, where the pictures are: {}",
                                                 picture_entries_[i], dataset_.folder, pictures[i].file)}));
    }
    if (kept == pictures.size()) return {};
    pictures.resize(kept);
    picture_index_ = index_of(pictures);
    return {};
  }

  // Ids to indices; what refers to nothing is refused.
  Status resolve() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const Reference& reference = references_[i];
      const auto picture = picture_index_.find(reference.picture);
      const auto category = category_index_.find(reference.category);
      if (picture == picture_index_.end()) {
        SAKER_TRY(refuse_reference(reference, "image_id", reference.picture, "images"));
      } else if (category == category_index_.end()) {
        SAKER_TRY(refuse_reference(reference, "category_id", reference.category, "categories"));
      } else {
        Annotation& annotation = dataset_.annotations[kept] = dataset_.annotations[i];
        annotation.picture = picture->second;
        annotation.category = category->second;
        references_[kept++] = reference;
      }
    }
    dataset_.annotations.resize(kept);
    references_.resize(kept);
    return {};
  }

  Status refuse_reference(const Reference& reference, std::string_view field, std::int64_t id, std::string_view list) {
    return refuse(Error{ErrorCode::kInvalid, fmt::format("annotations[{}].{} is {}, which \"{}\" has not",
                                                         reference.index, field, id, list)});
  }

  // Sorting needs less memory than a set; most files number their entries upwards anyway.
  Status find_duplicates() {
    std::vector<Annotation>& annotations = dataset_.annotations;
    if (std::ranges::adjacent_find(annotations, std::greater_equal<>(), &Annotation::id) == annotations.end())
      return {};
    std::vector<std::uint32_t> order(annotations.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](std::uint32_t i) { return std::pair(annotations[i].id, i); });
    std::vector<std::uint32_t> repeated;
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (annotations[order[i]].id == annotations[order[i - 1]].id) repeated.push_back(order[i]);
    }
    std::ranges::sort(repeated);
    for (const std::uint32_t i : repeated) {
      SAKER_TRY(refuse(Error{ErrorCode::kInvalid, fmt::format("annotations[{}].id is {}, as that of an "
                                                              "earlier entry",
                                                              references_[i].index, annotations[i].id)}));
    }
    std::size_t i = 0;
    std::erase_if(annotations, [&](const Annotation&) {
      return std::ranges::binary_search(repeated, static_cast<std::uint32_t>(i++));
    });
    return {};
  }

  // Where people keep the pictures: beside annotations/instances_val2017.json in val2017/ (COCO), in images/ (CVAT),
  // or with the file itself (Roboflow).
  std::vector<fs::path> picture_folders(const fs::path& folder) const {
    const std::string stem = fs::path(path_).stem().string();
    const std::string set = stem.substr(stem.find('_') + 1);  // all of it without a '_'
    std::vector<fs::path> folders = {folder, folder / "images", folder / ".." / "images"};
    for (const fs::path& parent : {folder, folder / "..", folder / "images", folder / ".." / "images"}) {
      folders.push_back(parent / set);
    }
    return folders;
  }

  const std::string& path_;
  const DatasetOptions& options_;
  BadEntries bad_;
  Dataset dataset_;
  Index picture_index_, category_index_;
  std::vector<std::uint32_t> picture_entries_;  // places in the file, parallel to dataset_.pictures
  std::vector<Reference> references_;           // parallel to dataset_.annotations
  std::array<JsonList, 3> lists_ = {JsonList{"images",
                                             {"id", "file_name", "width", "height"},
                                             [this](const JsonEntry& entry) { return take_picture(entry); }},
                                    JsonList{"categories",
                                             {"id", "name", "supercategory"},
                                             [this](const JsonEntry& entry) { return take_category(entry); }},
                                    JsonList{"annotations",
                                             {"id", "image_id", "category_id", "bbox", "area", "iscrowd"},
                                             [this](const JsonEntry& entry) { return take_annotation(entry); }}};
};

enum ResultField : std::size_t { kResultImage, kResultCategory, kResultBox, kResultScore, kResultSegment };

Result<std::int32_t> find_id(const JsonFields& fields, std::size_t field, const Index& index, std::string_view list,
                             std::string_view hint) {
  SAKER_ASSIGN(const std::int64_t id, fields.whole(field));
  const auto found = index.find(id);
  if (found != index.end()) return found->second;
  return fields.error(field, fmt::format("is {}, which the annotations' \"{}\" has not{}", id, list, hint));
}

Result<ScoredBox> parse_result(const JsonFields& fields, const Index& pictures, const Index& categories) {
  ScoredBox box;
  SAKER_ASSIGN(box.picture, find_id(fields, kResultImage, pictures, "images", ""));
  SAKER_ASSIGN(box.category, find_id(fields, kResultCategory, categories, "categories",
                                     " (COCO's ids are 1 to 90 with gaps, not the classes' numbers)"));
  if (!fields.has(kResultBox) && fields.has(kResultSegment)) {
    return fields.error(" has a segmentation but no bbox; only boxes are scored");
  }
  SAKER_ASSIGN(const auto corners, fields.box(kResultBox));
  box.x = corners[0];
  box.y = corners[1];
  box.w = corners[2];
  box.h = corners[3];
  SAKER_ASSIGN(box.score, fields.number(kResultScore));
  return box;
}

}  // namespace

Result<Dataset> read_coco(const std::string& path, const DatasetOptions& options) {
  return CocoReader(path, options).read();
}

Result<CocoResults> read_coco_results(const std::string& path, const Dataset& dataset,
                                      const DatasetOptions& options) try {
  const Index pictures = index_of(dataset.pictures), categories = index_of(dataset.categories);
  CocoResults results;
  BadEntries bad(options);
  const auto refuse = [&](const Error& error) { return bad.refuse(error.with_context(path)); };
  JsonList list = {"", {"image_id", "category_id", "bbox", "score", "segmentation"}, {}};
  list.take = [&](const JsonEntry& entry) -> Status {
    const JsonFields fields(list, entry);
    if (entry.kind != JsonKind::kObject) return refuse(fields.error(" is not an object"));
    const auto box = parse_result(fields, pictures, categories);
    if (!box.ok()) return refuse(box.error());
    results.boxes.push_back(*box);
    return {};
  };
  SAKER_TRY(read_json_lists(
      path, {&list, 1},
      {"COCO results are a list of {image_id, category_id, bbox, score}", "is it an annotation file?"}));
  results.skipped = bad.skipped();
  return results;
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kLimit, path + ": not enough memory for the results"};
}

}  // namespace saker
