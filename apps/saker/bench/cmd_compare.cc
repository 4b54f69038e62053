// saker compare: size, speed, memory and accuracy of several files or engines side by side.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "base/try.h"
#include "bench/bench_report.h"
#include "bench/measure_flags.h"
#include "command.h"
#include "progress.h"
#include "report.h"
#include "report/plot.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker compare fp32.onnx int8.onnx\n"
    "  saker compare yolov8n.torchscript yolov8n.onnx --data data.yaml --md table.md\n"
    "  saker compare yolov8n.onnx --backend saker,onnxruntime,openvino --html compare.html\n"
    "\n"
    "All are measured in turns, each in a process of its own (as saker bench does), and compared\n"
    "with the first. With --data each is evaluated on it as well (as saker eval does).\n"
    "\n"
    "Exit code: 0 all well; 1 some failed (the others are in the result); 2 wrong flags.";

struct CompareFlags : MeasureFlags {
  std::string images, split;
};

struct Accuracy {
  std::optional<double> map50_95, map50;  // 0..1
  std::string error;
};

// `saker eval` in a process of its own, so that engines stay apart.
Result<Json> run_eval(const CompareFlags& flags, const Measured& measured) {
  const Configuration& asked = measured.configuration;
  std::vector<std::string> words = {"/proc/self/exe", "eval", asked.model, "--data", flags.data};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {flag, value});
  };
  add("--backend", measured.loaded.backend);
  add("--images", flags.images);
  add("--split", flags.split);
  add("--precision", asked.precision);
  add("--isa", asked.isa);
  add("--imgsz", asked.height > 0 ? fmt::format("{}x{}", asked.height, asked.width) : "");
  if (asked.low_memory) words.emplace_back("--low-memory");
  if (asked.autotune) words.emplace_back("--autotune");
  words.insert(words.end(), {"--quiet", "--json=-"});
  constexpr double kNoLimit = 1e12;
  SAKER_ASSIGN(const ProgramOutput output, run_program(words, kNoLimit));
  const Json json = Json::parse(output.out, nullptr, false);
  if (!output.ending.ok() || !json.is_object()) {
    std::string why(trimmed(output.errors));
    if (why.starts_with("saker: ")) why.erase(0, 7);
    return Error{ErrorCode::kInvalid, fmt::format("saker eval: {}", why.empty() ? to_string(output.ending) : why)};
  }
  return json;
}

std::optional<double> number_at(const Json& json, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!json.contains(at) || !json.at(at).is_number()) return std::nullopt;
  return json.at(at).get<double>();
}

// Whether the two have the same boxes: they differ in threads, streams or batch only.
bool same_boxes(const Measured& a, const Measured& b) {
  return a.ok() && b.ok() && a.configuration.model == b.configuration.model && a.loaded.backend == b.loaded.backend &&
         a.configuration.precision == b.configuration.precision;
}

std::vector<Accuracy> evaluate_all(const CompareFlags& flags, const std::vector<Measured>& results) {
  std::vector<Accuracy> all(results.size());
  if (flags.data.empty()) return all;
  Progress progress(results.size(), true, "evaluations");
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) continue;
    const auto before = std::find_if(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const Measured& each) { return same_boxes(each, results[i]); });
    if (const auto k = static_cast<std::size_t>(before - results.begin()); k < i) {
      all[i] = all[k];
      continue;
    }
    progress.show(i, 0);
    const auto json = run_eval(flags, results[i]);
    if (json.ok()) {
      all[i].map50_95 = number_at(*json, "/coco/AP");
      all[i].map50 = number_at(*json, "/coco/AP50");
    } else {
      all[i].error = json.error().message;
      progress.clear();
      say(result_name(results, i) + ": " + all[i].error);
    }
  }
  return all;
}

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", 100 * *value) : "";
}

// "1.32 (1.30 to 1.34)"
std::string ratio_text(const BenchReport& report, std::size_t i) {
  const auto found =
      std::find_if(report.ratios.begin(), report.ratios.end(), [&](const ResultRatio& each) { return each.own == i; });
  if (found == report.ratios.end()) return "1";
  const Ratio& ratio = found->comparison.ratio;
  if (!ratio.low) return fmt::format("{:.2f}", ratio.ratio);
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.ratio, *ratio.low, *ratio.high);
}

Section main_section(const BenchReport& report, const std::vector<Accuracy>& accuracy, bool with_data) {
  Section section;
  section.table.columns = {"", "file MB", "load ms", "p50 ms", "FPS", "memory MB", "times as fast"};
  if (with_data) section.table.columns.insert(section.table.columns.end(), {"mAP50-95 %", "mAP50 %"});
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Measured& each = report.results[i];
    if (!each.ok()) continue;
    std::vector<std::string> row = {result_name(report.results, i),
                                    fmt::format("{:.1f}", each.loaded.file_mb),
                                    fmt::format("{:.1f}", each.loaded.load_ms),
                                    fmt::format("{:.2f}", each.latency().p50),
                                    fmt::format("{:.1f}", each.fps()),
                                    fmt::format("{:.1f}", each.loaded.rss_warm_mb),
                                    ratio_text(report, i)};
    if (with_data) row.insert(row.end(), {percent(accuracy[i].map50_95), percent(accuracy[i].map50)});
    section.table.rows.push_back(std::move(row));
  }
  section.notes.push_back(
      "Memory: of the whole process after the warm-up. Times as fast: against the first line, with its 95 % interval.");
  return section;
}

void add_plot(Section& section, const BenchReport& report, const char* title,
              const std::vector<std::optional<double>>& values) {
  BarPlot plot;
  plot.title = title;
  plot.y.low = 0;
  plot.series = {""};
  plot.bars.emplace_back();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    plot.groups.push_back(result_name(report.results, i));
    plot.bars[0].push_back({*values[i], {}});
  }
  if (!plot.groups.empty()) section.plots.emplace_back(draw_plot(plot), title);
}

void add_plots(Section& section, const BenchReport& report, const std::vector<Accuracy>& accuracy) {
  std::vector<std::optional<double>> fps, memory, map;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Measured& each = report.results[i];
    fps.push_back(each.ok() ? std::optional(each.fps()) : std::nullopt);
    memory.push_back(each.ok() ? std::optional(each.loaded.rss_warm_mb) : std::nullopt);
    map.push_back(accuracy[i].map50_95 ? std::optional(100 * *accuracy[i].map50_95) : std::nullopt);
  }
  add_plot(section, report, "Pictures a second", fps);
  add_plot(section, report, "Memory after the warm-up (MB)", memory);
  add_plot(section, report, "mAP50-95 (%)", map);
}

Json compare_json(const BenchReport& report, const std::vector<Accuracy>& accuracy, bool with_data) {
  Json json = bench_json(report);
  if (!with_data) return json;
  for (std::size_t i = 0; i < accuracy.size(); ++i) {
    Json& entry = json["results"][i];
    entry["map50_95"] = accuracy[i].map50_95 ? Json(*accuracy[i].map50_95) : Json(nullptr);
    entry["map50"] = accuracy[i].map50 ? Json(*accuracy[i].map50) : Json(nullptr);
    if (!accuracy[i].error.empty()) entry["eval_error"] = accuracy[i].error;
  }
  return json;
}

int run_compare(const CompareFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("compare", status.error().message);
  if (flags.data.empty() && !(flags.images.empty() && flags.split.empty()))
    return usage_error("compare", "--images and --split are for --data");
  if (auto status = check_files(flags); !status.ok()) return fail(status.error());
  const auto all = configurations(flags);
  if (all.size() < 2)
    return usage_error("compare", "there is nothing to compare: name several files, or several engines with --backend");
  BenchReport report = run_groups(flags, {all});
  report.ratios = ratios_to_first(report.results);
  const auto accuracy = evaluate_all(flags, report.results);
  Document document = empty_document(report, "Comparison");
  const bool with_data = !flags.data.empty();
  document.sections.push_back(main_section(report, accuracy, with_data));
  if (!flags.html.empty()) add_plots(document.sections[0], report, accuracy);
  if (Section ratios = ratio_section(report); !ratios.heading.empty()) document.sections.push_back(std::move(ratios));
  if (Section failures = failures_section(report); !failures.notes.empty())
    document.sections.push_back(std::move(failures));
  if (auto status =
          write_reports(flags, compare_json(report, accuracy, with_data), document, !all_failed(report.results));
      !status.ok())
    return fail(status.error());
  const bool eval_failed =
      std::any_of(accuracy.begin(), accuracy.end(), [](const Accuracy& each) { return !each.error.empty(); });
  return any_failed(report.results) || eval_failed ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_compare(CLI::App& app) {
  auto flags = std::make_shared<CompareFlags>();
  flags->command = "compare";
  add_work_flags(app, *flags);
  add_run_flags(app, *flags);
  add_value(app, "--data", "DATA", flags->data,
            "also mAP: COCO annotations, a YOLO data.yaml, or a folder of VOC .xml");
  add_value(app, "--images", "DIR", flags->images, "the pictures, if they are not beside the annotations");
  add_value(app, "--split", "NAME", flags->split, "of a data.yaml: train, val or test [val]");
  add_report_flags(app, *flags, true);
  app.footer(kExamples);
  return [flags] { return run_compare(*flags); };
}

}  // namespace saker::cli
