// Results as a table for people, JSON, JSON lines, COCO results or YOLO text.
#include "writers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "detect/labels.h"
#include "flags.h"
#include "plural.h"
#include "saver.h"

namespace saker::cli {
namespace {

// COCO's own ids of the 80 classes.
constexpr std::array kCocoIds = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                 22, 23, 24, 25, 27, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
                                 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65,
                                 67, 70, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 84, 85, 86, 87, 88, 89, 90};
static_assert(kCocoIds.size() == 80);

// Bytes that are not UTF-8 (file names can be anything) are replaced.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Code points, near enough to columns.
std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, columns(text)), ' ');
}

// The shortest text that reads back as the same float.
std::string number(float value) {
  return fmt::format("{}", value);
}

}  // namespace

std::optional<Format> format_from_name(std::string_view name) {
  if (name == "table") return Format::kTable;
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonl;
  if (name == "coco") return Format::kCoco;
  if (name == "yolo") return Format::kYolo;
  return std::nullopt;
}

void Summary::add(const PictureResult& result) {
  ++pictures;
  boxes += result.found.boxes.size();
  decode += result.decode_ms;
  preprocess += result.found.ms.preprocess;
  infer += result.found.ms.infer;
  postprocess += result.found.ms.postprocess;
}

Writer::Writer(const WriterOptions& options, Output output, const std::vector<std::string>& labels)
    : options_(options), output_(std::move(output)), labels_(labels), coco_ids_(labels == coco80_labels()) {}

void Writer::begin() {
  if (options_.format == Format::kJson || options_.format == Format::kCoco) output_.write("[");
}

void Writer::add(const PictureResult& result) {
  switch (options_.format) {
    case Format::kTable:
      output_.write((rows_++ > 0 ? "\n" : "") + table(result));
      break;
    case Format::kJson:
      output_.write((rows_++ > 0 ? ",\n" : "\n") + json_picture(result, true));
      break;
    case Format::kJsonl:
      output_.write(json_picture(result, false) + "\n");
      break;
    case Format::kCoco:
      output_.write(coco_rows(result));
      break;
    case Format::kYolo: {
      const std::string lines = yolo_lines(result.found.boxes, result.width, result.height, options_.conf);
      output_.write(options_.several ? fmt::format("# {}\n{}", printable_label(result.path), lines) : lines);
      break;
    }
  }
}

Status Writer::end(const Summary& summary) {
  if (options_.format == Format::kJson || options_.format == Format::kCoco) output_.write(rows_ > 0 ? "\n]\n" : "]\n");
  if (options_.format == Format::kTable && options_.several && summary.pictures > 0) {
    const auto n = static_cast<double>(summary.pictures);
    std::string text = "\n" + counted(summary.pictures, "picture");
    if (summary.failed > 0) text += fmt::format(", {} failed", summary.failed);
    text += fmt::format(", {}; {:.1f} pictures/s\n", counted(summary.boxes, "box"), n / summary.wall_ms * 1e3);
    text += fmt::format("mean ms: decode {:.1f}, preprocess {:.1f}, infer {:.1f}, postprocess {:.1f}\n",
                        summary.decode / n, summary.preprocess / n, summary.infer / n, summary.postprocess / n);
    output_.write(text);
  }
  return output_.finish();
}

// `lines`: one detection a line.
std::string Writer::json_picture(const PictureResult& result, bool lines) const {
  std::string text = fmt::format(R"({{"image":{},"width":{},"height":{},"detections":[)", quoted(result.path),
                                 result.width, result.height);
  const char* separator = lines ? "\n  " : "";
  for (const Detection& box : result.found.boxes) {
    text += fmt::format(R"({}{{"class_id":{},"label":{},"score":{},"box":[{},{},{},{}]}})", separator, box.class_id,
                        quoted(label(box)), number(box.score), number(box.x1), number(box.y1), number(box.x2),
                        number(box.y2));
    separator = lines ? ",\n  " : ",";
  }
  const StageTimes& ms = result.found.ms;
  return text + fmt::format(R"(],"ms":{{"decode":{:.3f},"preprocess":{:.3f},"infer":{:.3f},"postprocess":{:.3f}}}}})",
                            result.decode_ms, ms.preprocess, ms.infer, ms.postprocess);
}

// The results list that COCO's evaluation reads. A numeric file name is the image's id there.
std::string Writer::coco_rows(const PictureResult& result) {
  const std::string stem = stem_of(result.path);
  const bool digits =
      !stem.empty() && std::all_of(stem.begin(), stem.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto id = digits ? parse_whole(stem) : std::nullopt;
  const std::string image_id = id ? std::to_string(*id) : quoted(stem);
  std::string text;
  for (const Detection& box : result.found.boxes) {
    const int category = coco_ids_ ? kCocoIds[static_cast<std::size_t>(box.class_id)] : box.class_id;
    text += fmt::format(R"({}{{"image_id":{},"category_id":{},"bbox":[{},{},{},{}],"score":{}}})",
                        rows_++ > 0 ? ",\n" : "\n", image_id, category, number(box.x1), number(box.y1),
                        number(box.x2 - box.x1), number(box.y2 - box.y1), number(box.score));
  }
  return text;
}

std::string Writer::table(const PictureResult& result) const {
  const auto& boxes = result.found.boxes;
  std::map<int, std::size_t> counts;
  std::size_t widest = 5;
  for (const Detection& box : boxes) {
    ++counts[box.class_id];
    widest = std::max(widest, columns(label(box)));
  }
  std::string what;
  for (const auto& [id, count] : counts)
    what += (what.empty() ? "" : ", ") + counted(count, labels_[static_cast<std::size_t>(id)]);
  const StageTimes& ms = result.found.ms;
  std::string text = fmt::format("{}  {}x{}  {}\n", printable_label(result.path), result.width, result.height,
                                 what.empty() ? "nothing found" : what);
  text += fmt::format("  decode {:.1f}, preprocess {:.1f}, infer {:.1f}, postprocess {:.1f} ms\n", result.decode_ms,
                      ms.preprocess, ms.infer, ms.postprocess);
  if (!boxes.empty()) {
    text += fmt::format("  {}  score       x1       y1       x2       y2\n", padded("class", widest));
  }
  for (const Detection& box : boxes) {
    text += fmt::format("  {}  {:.3f} {:8.1f} {:8.1f} {:8.1f} {:8.1f}\n", padded(label(box), widest), box.score, box.x1,
                        box.y1, box.x2, box.y2);
  }
  return text;
}

}  // namespace saker::cli
