// What `saker bench` found out: the ratios, and the JSON.
#include "measure/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace saker {
namespace {

// Whether the two differ in the engine only.
bool same_but_engine(const Configuration& a, const Configuration& b) {
  return a.model == b.model && a.precision == b.precision && a.threads == b.threads && a.streams == b.streams &&
         a.batch == b.batch;
}

// The engine as the user named it, or as it was chosen.
const std::string& engine_of(const Measured& measured) {
  return measured.loaded_ok ? measured.loaded.backend : measured.configuration.backend;
}

std::string reference_engine(const std::vector<Measured>& results, const std::string& model) {
  std::string first;
  for (const Measured& each : results) {
    if (each.configuration.model != model || !each.ok()) continue;
    if (engine_of(each) == "saker") return "saker";
    if (first.empty()) first = engine_of(each);
  }
  return first;
}

Json number_or_null(bool known, double value) {
  return known ? Json(value) : Json(nullptr);
}

Json shape_or_null(const Measured& measured) {
  return measured.loaded_ok ? Json(measured.loaded.shape) : Json(nullptr);
}

int actual(bool loaded, int from_engine, int asked) {
  return loaded ? from_engine : asked;
}

void add_identity(Json& json, const Measured& measured) {
  const Configuration& asked = measured.configuration;
  const bool known = measured.loaded_ok;
  json["backend"] = engine_of(measured);
  json["model"] = asked.model;
  json["precision"] = asked.precision.empty() ? "f32" : asked.precision;
  json["threads"] = actual(known, measured.loaded.threads, asked.threads);
  json["streams"] = actual(known, measured.loaded.streams, asked.streams);
  json["batch"] = actual(known, measured.loaded.batch, std::max(1, asked.batch));
}

void add_rounds(Json& json, const Measured& measured) {
  json["round_ms"] = Json::array();
  json["round_wall_ms"] = Json::array();
  for (const Round& round : measured.rounds) {
    json["round_ms"].push_back(round.ms);
    json["round_wall_ms"].push_back(round.wall_ms);
  }
}

Json stages_json(const Measured& measured) {
  const StageMeans stages = measured.stages();
  return {{"preprocess", stages.preprocess}, {"model", stages.infer}, {"boxes", stages.boxes}};
}

Json layers_json(const Measured& measured) {
  Json list = Json::array();
  for (const LayerTime& layer : measured.layers.layers) {
    const double rate = layer.ms > 0 ? layer.flops / layer.ms / 1e6 : 0, floor = measured.layers.floor_ms(layer);
    list.push_back({{"name", layer.name},
                    {"kernel", layer.kernel},
                    {"arithmetic", layer.arithmetic},
                    {"output", layer.output},
                    {"ms", layer.ms},
                    {"flops", layer.flops},
                    {"bytes", layer.bytes},
                    {"gflops_per_s", rate},
                    {"share_of_peak", number_or_null(floor > 0, layer.ms > 0 ? floor / layer.ms : 0)}});
  }
  return list;
}

Json ratio_json(const BenchReport& report, const ResultRatio& each) {
  Json json = Json::object();
  add_identity(json, report.results[each.own]);
  json["reference"] = Json::object();
  add_identity(json["reference"], report.results[each.reference]);
  const SpeedRatio& ratio = each.comparison.ratio;
  json["figure"] = each.comparison.throughput ? "fps" : "p50_ms";
  json["ratio"] = ratio.ratio;
  json["low"] = number_or_null(ratio.low.has_value(), ratio.low.value_or(0));
  json["high"] = number_or_null(ratio.high.has_value(), ratio.high.value_or(0));
  json["rounds"] = report.results[each.own].rounds.size();
  json["verdict"] = verdict_text(ratio.verdict);
  return json;
}

}  // namespace

std::vector<ResultRatio> ratios_by_engine(const std::vector<Measured>& results) {
  std::vector<ResultRatio> ratios;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ok()) continue;
    const Configuration& own = results[i].configuration;
    const std::string engine = reference_engine(results, own.model);
    const bool is_reference = engine_of(results[i]) == engine;
    for (std::size_t k = 0; k < results.size(); ++k) {
      const Configuration& other = results[k].configuration;
      if (!results[k].ok() || other.model != own.model || engine_of(results[k]) != engine) continue;
      if (!is_reference && !same_but_engine(own, other)) continue;
      if (k != i) ratios.push_back({i, k, compare_speed(results[k], results[i])});
      break;
    }
  }
  return ratios;
}

std::vector<ResultRatio> ratios_to_first(const std::vector<Measured>& results) {
  const auto good = std::find_if(results.begin(), results.end(), [](const Measured& each) { return each.ok(); });
  const auto first = static_cast<std::size_t>(good - results.begin());
  std::vector<ResultRatio> ratios;
  for (std::size_t i = first + 1; i < results.size(); ++i) {
    if (results[i].ok()) ratios.push_back({i, first, compare_speed(results[first], results[i])});
  }
  return ratios;
}

bool any_failed(const std::vector<Measured>& results) {
  return std::any_of(results.begin(), results.end(), [](const Measured& each) { return !each.ok(); });
}

bool all_failed(const std::vector<Measured>& results) {
  return std::none_of(results.begin(), results.end(), [](const Measured& each) { return each.ok(); });
}

Json result_json(const BenchReport& report, const Measured& measured) {
  Json json = Json::object();
  add_identity(json, measured);
  const bool timed = measured.ok(), known = measured.loaded_ok;
  const LatencySummary latency = timed ? measured.latency() : LatencySummary{};
  const Loaded& loaded = measured.loaded;
  json["mean_ms"] = number_or_null(timed, latency.mean);
  json["p50_ms"] = number_or_null(timed, latency.p50);
  json["p90_ms"] = number_or_null(timed, latency.p90);
  json["p99_ms"] = number_or_null(timed, latency.p99);
  json["min_ms"] = number_or_null(timed, latency.min);
  json["max_ms"] = number_or_null(timed, latency.max);
  json["fps"] = number_or_null(timed, timed ? measured.fps() : 0);
  json["load_ms"] = number_or_null(known, loaded.load_ms);
  json["rss_before_mb"] = number_or_null(known, loaded.rss_before_mb);
  json["rss_loaded_mb"] = number_or_null(known, loaded.rss_loaded_mb);
  json["rss_warm_mb"] = number_or_null(known, loaded.rss_warm_mb);
  json["rss_peak_mb"] = number_or_null(timed, measured.rss_peak_mb);
  json["first_ms"] = number_or_null(known && measured.configuration.warmup > 0, loaded.first_ms);
  json["file_mb"] = number_or_null(known, loaded.file_mb);
  const bool own = known && loaded.backend == "saker";
  json["weights_mb"] = number_or_null(own, loaded.weights_mb);
  json["activations_mb"] = number_or_null(own, loaded.activations_mb);
  json["isa"] = own ? Json(loaded.isa) : Json(nullptr);
  json["low_memory"] = measured.configuration.low_memory;
  json["autotune"] = measured.configuration.autotune;
  const auto version = report.versions.find(engine_of(measured));
  json["version"] = version == report.versions.end() ? Json(nullptr) : Json(version->second);
  json["inter_threads"] = measured.configuration.inter_threads;
  json["hint"] = measured.configuration.throughput ? "throughput" : "latency";
  json["input"] = shape_or_null(measured);
  json["what"] = measured.configuration.pipeline ? "picture to boxes" : "model";
  json["warmup"] = measured.configuration.warmup;
  std::size_t runs = 0;
  for (const Round& round : measured.rounds) runs += round.ms.size();
  json["runs"] = runs;
  if (measured.configuration.pipeline) json["stages_ms"] = timed ? stages_json(measured) : Json(nullptr);
  add_rounds(json, measured);
  if (!measured.layers.layers.empty()) {
    json["peak_gflops"] = nullptr;
    for (const Peak& peak : measured.layers.peaks) json["peak_gflops"][peak.arithmetic] = peak.gflops;
    json["layers"] = layers_json(measured);
  }
  json["error"] = measured.ok() ? Json(nullptr) : Json(measured.error.message);
  return json;
}

Json bench_json(const BenchReport& report) {
  Json json = Json::object();
  json["machine"] = report.machine;
  json["results"] = Json::array();
  for (const Measured& measured : report.results) json["results"].push_back(result_json(report, measured));
  json["ratios"] = Json::array();
  for (const ResultRatio& ratio : report.ratios) json["ratios"].push_back(ratio_json(report, ratio));
  return json;
}

std::vector<std::string> models_of(const std::vector<Measured>& results) {
  std::vector<std::string> models;
  for (const Measured& each : results) {
    const std::string& model = each.configuration.model;
    if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
  }
  return models;
}

// Without its folder, unless another model has the same name there.
static std::string model_name(const std::vector<std::string>& models, const std::string& model) {
  const auto file_of = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
  const auto alike = std::count_if(models.begin(), models.end(),
                                   [&](const std::string& other) { return file_of(other) == file_of(model); });
  return alike > 1 ? model : file_of(model);
}

std::string result_name(const std::vector<Measured>& results, std::size_t i) {
  const auto vary = [&](const auto& value) {
    return std::any_of(results.begin(), results.end(),
                       [&](const Measured& each) { return value(each) != value(results[0]); });
  };
  const Measured& own = results[i];
  const Configuration& asked = own.configuration;
  std::string name;
  if (const auto models = models_of(results); models.size() > 1) name = model_name(models, asked.model) + ", ";
  name += engine_of(own);
  const std::string precision = asked.precision.empty() ? "f32" : asked.precision;
  if (precision != "f32" || vary([](const Measured& each) { return each.configuration.precision; }))
    name += ", " + precision;
  const int threads = actual(own.loaded_ok, own.loaded.threads, asked.threads);
  if (threads > 0) name += fmt::format(", {} thread{}", threads, threads == 1 ? "" : "s");
  const int streams = actual(own.loaded_ok, own.loaded.streams, asked.streams);
  if (streams > 1) name += fmt::format(", {} streams", streams);
  const int batch = actual(own.loaded_ok, own.loaded.batch, asked.batch);
  if (batch > 1) name += fmt::format(", batch {}", batch);
  return name;
}

}  // namespace saker
