// COCO JSON annotations, as downloaded from cocodataset.org and as CVAT and others write them.
//
// Fields and their meaning: https://cocodataset.org/#format-data and pycocotools/coco.py. As there, `area` is the
// segment's and decides what counts as small, medium or large. Where pycocotools would fail with a KeyError we go on
// if it does no harm: `iscrowd` is 0 and `area` the box's when they are missing.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "data/bad_entries.h"
#include "data/formats.h"
#include "data/json_entries.h"
#include "data/named_pictures.h"

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

Result<Picture> parse_picture(const JsonFields& fields, IdTexts& texts) {
  Picture picture;
  SAKER_ASSIGN(picture.id, fields.id(kPictureId, texts));
  if (fields.value(kPictureId).kind == JsonKind::kString) picture.text_id = fields.value(kPictureId).text;
  if (fields.has(kFileName)) {
    SAKER_ASSIGN(picture.file, fields.text(kFileName));
    if (picture.file.find('\0') != std::string::npos) return fields.error(kFileName, "has a NUL character");
  }
  SAKER_ASSIGN(picture.width, side(fields, kWidth));
  SAKER_ASSIGN(picture.height, side(fields, kHeight));
  return picture;
}

Result<Category> parse_category(const JsonFields& fields, IdTexts& /*texts*/) {
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
Result<Annotation> parse_annotation(const JsonFields& fields, IdTexts& texts) {
  Annotation annotation;
  SAKER_ASSIGN(annotation.id, fields.id(kId, texts));
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
    number_texts();
    dataset_.skipped = bad_.skipped();
    SAKER_TRY(bad_.check_left(path_, dataset_.pictures.size(), dataset_.annotations.size()));
    return std::move(dataset_);
  }

 private:
  // What an annotation refers to, until all lists have been read.
  struct Reference {
    std::int64_t picture = 0, category = 0;
    std::uint32_t index = 0;  // in the file
  };

  template <typename T>
  using Parse = Result<T> (*)(const JsonFields&, IdTexts&);

  Status refuse(const Error& error) { return bad_.refuse(error.with_context(path_)); }
  Status refuse_box(const Error& error) { return bad_.refuse(error.with_context(path_), BadEntries::Kind::kBox); }

  // An entry of "images" or "categories".
  template <typename T>
  Status take_named(const JsonEntry& entry, const JsonList& list, Parse<T> parse, std::vector<T>& items, Index& index) {
    const JsonFields fields(list, entry);
    if (entry.kind != JsonKind::kObject) return refuse(fields.error(" is not an object"));
    auto item = parse(fields, texts_);
    if (!item.ok()) return refuse(item.error());
    if (!index.emplace(item->id, static_cast<std::int32_t>(items.size())).second) {
      return refuse(fields.error(0, fmt::format("is {}, as that of an earlier entry", texts_.shown(item->id))));
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
    if (entry.kind != JsonKind::kObject) return refuse_box(fields.error(" is not an object"));
    auto annotation = parse_annotation(fields, texts_);
    if (!annotation.ok()) return refuse_box(annotation.error());
    const auto picture = fields.id(kImage, texts_);
    if (!picture.ok()) return refuse_box(picture.error());
    const auto category = fields.whole(kCategory);
    if (!category.ok()) return refuse_box(category.error());
    dataset_.annotations.push_back(*annotation);
    references_.push_back({*picture, *category, static_cast<std::uint32_t>(entry.index)});
    return {};
  }

  // Finds their folder, which nobody else's files may pass for a part of, and the files in it.
  Status place_pictures() {
    const fs::path folder = fs::path(path_).parent_path();
    const std::vector<fs::path> folders = picture_folders(folder.empty() ? fs::path(".") : folder);
    NamedPictures named(dataset_, options_);
    const Status found = named.find_folder(folders);
    if (dataset_.folder.empty()) return found;
    named.settle();
    std::vector<Picture>& pictures = dataset_.pictures;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      if (const std::string problem = named.problem(i); !problem.empty()) {
        SAKER_TRY(
            refuse(Error{ErrorCode::kInvalid, fmt::format("images[{}].file_name {}", picture_entries_[i], problem)}));
        continue;
      }
      if (kept != i) pictures[kept] = std::move(pictures[i]);
      ++kept;
    }
    if (kept < pictures.size()) {
      pictures.resize(kept);
      picture_index_ = index_of(pictures);
    }
    return found;
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
    return refuse_box(Error{ErrorCode::kInvalid, fmt::format("annotations[{}].{} is {}, which \"{}\" has not",
                                                             reference.index, field, texts_.shown(id), list)});
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
      SAKER_TRY(
          refuse_box(Error{ErrorCode::kInvalid, fmt::format("annotations[{}].id is {}, as that of an earlier entry",
                                                            references_[i].index, texts_.shown(annotations[i].id))}));
    }
    std::size_t i = 0;
    std::erase_if(annotations, [&](const Annotation&) {
      return std::ranges::binary_search(repeated, static_cast<std::uint32_t>(i++));
    });
    return {};
  }

  // Where there are texts among the ids: pictures get their places in the order of the texts, in which pycocotools goes
  // through them, and annotations their places in the file.
  void number_texts() {
    std::vector<Picture>& pictures = dataset_.pictures;
    const auto has_text = [](const Picture& picture) { return !picture.text_id.empty(); };
    if (std::ranges::any_of(pictures, has_text)) {
      std::vector<std::pair<std::string, std::size_t>> order;
      for (std::size_t i = 0; i < pictures.size(); ++i) order.emplace_back(picture_id(pictures[i]), i);
      std::ranges::sort(order);
      for (std::size_t i = 0; i < order.size(); ++i) pictures[order[i].second].id = static_cast<std::int64_t>(i) + 1;
    }
    std::vector<Annotation>& annotations = dataset_.annotations;
    if (std::ranges::none_of(annotations, [this](const Annotation& a) { return texts_.is_text(a.id); })) return;
    for (std::size_t i = 0; i < annotations.size(); ++i) annotations[i].id = static_cast<std::int64_t>(i) + 1;
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
  IdTexts texts_;
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

}  // namespace

Result<Dataset> read_coco(const std::string& path, const DatasetOptions& options) {
  return CocoReader(path, options).read();
}

}  // namespace saker
