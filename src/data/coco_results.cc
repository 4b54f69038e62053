// COCO results files, whose ids are the annotations', or, by the evidence of the whole file, what detectors know
// instead: the names of the pictures' files and the classes' numbers.
#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "base/try.h"
#include "data/bad_entries.h"
#include "data/file_search.h"
#include "data/json_entries.h"

namespace saker {
namespace {

enum Field : std::size_t { kImage, kCategory, kBox, kScore, kSegment };

constexpr std::int32_t kNone = -1, kSeveral = -2;  // instead of an index

using Index = std::unordered_map<std::int64_t, std::int32_t>;

std::int32_t find(const Index& index, std::int64_t id) {
  const auto found = index.find(id);
  return found == index.end() ? kNone : found->second;
}

// What a box refers to, until all of the file has been read.
struct Reference {
  std::int64_t picture = 0, category = 0;
  std::size_t entry = 0;
};

Result<std::pair<ScoredBox, Reference>> parse_result(const JsonFields& fields, std::size_t entry, IdTexts& texts) {
  Reference reference;
  reference.entry = entry;
  SAKER_ASSIGN(reference.picture, fields.id(kImage, texts));
  SAKER_ASSIGN(reference.category, fields.whole(kCategory));
  if (!fields.has(kBox) && fields.has(kSegment)) {
    return fields.error(" has a segmentation but no bbox; only boxes are scored");
  }
  SAKER_ASSIGN(const auto corners, fields.box(kBox));
  ScoredBox box{0, 0, corners[0], corners[1], corners[2], corners[3], 0};
  SAKER_ASSIGN(box.score, fields.number(kScore));
  return std::pair(box, reference);
}

class ResultsReader {
 public:
  ResultsReader(const std::string& path, const Dataset& dataset, const DatasetOptions& options)
      : path_(path), dataset_(dataset), bad_(options) {}

  Result<CocoResults> read() {
    JsonList list = {"", {"image_id", "category_id", "bbox", "score", "segmentation"}, {}};
    list.take = [&](const JsonEntry& entry) { return take(list, entry); };
    SAKER_TRY(read_json_lists(
        path_, {&list, 1},
        {"COCO results are a list of {image_id, category_id, bbox, score}", "is it an annotation file?"}));
    SAKER_TRY(resolve(index_pictures(), index_categories()));
    results_.skipped = bad_.skipped();
    SAKER_TRY(bad_.check_left(path_, 1, results_.boxes.size()));
    return std::move(results_);
  }

 private:
  Status refuse(const Error& error) { return bad_.refuse(error.with_context(path_), BadEntries::Kind::kBox); }

  Status take(const JsonList& list, const JsonEntry& entry) {
    const JsonFields fields(list, entry);
    if (entry.kind != JsonKind::kObject) return refuse(fields.error(" is not an object"));
    const auto one = parse_result(fields, entry.index, texts_);
    if (!one.ok()) return refuse(one.error());
    results_.boxes.push_back(one->first);
    references_.push_back(one->second);
    return {};
  }

  // By their names: without folder and extension, and with the extension too; numbers without leading zeros, too.
  Index index_names() {
    Index index;
    for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) {
      const std::string name = last_part(dataset_.pictures[i].file), stem = name.substr(0, name.rfind('.'));
      std::vector<std::int64_t> keys = {texts_.number_of(stem), texts_.number_of(name)};
      if (const auto number = parse_whole(stem); number && stem[0] != '-') keys.push_back(*number);
      for (const std::int64_t key : keys) {
        const auto own = static_cast<std::int32_t>(i);
        const auto [known, added] = index.emplace(key, own);
        if (!added && known->second != own) known->second = kSeveral;
      }
    }
    return index;
  }

  Index index_ids() {
    Index index;
    for (std::size_t i = 0; i < dataset_.pictures.size(); ++i) {
      const Picture& picture = dataset_.pictures[i];
      const std::int64_t id = picture.text_id.empty() ? picture.id : texts_.number_of(picture.text_id);
      index.emplace(id, static_cast<std::int32_t>(i));
    }
    return index;
  }

  // By ids or by names, whatever explains more of the file.
  Index index_pictures() {
    Index ids = index_ids(), names = index_names();
    std::size_t by_id = 0, by_name = 0, differ = 0;
    for (const Reference& reference : references_) {
      const std::int32_t a = find(ids, reference.picture), b = find(names, reference.picture);
      by_id += a >= 0 ? 1 : 0;
      by_name += b >= 0 ? 1 : 0;
      differ += a >= 0 && b >= 0 && a != b ? 1 : 0;
    }
    if (by_name > by_id) {
      results_.notes.push_back(path_ + ": image_id is not the pictures' id: it is read as the names of their files");
      return names;
    }
    if (differ > 0 && by_name == references_.size()) {
      results_.notes.push_back(fmt::format(
          "{}: image_id is read as the pictures' id; {} boxes are in other pictures if it is the names of their files",
          path_, differ));
    }
    return ids;
  }

  // By ids; where they are counted from 1 and the boxes' from 0, or the reverse, by those.
  Index index_categories() {
    std::vector<std::int64_t> ids;
    for (const Category& category : dataset_.categories) ids.push_back(category.id);
    std::ranges::sort(ids);
    const auto count = static_cast<std::int64_t>(ids.size());
    std::int64_t shift = 0;
    const bool from_0_or_1 = count > 0 && (ids.front() == 0 || ids.front() == 1);
    if (!references_.empty() && from_0_or_1 && ids.back() == ids.front() + count - 1) {
      const auto [low, high] = std::ranges::minmax(references_, {}, &Reference::category);
      if (ids.front() == 1 && low.category == 0 && high.category < count) shift = 1;
      if (ids.front() == 0 && low.category > 0 && high.category == count) shift = -1;
    }
    if (shift != 0) {
      results_.notes.push_back(fmt::format("{}: category_id is counted from {}, the annotations' from {}", path_,
                                           shift > 0 ? 0 : 1, shift > 0 ? 1 : 0));
    }
    Index index;
    for (std::size_t i = 0; i < dataset_.categories.size(); ++i)
      index.emplace(dataset_.categories[i].id - shift, static_cast<std::int32_t>(i));
    return index;
  }

  Status resolve(const Index& pictures, const Index& categories) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < references_.size(); ++i) {
      const Reference& reference = references_[i];
      ScoredBox box = results_.boxes[i];
      box.picture = find(pictures, reference.picture);
      box.category = find(categories, reference.category);
      if (box.picture == kSeveral) {
        SAKER_TRY(refuse(
            wrong(reference, "image_id", texts_.shown(reference.picture), "the name of several pictures' files")));
      } else if (box.picture == kNone) {
        SAKER_TRY(refuse(wrong(reference, "image_id", texts_.shown(reference.picture),
                               "which the annotations' \"images\" has not")));
      } else if (box.category == kNone) {
        SAKER_TRY(refuse(wrong(reference, "category_id", std::to_string(reference.category),
                               "which the annotations' \"categories\" has not (COCO's ids are 1 to 90 with gaps, not "
                               "the classes' numbers)")));
      } else {
        results_.boxes[kept++] = box;
      }
    }
    results_.boxes.resize(kept);
    return {};
  }

  static Error wrong(const Reference& reference, std::string_view field, std::string_view id, std::string_view what) {
    return {ErrorCode::kInvalid, fmt::format("[{}].{} is {}, {}", reference.entry, field, id, what)};
  }

  const std::string& path_;
  const Dataset& dataset_;
  BadEntries bad_;
  IdTexts texts_;
  CocoResults results_;
  std::vector<Reference> references_;  // parallel to the boxes
};

}  // namespace

Result<CocoResults> read_coco_results(const std::string& path, const Dataset& dataset,
                                      const DatasetOptions& options) try {
  return ResultsReader(path, dataset, options).read();
} catch (const std::bad_alloc&) {
  return Error{ErrorCode::kLimit, path + ": not enough memory for the results"};
}

}  // namespace saker
