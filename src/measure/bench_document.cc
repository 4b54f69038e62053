// What `saker bench` found out, for people: tables and plots.
#include <fmt/format.h>

#include <algorithm>

#include "base/statistics.h"
#include "base/text.h"
#include "measure/bench_report.h"
#include "report/plot.h"

namespace saker {
namespace {

std::string ms_text(double ms) {
  return ms < 10 ? fmt::format("{:.3f}", ms) : fmt::format("{:.2f}", ms);
}

std::string mb_text(double mb) {
  return fmt::format("{:.1f}", mb);
}

// One row a result that has figures; `cells` gives what follows its name.
template <typename F>
Table result_table(const BenchReport& report, std::vector<std::string> columns, F&& cells) {
  Table table;
  table.columns = std::move(columns);
  table.columns.insert(table.columns.begin(), "");
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    if (!report.results[i].ok()) continue;
    std::vector<std::string> row = cells(report.results[i]);
    row.insert(row.begin(), result_name(report.results, i));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Section time_section(const BenchReport& report) {
  Section section;
  section.heading = "Time of a run (ms) and pictures a second";
  section.table = result_table(report, {"p50", "mean", "p90", "p99", "min", "max", "FPS"},
                               [](const Measured& each) -> std::vector<std::string> {
                                 const LatencySummary latency = each.latency();
                                 return {ms_text(latency.p50),
                                         ms_text(latency.mean),
                                         ms_text(latency.p90),
                                         ms_text(latency.p99),
                                         ms_text(latency.min),
                                         ms_text(latency.max),
                                         fmt::format("{:.1f}", each.fps())};
                               });
  return section;
}

Section stage_section(const BenchReport& report) {
  Section section;
  section.heading = "Where the time of a picture goes (mean, ms)";
  section.table = result_table(report, {"fit into the input", "model", "boxes"},
                               [](const Measured& each) -> std::vector<std::string> {
                                 const StageMeans stages = each.stages();
                                 return {ms_text(stages.preprocess), ms_text(stages.infer), ms_text(stages.boxes)};
                               });
  return section;
}

// One bar a result that has figures; `bar` gives it.
template <typename F>
Image result_plot(const BenchReport& report, const char* title, const char* unit, F&& bar) {
  BarPlot plot;
  plot.title = title;
  plot.y.title = unit;
  plot.y.low = 0;
  plot.series = {""};
  plot.bars.emplace_back();
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    if (!report.results[i].ok()) continue;
    plot.groups.push_back(result_name(report.results, i));
    plot.bars[0].push_back(bar(report.results[i]));
  }
  return draw_plot(plot);
}

Image latency_plot(const BenchReport& report) {
  return result_plot(report, "Time of a run: median, 10 % to 90 %", "ms", [](const Measured& each) -> Bar {
    std::vector<double> all = each.all_ms();
    std::sort(all.begin(), all.end());
    return {percentile(all, 0.5), std::pair(percentile(all, 0.1), percentile(all, 0.9))};
  });
}

Image fps_plot(const BenchReport& report) {
  return result_plot(report, "Pictures a second", "FPS", [](const Measured& each) -> Bar { return {each.fps(), {}}; });
}

Image rounds_plot(const BenchReport& report) {
  LinePlot plot;
  plot.title = "Median of each round";
  plot.x.title = "round";
  plot.y.title = "ms";
  plot.y.low = 0;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    if (!report.results[i].ok()) continue;
    Line line;
    line.name = result_name(report.results, i);
    line.color_index = static_cast<int>(i);
    const auto figures = report.results[i].round_figures(false);
    for (std::size_t k = 0; k < figures.size(); ++k) line.points.emplace_back(static_cast<double>(k + 1), figures[k]);
    plot.lines.push_back(std::move(line));
  }
  return draw_plot(plot);
}

void add_plots(const BenchReport& report, Section& section) {
  section.plots.emplace_back(latency_plot(report),
                             "The whiskers go from the fastest tenth of the runs to the slowest.");
  section.plots.emplace_back(fps_plot(report), "All streams together.");
  section.plots.emplace_back(rounds_plot(report), "Lines that rise or fall: the machine changed while measuring.");
}

std::vector<std::string> layer_row(const std::string& number, const LayerTime& layer, double total_ms,
                                   double floor_ms) {
  const double rate = layer.ms > 0 ? layer.flops / layer.ms / 1e6 : 0;
  const bool counts = layer.flops > 0;
  return {number,
          fmt::format("{:.3f}", layer.ms),
          fmt::format("{:.1f}", 100 * layer.ms / std::max(total_ms, 1e-9)),
          counts ? fmt::format("{:.1f}", rate) : "",
          floor_ms > 0 && layer.ms > 0 ? fmt::format("{:.0f}", 100 * floor_ms / layer.ms) : "",
          fmt::format("{:.2f}", layer.bytes / 1e6),
          layer.ms > 0 ? fmt::format("{:.1f}", layer.bytes / layer.ms / 1e6) : "",
          layer.kernel,
          layer.output.empty() ? "" : to_string(layer.output),
          one_line(layer.name)};
}

Section layer_section(const BenchReport& report, std::size_t i) {
  const LayerTimes& layers = report.results[i].layers;
  Section section;
  section.heading = "Layers of " + report.results[i].configuration.model + ", " + result_name(report.results, i);
  section.table.columns = {"step", "ms", "%", "GFLOP/s", "% of peak", "MB", "GB/s", "kernel", "output", "node"};
  section.table.numeric = {true, true, true, true, true, true, true, false, false, false};
  LayerTime all;
  double floor_ms = 0;
  for (const LayerTime& layer : layers.layers) {
    all.ms += layer.ms;
    all.flops += layer.flops;
    all.bytes += layer.bytes;
    floor_ms += layers.floor_ms(layer);
  }
  for (std::size_t k = 0; k < layers.layers.size(); ++k)
    section.table.rows.push_back(
        layer_row(fmt::to_string(k), layers.layers[k], all.ms, layers.floor_ms(layers.layers[k])));
  section.table.rows.push_back(layer_row("all", all, all.ms, floor_ms));
  section.notes.push_back(
      !layers.peaks.empty()
          ? fmt::format("Peaks: {}, measured on {} at {}; a layer is compared with that of its kernel's arithmetic. "
                        "MB: operands, weights and result, each once.",
                        peaks_text(layers.peaks),
                        report.results[i].loaded.threads == 1
                            ? "1 thread"
                            : fmt::format("{} threads", report.results[i].loaded.threads),
                        report.results[i].loaded.isa)
          : "The peaks of this CPU could not be measured. MB: operands, weights and result, each once.");
  return section;
}

std::string method_note(const BenchReport& report) {
  const MeasureOptions& options = report.options;
  std::string much = options.runs > 0 ? fmt::format("{} runs", options.runs) : "";
  if (options.seconds > 0) much += fmt::format("{}{} s", much.empty() ? "" : " or ", options.seconds);
  return fmt::format(
      "Each line is a process of its own; {} in up to {} rounds, all lines in turn, in a new order each round. "
      "Percentiles lie between neighbouring runs as numpy.percentile has them.",
      much, options.rounds);
}

}  // namespace

Section memory_section(const BenchReport& report) {
  Section section;
  section.heading = "Loading (ms) and memory of the process (MB = 10^6 bytes)";
  section.table = result_table(report, {"file", "load", "first run", "before", "loaded", "warm", "peak"},
                               [](const Measured& each) -> std::vector<std::string> {
                                 return {mb_text(each.loaded.file_mb),
                                         ms_text(each.loaded.load_ms),
                                         each.configuration.warmup > 0 ? ms_text(each.loaded.first_ms) : "",
                                         mb_text(each.loaded.rss_before_mb),
                                         mb_text(each.loaded.rss_loaded_mb),
                                         mb_text(each.loaded.rss_warm_mb),
                                         mb_text(each.rss_peak_mb)};
                               });
  return section;
}

Section ratio_section(const BenchReport& report) {
  Section section;
  if (report.ratios.empty()) return section;
  section.heading = "How many times as fast";
  section.table.columns = {"", "against", "by", "ratio", "95 % interval", ""};
  section.table.numeric = {false, false, false, true, true, false};
  for (const ResultRatio& each : report.ratios) {
    const SpeedRatio& ratio = each.comparison.ratio;
    section.table.rows.push_back({result_name(report.results, each.own), result_name(report.results, each.reference),
                                  each.comparison.throughput ? "FPS" : "p50", fmt::format("{:.3f}", ratio.ratio),
                                  ratio.low ? fmt::format("{:.3f} to {:.3f}", *ratio.low, *ratio.high) : "",
                                  verdict_text(ratio.verdict)});
  }
  return section;
}

Section failures_section(const BenchReport& report) {
  Section section;
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    if (report.results[i].ok()) continue;
    section.heading = "Failed";
    section.notes.push_back(result_name(report.results, i) + ": " + report.results[i].error.message);
  }
  return section;
}

Document empty_document(const BenchReport& report, const std::string& title) {
  Document document;
  document.title = title;
  document.lead.push_back(machine_line(report.machine));
  int threads = 1;
  for (const Measured& each : report.results) threads = std::max(threads, each.loaded.threads * each.loaded.streams);
  for (const std::string& warning : machine_warnings(report.machine, threads))
    document.lead.push_back("Note: " + warning + ".");
  return document;
}

Document bench_document(const BenchReport& report, bool plots) {
  std::string title;
  for (const std::string& model : models_of(report.results)) title += (title.empty() ? "" : ", ") + model;
  const bool pipeline = report.results[0].configuration.pipeline;
  Document document = empty_document(report, title + (pipeline ? ": picture to boxes" : ": the model alone"));
  const bool any =
      std::any_of(report.results.begin(), report.results.end(), [](const Measured& each) { return each.ok(); });
  if (any) {
    document.lead.push_back(method_note(report));
    document.sections = {time_section(report)};
    if (plots) add_plots(report, document.sections.back());
    if (pipeline) document.sections.push_back(stage_section(report));
    document.sections.push_back(memory_section(report));
    if (!report.ratios.empty()) document.sections.push_back(ratio_section(report));
    for (std::size_t i = 0; i < report.results.size(); ++i) {
      if (!report.results[i].layers.layers.empty()) document.sections.push_back(layer_section(report, i));
    }
  }
  if (Section failures = failures_section(report); !failures.notes.empty())
    document.sections.push_back(std::move(failures));
  return document;
}

}  // namespace saker
