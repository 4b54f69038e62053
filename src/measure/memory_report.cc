// What `saker memory` found out.
#include "measure/memory_report.h"

#include <fmt/format.h>

namespace saker {
namespace {

std::string mb(double value) {
  return fmt::format("{:.1f}", value);
}

}  // namespace

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
  Json json = Json::object();
  json["machine"] = report.machine;
  json["results"] = Json::array();
  for (const Measured& each : report.results) {
    const Json all = result_json(report, each);
    Json entry = Json::object();
    for (const char* key : {"backend", "model", "precision", "threads", "streams", "batch", "file_mb", "rss_before_mb",
                            "rss_loaded_mb", "rss_warm_mb", "rss_peak_mb", "weights_mb", "activations_mb", "load_ms",
                            "isa", "low_memory", "version", "input", "error"})
      entry[key] = all.at(key);
    json["results"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace saker
