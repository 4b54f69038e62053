// Results as a table for people, JSON, JSON lines, COCO results or YOLO text.
#include "pipeline/result_writers.h"

#include <fmt/format.h>
#include <saker/detector.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/plural.h"
#include "base/text.h"
#include "detect/labels.h"
#include "pipeline/picture_files.h"
#include "pipeline/picture_saver.h"

namespace saker {
namespace {

// COCO's own ids of the 80 classes.
constexpr std::array kCocoIds = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                 22, 23, 24, 25, 27, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
                                 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65,
                                 67, 70, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 84, 85, 86, 87, 88, 89, 90};
static_assert(kCocoIds.size() == 80);

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

// An array of JSON, an element a line.
class JsonArray {
 public:
  explicit JsonArray(const TextOut& out) : out_(out) {}
  void begin() { out_("["); }
  void add(const std::string& element) { out_((count_++ > 0 ? ",\n" : "\n") + element); }
  void end() { out_(count_ > 0 ? "\n]\n" : "]\n"); }

 private:
  const TextOut& out_;
  std::size_t count_ = 0;
};

// `lines`: one detection a line.
std::string json_picture(const PictureResult& result, const std::vector<std::string>& labels, bool lines) {
  const StageTimes& ms = result.found.ms;
  std::string text = fmt::format(R"({{"image":{},"width":{},"height":{},"detections":[)", json_text(result.name),
                                 result.width, result.height);
  const char* separator = lines ? "\n  " : "";
  for (const Detection& box : result.found.boxes) {
    text += separator + json_box(box, labels) + "}";
    separator = lines ? ",\n  " : ",";
  }
  return text + fmt::format(R"(],"ms":{{"decode":{:.3f},"preprocess":{:.3f},"infer":{:.3f},"postprocess":{:.3f}}}}})",
                            result.decode_ms, ms.preprocess, ms.infer, ms.postprocess);
}

class JsonWriter final : public ResultWriter {
 public:
  JsonWriter(std::vector<std::string> labels, TextOut out) : labels_(std::move(labels)), out_(std::move(out)) {}
  void begin() override { array_.begin(); }
  void add(const PictureResult& result) override { array_.add(json_picture(result, labels_, true)); }
  void end(const RunSummary& /*summary*/) override { array_.end(); }

 private:
  std::vector<std::string> labels_;
  TextOut out_;
  JsonArray array_{out_};
};

class JsonLinesWriter final : public ResultWriter {
 public:
  JsonLinesWriter(std::vector<std::string> labels, TextOut out) : labels_(std::move(labels)), out_(std::move(out)) {}
  void add(const PictureResult& result) override { out_(json_picture(result, labels_, false) + "\n"); }

 private:
  std::vector<std::string> labels_;
  TextOut out_;
};

// A numeric file name is the picture's id in COCO.
std::string coco_image_id(const std::string& name) {
  const std::string stem = stem_of(name);
  const auto id = parse_whole(stem);
  return id && stem[0] != '-' ? std::to_string(*id) : json_text(stem);
}

// The results list that COCO's evaluation reads.
class CocoWriter final : public ResultWriter {
 public:
  CocoWriter(const std::vector<std::string>& labels, TextOut out)
      : official_ids_(labels == coco80_labels()), out_(std::move(out)) {}
  void begin() override { array_.begin(); }
  void add(const PictureResult& result) override {
    const std::string image_id = coco_image_id(result.name);
    for (const Detection& box : result.found.boxes) {
      const int category = official_ids_ ? kCocoIds[static_cast<std::size_t>(box.class_id)] : box.class_id;
      array_.add(fmt::format(R"({{"image_id":{},"category_id":{},"bbox":[{},{},{},{}],"score":{}}})", image_id,
                             category, number(box.x1), number(box.y1), number(box.x2 - box.x1), number(box.y2 - box.y1),
                             number(box.score)));
    }
  }
  void end(const RunSummary& /*summary*/) override { array_.end(); }

 private:
  bool official_ids_;
  TextOut out_;
  JsonArray array_{out_};
};

class YoloWriter final : public ResultWriter {
 public:
  YoloWriter(const WriterOptions& options, TextOut out) : options_(options), out_(std::move(out)) {}
  void add(const PictureResult& result) override {
    if (options_.several) out_(fmt::format("# {}\n", printable_line(result.name)));
    out_(yolo_lines(result.found.boxes, result.width, result.height, options_.conf));
  }

 private:
  WriterOptions options_;
  TextOut out_;
};

class TableWriter final : public ResultWriter {
 public:
  TableWriter(const WriterOptions& options, std::vector<std::string> labels, TextOut out)
      : options_(options), labels_(std::move(labels)), out_(std::move(out)) {}
  void add(const PictureResult& result) override { out_((tables_++ > 0 ? "\n" : "") + table(result)); }
  void end(const RunSummary& summary) override {
    if (options_.several && summary.pictures > 0) out_(last_lines(summary));
  }

 private:
  std::string label(int id) const { return printable_line(labels_[static_cast<std::size_t>(id)]); }

  std::string found_in(const PictureResult& result) const {
    std::map<int, std::size_t> counts;
    for (const Detection& box : result.found.boxes) ++counts[box.class_id];
    std::string what;
    for (const auto& [id, count] : counts) what += (what.empty() ? "" : ", ") + counted(count, label(id));
    return what.empty() ? "nothing found" : what;
  }

  std::string table(const PictureResult& result) const {
    const auto& boxes = result.found.boxes;
    const StageTimes& ms = result.found.ms;
    std::string text =
        fmt::format("{}  {}x{}  {}\n", printable_line(result.name), result.width, result.height, found_in(result));
    text += fmt::format("  decode {:.1f}, preprocess {:.1f}, infer {:.1f}, postprocess {:.1f} ms\n", result.decode_ms,
                        ms.preprocess, ms.infer, ms.postprocess);
    std::size_t widest = 5;
    for (const Detection& box : boxes) widest = std::max(widest, columns(label(box.class_id)));
    if (!boxes.empty()) {
      text += fmt::format("  {}  score       x1       y1       x2       y2\n", padded("class", widest));
    }
    for (const Detection& box : boxes) {
      text += fmt::format("  {}  {:.3f} {:8.1f} {:8.1f} {:8.1f} {:8.1f}\n", padded(label(box.class_id), widest),
                          box.score, box.x1, box.y1, box.x2, box.y2);
    }
    return text;
  }

  static std::string last_lines(const RunSummary& summary) {
    const auto n = static_cast<double>(summary.pictures);
    std::string text = "\n" + counted(summary.pictures, "picture");
    if (summary.failed > 0) text += fmt::format(", {} failed", summary.failed);
    text += fmt::format(", {}; {:.1f} pictures/s\n", counted(summary.boxes, "box"), n / summary.wall_ms * 1e3);
    return text + fmt::format("mean ms: decode {:.1f}, preprocess {:.1f}, infer {:.1f}, postprocess {:.1f}\n",
                              summary.decode / n, summary.preprocess / n, summary.infer / n, summary.postprocess / n);
  }

  WriterOptions options_;
  std::vector<std::string> labels_;
  TextOut out_;
  std::size_t tables_ = 0;
};

}  // namespace

std::string json_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_box(const Detection& box, const std::vector<std::string>& labels) {
  return fmt::format(R"({{"class_id":{},"label":{},"score":{},"box":[{},{},{},{}])", box.class_id,
                     json_text(labels[static_cast<std::size_t>(box.class_id)]), number(box.score), number(box.x1),
                     number(box.y1), number(box.x2), number(box.y2));
}

std::optional<ResultFormat> result_format_from_name(std::string_view name) {
  if (name == "table") return ResultFormat::kTable;
  if (name == "json") return ResultFormat::kJson;
  if (name == "jsonl") return ResultFormat::kJsonLines;
  if (name == "coco") return ResultFormat::kCoco;
  if (name == "yolo") return ResultFormat::kYolo;
  return std::nullopt;
}

void RunSummary::add(const PictureResult& result) {
  ++pictures;
  boxes += result.found.boxes.size();
  decode += result.decode_ms;
  preprocess += result.found.ms.preprocess;
  infer += result.found.ms.infer;
  postprocess += result.found.ms.postprocess;
}

std::unique_ptr<ResultWriter> make_writer(const WriterOptions& options, std::vector<std::string> labels, TextOut out) {
  switch (options.format) {
    case ResultFormat::kJson:
      return std::make_unique<JsonWriter>(std::move(labels), std::move(out));
    case ResultFormat::kJsonLines:
      return std::make_unique<JsonLinesWriter>(std::move(labels), std::move(out));
    case ResultFormat::kCoco:
      return std::make_unique<CocoWriter>(labels, std::move(out));
    case ResultFormat::kYolo:
      return std::make_unique<YoloWriter>(options, std::move(out));
    case ResultFormat::kTable:
      break;
  }
  return std::make_unique<TableWriter>(options, std::move(labels), std::move(out));
}

}  // namespace saker
