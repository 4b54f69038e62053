#include "eval/eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <new>

#include "base/files.h"
#include "base/try.h"
#include "eval/eval_plots.h"
#include "eval/worst_pictures.h"
#include "media/formats.h"
#include "report/page.h"

namespace saker {
namespace {

constexpr std::size_t kMostConfusions = 20;
constexpr const char* kNothing = "\u2013";  // where there is nothing to measure

std::string number(double value) {
  return value < 0 ? std::string(kNothing) : fmt::format("{:.4f}", value);
}

// One row of the twelve numbers, and what the YOLO frameworks say instead.
struct NumberRow {
  std::string_view meaning;
  double (*yolo)(const YoloNumbers&);  // null: nothing
};

constexpr NumberRow kNumberRows[] = {
    {"Average precision, mean of IoU .50 to .95", [](const YoloNumbers& n) { return n.map50_95; }},
    {"IoU .50", [](const YoloNumbers& n) { return n.map50; }},
    {"IoU .75", nullptr},
    {"Small boxes, below 32 x 32 pixels", nullptr},
    {"Medium boxes", nullptr},
    {"Large boxes, above 96 x 96 pixels", nullptr},
    {"Average recall with 1 box a picture and class", nullptr},
    {"With 10 boxes", nullptr},
    {"With 100 boxes", nullptr},
    {"Small boxes", nullptr},
    {"Medium boxes", nullptr},
    {"Large boxes", nullptr},
};

void add_counts(Page& page, const EvalReportInput& input) {
  const Dataset& truth = input.truth;
  const auto crowds = std::count_if(truth.annotations.begin(), truth.annotations.end(),
                                    [](const Annotation& box) { return box.crowd; });
  Table table;
  for (const auto& [name, value] : input.settings) table.rows.push_back({name, value});
  table.rows.push_back({"Pictures", fmt::format("{}", truth.pictures.size())});
  table.rows.push_back(
      {"Classes", fmt::format("{}, {} with true boxes", truth.categories.size(), input.yolo.categories.size())});
  table.rows.push_back({"True boxes", fmt::format("{}, {} of them crowds", truth.annotations.size(), crowds)});
  if (truth.skipped > 0) table.rows.push_back({"Broken entries left out", fmt::format("{}", truth.skipped)});
  table.rows.push_back({"Boxes found", fmt::format("{}", input.found.size())});
  table.numeric = {false, false};
  page.table(table);
  for (const std::string& note : input.notes) page.note(note);
}

void add_numbers(Page& page, const EvalReportInput& input) {
  const std::array<double, 12> coco = input.coco.numbers().list();
  const YoloNumbers& yolo = input.yolo.all;
  Table table{{"Number", "COCO", "YOLO style", "What it is"}, {}, {false, true, true, false}};
  for (std::size_t i = 0; i < coco.size(); ++i) {
    const NumberRow& row = kNumberRows[i];
    table.rows.push_back({std::string(kCocoNumberNames[i]), number(coco[i]),
                          row.yolo != nullptr ? number(row.yolo(yolo)) : kNothing, std::string(row.meaning)});
  }
  const std::string where =
      fmt::format("At confidence {:.3f}, where the mean F1 is best; IoU .50", input.yolo.confidence);
  table.rows.push_back({"Precision", kNothing, number(yolo.precision), where});
  table.rows.push_back({"Recall", kNothing, number(yolo.recall), where});
  table.rows.push_back({"F1", kNothing, number(yolo.f1), where});
  page.heading("Accuracy");
  page.table(table);
  page.paragraph(
      "COCO's numbers equal pycocotools'. The YOLO style is that of the training frameworks. The two differ on "
      "the same boxes: COCO forgives boxes on crowds and counts at most 100 boxes a picture and class; the frameworks "
      "leave "
      "crowds out of the truth, so that boxes on them are mistakes, and integrate precision over recall by another "
      "rule. Compare numbers of one style only.");
}

Status add_comparison(Page& page, const EvalReportInput& input) {
  if (!input.comparison) return {};
  const EvalComparison& other = *input.comparison;
  const std::array<double, 12> ours = input.coco.numbers().list(), theirs = other.numbers.list();
  Table table{{"Number", "This model", other.name, "Difference", "95 % interval", "Beyond chance"},
              {},
              {false, true, true, true, true, false}};
  BarPlot plot;
  plot.title = "Difference to " + other.name + ", with 95 % intervals";
  plot.y.title = "Points of 100";
  plot.format = "{:+.2f}";
  plot.series = {"difference"};
  plot.bars.resize(1);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const Difference& d = other.differences.coco[i];
    const bool measured = ours[i] >= 0 && theirs[i] >= 0;
    table.rows.push_back({std::string(kCocoNumberNames[i]), number(ours[i]), number(theirs[i]),
                          measured ? fmt::format("{:+.4f}", d.value) : kNothing,
                          measured ? fmt::format("{:+.4f} to {:+.4f}", d.low, d.high) : kNothing,
                          !measured         ? kNothing
                          : d.significant() ? "yes"
                                            : "no"});
    if (!measured) continue;
    plot.groups.emplace_back(kCocoNumberNames[i]);
    plot.bars[0].push_back({100 * d.value, std::pair(100 * d.low, 100 * d.high)});
  }
  page.heading("Compared with " + other.name);
  page.table(table);
  SAKER_TRY(page.picture(draw_plot(plot), plot.title));
  page.paragraph(
      fmt::format("Intervals from {} samples of the pictures, drawn with replacement; both models are scored "
                  "on the same samples. An interval without zero is beyond chance.",
                  other.differences.samples));
  return {};
}

void add_classes(Page& page, const EvalReportInput& input) {
  const std::vector<CocoNumbers> coco = input.coco.per_category();
  Table table{
      {"Class", "Pictures", "Boxes", "P", "R", "F1", "AP50", "AP", "AP small", "AP medium", "AP large"}, {}, {}};
  for (const YoloCategory& category : input.yolo.categories) {
    const auto place = static_cast<std::size_t>(category.category);
    const CocoNumbers& n = coco[place];
    table.rows.push_back({input.truth.categories[place].name, fmt::format("{}", category.pictures),
                          fmt::format("{}", category.boxes), number(category.numbers.precision),
                          number(category.numbers.recall), number(category.numbers.f1), number(n.ap50), number(n.ap),
                          number(n.ap_small), number(n.ap_medium), number(n.ap_large)});
  }
  page.heading("Classes");
  page.table(table);
  page.paragraph(
      fmt::format("P, R and F1 in YOLO style at confidence {:.3f}; AP as COCO has it. A click on a column sorts. "
                  "Classes without true boxes are left out.",
                  input.yolo.confidence));
}

void add_confusions(Page& page, const EvalReportInput& input) {
  if (input.confusion.counts.empty()) {
    page.paragraph(
        fmt::format("Nor are confusions counted where there are more than {} classes.", kMostConfusionCategories));
    return;
  }
  const std::vector<Confusion> top = top_confusions(input.truth, input.confusion, kMostConfusions);
  page.paragraph(
      fmt::format("Boxes with a confidence above {:g}; each takes the free true box of any class that it overlaps "
                  "most, with an IoU above {:g}. Background: boxes missed and boxes invented.",
                  input.confusion.conf, input.confusion.iou));
  if (top.empty()) return;
  Table table{{"Predicted", "True", "Boxes", "Share of the true class"}, {}, {false, false, true, true}};
  for (const Confusion& pair : top) {
    table.rows.push_back(
        {pair.predicted, pair.is, fmt::format("{}", pair.count), fmt::format("{:.1f} %", 100 * pair.share)});
  }
  page.table(table);
}

Status add_worst(Page& page, const EvalReportInput& input) {
  const std::vector<WorstPicture> worst =
      worst_pictures(input.truth, input.found, input.coco, input.worst_pictures, input.drawn_confidence);
  if (worst.empty()) return {};
  page.heading("Worst pictures");
  page.paragraph(fmt::format("The lowest AP first. Boxes with a confidence of at least {:g}. {}",
                             input.drawn_confidence, colors_of_worst_pictures()));
  for (const WorstPicture& picture : worst) {
    if (!picture.error.empty()) page.note(picture.error);
  }
  page.gallery_begin();
  for (const WorstPicture& picture : worst) {
    if (picture.error.empty()) SAKER_TRY(page.picture(picture.image, picture.caption, true));
  }
  page.gallery_end();
  return {};
}

Status add_plots(Page& page, std::string_view heading, const std::vector<NamedPlot>& plots, const std::string& folder) {
  page.heading(heading);
  if (plots.empty()) page.paragraph("Too many classes for a picture.");
  for (const NamedPlot& plot : plots) {
    SAKER_ASSIGN(const std::vector<std::uint8_t> file, encode_png(plot.image.view()));
    page.picture_file(file, plot.image.width, plot.image.height, plot.caption);
    SAKER_TRY(write_file((std::filesystem::path(folder) / plot.file).string(), std::as_bytes(std::span(file))));
  }
  return {};
}

Status write_report(const EvalReportInput& input, const std::string& folder) {
  Page page(input.title);
  add_counts(page, input);
  add_numbers(page, input);
  SAKER_TRY(add_comparison(page, input));
  add_classes(page, input);
  SAKER_TRY(add_plots(page, "Curves", curve_plots(input.truth, input.yolo), folder));
  SAKER_TRY(add_plots(page, "Confusion matrix", confusion_plots(input.truth, input.confusion), folder));
  add_confusions(page, input);
  SAKER_TRY(add_worst(page, input));
  return write_file((std::filesystem::path(folder) / "report.html").string(), page.html());
}

}  // namespace

Status write_eval_report(const EvalReportInput& input, const std::string& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return Error{ErrorCode::kIo, fmt::format("{}: cannot make the folder: {}", folder, failure.message())};
  try {
    return write_report(input, folder);
  } catch (const std::bad_alloc&) {
    return Error{ErrorCode::kLimit, fmt::format("{}: not enough memory for the report", folder)};
  }
}

}  // namespace saker
