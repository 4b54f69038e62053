// What `saker eval` found out, as a table and as JSON.
#include "eval_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/plural.h"

namespace saker::cli {
namespace {

// -1 stands for "nothing to measure".
std::string shown(double value) {
  return value < 0 ? "-" : fmt::format("{:.4f}", value);
}

struct CocoRow {
  const char *what, *iou, *area, *boxes;
};
constexpr std::array<CocoRow, 12> kCocoRows = {{
    {"AP", ".50:.95", "all", "100"},
    {"AP50", ".50", "all", "100"},
    {"AP75", ".75", "all", "100"},
    {"APs", ".50:.95", "small", "100"},
    {"APm", ".50:.95", "medium", "100"},
    {"APl", ".50:.95", "large", "100"},
    {"AR1", ".50:.95", "all", "1"},
    {"AR10", ".50:.95", "all", "10"},
    {"AR100", ".50:.95", "all", "100"},
    {"ARs", ".50:.95", "small", "100"},
    {"ARm", ".50:.95", "medium", "100"},
    {"ARl", ".50:.95", "large", "100"},
}};

std::string numbers_table(const Scored& scored) {
  const YoloNumbers& yolo = scored.yolo.all;
  const std::vector<std::pair<std::string, double>> right = {
      {"mAP50-95", yolo.map50_95}, {"mAP50", yolo.map50}, {"precision", yolo.precision},
      {"recall", yolo.recall},     {"F1", yolo.f1},       {"at confidence", scored.yolo.confidence}};
  std::string text = fmt::format("{:<40}{}\n", "COCO (as pycocotools)", "YOLO-style (as the training frameworks)");
  const auto coco = scored.numbers.list();
  for (std::size_t i = 0; i < kCocoRows.size(); ++i) {
    const CocoRow& row = kCocoRows[i];
    std::string line =
        fmt::format("  {:<6} {:<8} {:<7} {:>3}  {:>7}", row.what, row.iou, row.area, row.boxes, shown(coco[i]));
    if (i < right.size()) line = fmt::format("{:<42}{:<14} {:>7}", line, right[i].first, shown(right[i].second));
    text += line + "\n";
  }
  return text;
}

std::string class_table(const Evaluated& evaluated) {
  const auto coco = evaluated.model.coco.per_category();
  std::string text = fmt::format("\n{:<20} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}\n", "class",
                                 "pictures", "boxes", "AP", "AP50", "APs", "APm", "APl", "P", "R");
  for (const YoloCategory& one : evaluated.model.yolo.categories) {
    const auto index = static_cast<std::size_t>(one.category);
    const CocoNumbers& n = coco[index];
    text += fmt::format("{:<20} {:>8} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}\n",
                        evaluated.dataset.categories[index].name.substr(0, 20), one.pictures, one.boxes, shown(n.ap),
                        shown(n.ap50), shown(n.ap_small), shown(n.ap_medium), shown(n.ap_large),
                        shown(one.numbers.precision), shown(one.numbers.recall));
  }
  return text;
}

std::string difference_table(const Evaluated& evaluated) {
  const auto ours = evaluated.model.numbers.list(), theirs = evaluated.against->numbers.list();
  std::string text = fmt::format("\nA = {}\nB = {}\n{:<7} {:>8} {:>8} {:>9}  {:<20} {}\n", evaluated.model.name,
                                 evaluated.against->name, "", "A", "B", "A - B", "95 % interval", "");
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const Difference& d = evaluated.differences->coco[i];
    const char* verdict = d.significant() ? (d.value > 0 ? "A is better" : "B is better") : "no difference shown";
    text +=
        fmt::format("{:<7} {:>8} {:>8} {:>+9.4f}  {:<20} {}\n", kCocoNumberNames[i], shown(ours[i]), shown(theirs[i]),
                    d.value, fmt::format("{:+.4f} to {:+.4f}", d.low, d.high), ours[i] < 0 ? "" : verdict);
  }
  return text + fmt::format("({} bootstrap samples of the {})\n", evaluated.differences->samples,
                            counted(evaluated.dataset.pictures.size(), "picture"));
}

Json coco_json(const CocoNumbers& numbers) {
  Json json = Json::object();
  const auto list = numbers.list();
  for (std::size_t i = 0; i < list.size(); ++i) json[std::string(kCocoNumberNames[i])] = list[i];
  return json;
}

Json yolo_json(const YoloNumbers& numbers) {
  return {{"mAP50-95", numbers.map50_95},
          {"mAP50", numbers.map50},
          {"precision", numbers.precision},
          {"recall", numbers.recall},
          {"f1", numbers.f1}};
}

Json classes_json(const Evaluated& evaluated) {
  const auto coco = evaluated.model.coco.per_category();
  std::vector<const YoloCategory*> yolo(coco.size(), nullptr);
  for (const YoloCategory& one : evaluated.model.yolo.categories) yolo[static_cast<std::size_t>(one.category)] = &one;
  Json list = Json::array();
  for (std::size_t i = 0; i < coco.size(); ++i) {
    const Category& category = evaluated.dataset.categories[i];
    list.push_back({{"id", category.id},
                    {"name", category.name},
                    {"pictures", yolo[i] == nullptr ? 0 : yolo[i]->pictures},
                    {"boxes", yolo[i] == nullptr ? 0 : yolo[i]->boxes},
                    {"coco", coco_json(coco[i])},
                    {"yolo", yolo[i] == nullptr ? Json(nullptr) : yolo_json(yolo[i]->numbers)}});
  }
  return list;
}

Json differences_json(const Evaluated& evaluated) {
  Json json = {{"name", evaluated.against->name},
               {"coco", coco_json(evaluated.against->numbers)},
               {"yolo", yolo_json(evaluated.against->yolo.all)},
               {"found_skipped", evaluated.against->skipped},
               {"samples", evaluated.differences->samples},
               {"differences", Json::object()}};
  for (std::size_t i = 0; i < kCocoNumberNames.size(); ++i) {
    const Difference& d = evaluated.differences->coco[i];
    json["differences"][std::string(kCocoNumberNames[i])] = {
        {"value", d.value}, {"low", d.low}, {"high", d.high}, {"significant", d.significant()}};
  }
  return json;
}

}  // namespace

std::string eval_table(const Evaluated& evaluated) {
  const Dataset& data = evaluated.dataset;
  std::string text = fmt::format("{} on {}: {}, {} of {}, {} found", evaluated.model.name, data.path,
                                 counted(data.pictures.size(), "picture"), counted(data.annotations.size(), "box"),
                                 counted(data.categories.size(), "class"), evaluated.model.boxes.size());
  if (evaluated.pictures_per_second > 0) text += fmt::format(" ({:.1f} pictures/s)", evaluated.pictures_per_second);
  text += "\n\n" + numbers_table(evaluated.model);
  text += class_table(evaluated);
  if (evaluated.against) text += difference_table(evaluated);
  if (data.skipped > 0) text += "\nleft out of the data: " + counted(data.skipped, "entry") + "\n";
  for (const Scored* each : {&evaluated.model, evaluated.against ? &*evaluated.against : nullptr}) {
    if (each != nullptr && each->skipped > 0)
      text += fmt::format("\nleft out of {}: {}\n", each->name, counted(each->skipped, "entry"));
  }
  return text;
}

Json eval_json(const Evaluated& evaluated) {
  Json json = Json::object();
  json["coco"] = coco_json(evaluated.model.numbers);
  json["yolo"] = yolo_json(evaluated.model.yolo.all);
  json["yolo"]["confidence"] = evaluated.model.yolo.confidence;
  json["per_class"] = classes_json(evaluated);
  json["model"] = evaluated.model.name;
  json["data"] = {{"path", evaluated.dataset.path},
                  {"pictures", evaluated.dataset.pictures.size()},
                  {"boxes", evaluated.dataset.annotations.size()},
                  {"skipped", evaluated.dataset.skipped}};
  json["found"] = evaluated.model.boxes.size();
  json["found_skipped"] = evaluated.model.skipped;
  if (evaluated.pictures_per_second > 0) json["pictures_per_second"] = evaluated.pictures_per_second;
  if (evaluated.against) json["against"] = differences_json(evaluated);
  return json;
}

}  // namespace saker::cli
