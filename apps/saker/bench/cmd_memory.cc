// saker memory: what a model takes in RAM.
#include <fmt/format.h>

#include <memory>

#include "bench/bench_report.h"
#include "bench/measure_flags.h"
#include "command.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  saker memory yolov8n.onnx\n"
    "  saker memory yolov8n.onnx --backend saker,onnxruntime --threads 1 --json memory.json\n"
    "\n"
    "Each line is a process of its own. \"before\", \"loaded\" and \"warm\" are what it has in RAM\n"
    "(VmRSS; MB = 10^6 bytes), \"peak\" is the most it ever had (VmHWM): loading may take more\n"
    "than running. \"weights\" and \"activations\" are what saker's own plan asks for.\n"
    "\n"
    "Exit code: 0 all well; 1 some failed (the others are in the result); 2 wrong flags.";

std::string mb(double value) {
  return fmt::format("{:.1f}", value);
}

Document memory_document(const BenchReport& report) {
  Document document = empty_document(report, "Memory in MB = 10^6 bytes");
  Section section;
  section.table.columns = {"", "file", "before", "loaded", "warm", "peak", "weights", "activations"};
  const std::string model = models_of(report.results).size() > 1 ? "" : report.results[0].configuration.model + ", ";
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const Measured& each = report.results[i];
    if (!each.ok()) continue;
    const Loaded& loaded = each.loaded;
    const bool own = loaded.backend == "saker";
    section.table.rows.push_back({model + result_name(report.results, i), mb(loaded.file_mb), mb(loaded.rss_before_mb),
                                  mb(loaded.rss_loaded_mb), mb(loaded.rss_warm_mb), mb(each.rss_peak_mb),
                                  own ? mb(loaded.weights_mb) : "", own ? mb(loaded.activations_mb) : ""});
  }
  document.sections.push_back(std::move(section));
  return document;
}

Json memory_json(const BenchReport& report) {
  Json json;
  json["machine"] = report.machine;
  json["results"] = Json::array();
  for (const Measured& each : report.results) {
    const Json all = result_json(report, each);
    Json entry;
    for (const char* key : {"backend", "model", "precision", "threads", "streams", "batch", "file_mb", "rss_before_mb",
                            "rss_loaded_mb", "rss_warm_mb", "rss_peak_mb", "weights_mb", "activations_mb", "load_ms",
                            "isa", "low_memory", "version", "input", "error"})
      entry[key] = all.at(key);
    json["results"].push_back(std::move(entry));
  }
  return json;
}

int run_memory(const MeasureFlags& flags) {
  if (auto status = check_flags(flags); !status.ok()) return usage_error("memory", status.error().message);
  if (auto status = check_files(flags); !status.ok()) return fail(status.error());
  // One at a time: nothing is compared by time.
  std::vector<std::vector<Configuration>> groups;
  for (Configuration& each : configurations(flags)) groups.push_back({std::move(each)});
  const BenchReport report = run_groups(flags, groups);
  if (auto status = write_reports(flags, memory_json(report), memory_document(report), !all_failed(report.results));
      !status.ok())
    return fail(status.error());
  return any_failed(report.results) ? kFailure : kSuccess;
}

}  // namespace

std::function<int()> add_memory(CLI::App& app) {
  auto flags = std::make_shared<MeasureFlags>();
  flags->command = "memory";
  flags->runs = flags->rounds = 1;
  add_work_flags(app, *flags);
  add_report_flags(app, *flags, false);
  app.footer(kExamples);
  return [flags] { return run_memory(*flags); };
}

}  // namespace saker::cli
