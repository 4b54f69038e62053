// COCO JSON out: piece by piece, so that memory does not grow with the dataset.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/try.h"
#include "data/writers.h"

namespace saker {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

// What is not UTF-8 becomes U+FFFD.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string id_of(const Picture& picture) {
  return picture.text_id.empty() ? std::to_string(picture.id) : quoted(picture.text_id);
}

class JsonFile {
 public:
  explicit JsonFile(FileWriter file) : file_(std::move(file)) {}

  // fmt writes a double with as many digits as it takes to read the same one again.
  template <typename... Values>
  Status put(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    return text_.size() < kPieceBytes ? Status() : flush();
  }

  Status finish() {
    SAKER_TRY(flush());
    return file_.finish();
  }

 private:
  Status flush() {
    const Status status = file_.append({text_.data(), text_.size()});
    text_.clear();
    return status;
  }

  FileWriter file_;
  fmt::memory_buffer text_;
};

const char* separator(std::size_t i) {
  return i == 0 ? "\n" : ",\n";
}

Status put_annotation(JsonFile& json, const Dataset& dataset, std::size_t i) {
  const Annotation& a = dataset.annotations[i];
  return json.put(
      "{}{{\"id\":{},\"image_id\":{},\"category_id\":{},\"bbox\":[{},{},{},{}],\"area\":{},\"iscrowd\":{}}}",
      separator(i), a.id, id_of(dataset.pictures[static_cast<std::size_t>(a.picture)]),
      dataset.categories[static_cast<std::size_t>(a.category)].id, a.x, a.y, a.w, a.h, a.area, a.crowd ? 1 : 0);
}

}  // namespace

Status write_coco(const Dataset& dataset, const std::string& path) {
  SAKER_ASSIGN(FileWriter file, FileWriter::create(path));
  JsonFile json(std::move(file));
  SAKER_TRY(json.put("{{\"images\":["));
  for (std::size_t i = 0; i < dataset.pictures.size(); ++i) {
    const Picture& picture = dataset.pictures[i];
    SAKER_TRY(json.put("{}{{\"id\":{},\"file_name\":{}", separator(i), id_of(picture), quoted(picture.file)));
    if (picture.width > 0 && picture.height > 0) {
      SAKER_TRY(json.put(",\"width\":{},\"height\":{}", picture.width, picture.height));
    }
    SAKER_TRY(json.put("}}"));
  }
  SAKER_TRY(json.put("],\n\"annotations\":["));
  for (std::size_t i = 0; i < dataset.annotations.size(); ++i) SAKER_TRY(put_annotation(json, dataset, i));
  SAKER_TRY(json.put("],\n\"categories\":["));
  for (std::size_t i = 0; i < dataset.categories.size(); ++i) {
    const Category& category = dataset.categories[i];
    SAKER_TRY(json.put("{}{{\"id\":{},\"name\":{},\"supercategory\":{}}}", separator(i), category.id,
                       quoted(category.name), quoted(category.supercategory)));
  }
  SAKER_TRY(json.put("]}}\n"));
  return json.finish();
}

Status write_coco_results(const Dataset& dataset, std::span<const ScoredBox> boxes, const std::string& path) {
  SAKER_ASSIGN(FileWriter file, FileWriter::create(path));
  JsonFile json(std::move(file));
  SAKER_TRY(json.put("["));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const ScoredBox& box = boxes[i];
    SAKER_TRY(json.put("{}{{\"image_id\":{},\"category_id\":{},\"bbox\":[{},{},{},{}],\"score\":{}}}", separator(i),
                       id_of(dataset.pictures[static_cast<std::size_t>(box.picture)]),
                       dataset.categories[static_cast<std::size_t>(box.category)].id, box.x, box.y, box.w, box.h,
                       box.score));
  }
  SAKER_TRY(json.put("]\n"));
  return json.finish();
}

}  // namespace saker
