// What `saker compare` found out: speed, size and memory side by side with accuracy.
#include "measure/compare_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/plot.h"

namespace saker {
namespace {

std::string percent(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", 100 * *value) : "";
}

// "1.32 (1.30 to 1.34)"
std::string ratio_text(const BenchReport& report, std::size_t i) {
  const auto found =
      std::find_if(report.ratios.begin(), report.ratios.end(), [&](const ResultRatio& each) { return each.own == i; });
  if (found == report.ratios.end()) return "1";
  const SpeedRatio& ratio = found->comparison.ratio;
  if (!ratio.low) return fmt::format("{:.2f}", ratio.ratio);
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", ratio.ratio, *ratio.low, *ratio.high);
}

Section main_section(const BenchReport& report, const std::vector<ModelAccuracy>& accuracy) {
  const bool with_data = !accuracy.empty();
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

void add_plots(Section& section, const BenchReport& report, const std::vector<ModelAccuracy>& accuracy) {
  std::vector<std::optional<double>> fps, memory, map;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Measured& each = report.results[i];
    fps.push_back(each.ok() ? std::optional(each.fps()) : std::nullopt);
    memory.push_back(each.ok() ? std::optional(each.loaded.rss_warm_mb) : std::nullopt);
    const bool known = !accuracy.empty() && accuracy[i].map50_95;
    map.push_back(known ? std::optional(100 * *accuracy[i].map50_95) : std::nullopt);
  }
  add_plot(section, report, "Pictures a second", fps);
  add_plot(section, report, "Memory after the warm-up (MB)", memory);
  add_plot(section, report, "mAP50-95 (%)", map);
}

}  // namespace

bool same_boxes(const Measured& a, const Measured& b) {
  return a.ok() && b.ok() && a.configuration.model == b.configuration.model && a.loaded.backend == b.loaded.backend &&
         a.configuration.precision == b.configuration.precision;
}

Document compare_document(const BenchReport& report, const std::vector<ModelAccuracy>& accuracy, bool plots) {
  Document document = empty_document(report, "Comparison");
  document.sections.push_back(main_section(report, accuracy));
  if (plots) add_plots(document.sections[0], report, accuracy);
  if (Section ratios = ratio_section(report); !ratios.heading.empty()) document.sections.push_back(std::move(ratios));
  if (Section failures = failures_section(report); !failures.notes.empty())
    document.sections.push_back(std::move(failures));
  return document;
}

Json compare_json(const BenchReport& report, const std::vector<ModelAccuracy>& accuracy) {
  Json json = bench_json(report);
  for (std::size_t i = 0; i < accuracy.size(); ++i) {
    Json& entry = json["results"][i];
    entry["map50_95"] = accuracy[i].map50_95 ? Json(*accuracy[i].map50_95) : Json(nullptr);
    entry["map50"] = accuracy[i].map50 ? Json(*accuracy[i].map50) : Json(nullptr);
    if (!accuracy[i].error.empty()) entry["eval_error"] = accuracy[i].error;
  }
  return json;
}

}  // namespace saker
