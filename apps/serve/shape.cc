#include "shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/knobs.h"
#include "base/try.h"
#include "base/usable_cpus.h"
#include "serve/model_folder.h"
#include "serve/tuning.h"

namespace saker::cli {
namespace {
namespace fs = std::filesystem;

constexpr int kSmallBatch = 4;

serve::WorkShape told(const serve::Settings& settings) {
  return {settings.streams, settings.threads, settings.batch};
}

bool all_told(const serve::Settings& settings) {
  return settings.streams > 0 && settings.threads > 0 && settings.batch > 0;
}

Shape by_mode(const serve::Settings& settings) {
  const int cpus = usable_cpus();
  const bool latency = settings.mode == "latency";
  Shape shape;
  shape.threads = settings.threads > 0 ? settings.threads
                  : latency            ? std::max(1, cpus / std::max(1, settings.streams))
                                       : 1;
  shape.streams = settings.streams > 0 ? settings.streams : std::max(1, cpus / shape.threads);
  shape.batch = settings.batch > 0 ? settings.batch : latency ? 1 : std::min(kSmallBatch, settings.queue);
  shape.why =
      all_told(settings) ? "as told" : fmt::format("by the number of CPUs ({}) and --mode {}", cpus, settings.mode);
  return shape;
}

// The files that are named, and of each model of the repository the newest version; what is no model there is told of
// when it is loaded.
std::map<std::string, fs::path> model_files(const serve::RepositoryOptions& options) {
  std::map<std::string, fs::path> files = options.files;
  const auto names = options.folder.empty() ? serve::FolderNames{} : [&] {
    auto found = serve::names_in(options.folder);
    return found.ok() ? *std::move(found) : serve::FolderNames{};
  }();
  for (const std::string& name : names.models) {
    const auto versions = serve::versions_in(options.folder, options.folder / name);
    if (!versions.ok() || versions->empty()) continue;
    const auto model = serve::model_in(options.folder, versions->rbegin()->second);
    if (model.ok()) files.emplace(name, *model);
  }
  return files;
}

// Nothing: it was not measured, or not with what was told.
Result<std::optional<serve::TuningTable>> table_of(const std::string& path, const serve::Settings& settings,
                                                   serve::TuneOptions options) {
  const auto fits = [&](std::optional<serve::TuningTable> table) -> std::optional<serve::TuningTable> {
    if (table) table = serve::only(std::move(*table), told(settings), settings.queue);
    return table && !table->rows.empty() ? std::move(table) : std::nullopt;
  };
  // With nothing fixed first: as `saker tune` measures.
  if (auto table = fits(serve::tuned_before(path, options))) return table;
  options.fixed = told(settings);
  if (!settings.tune) return fits(serve::tuned_before(path, options));
  SAKER_ASSIGN(serve::TuningTable table, serve::tune(path, options));
  return fits(std::move(table));
}

double most_pictures_per_s(const serve::TuningTable& table) {
  return std::ranges::max(table.rows, {}, &serve::TunedShape::pictures_per_s).pictures_per_s;
}

}  // namespace

Result<Shape> choose_shape(const serve::Settings& settings, serve::Log& log) {
  if (all_told(settings)) return by_mode(settings);
  SAKER_ASSIGN(const serve::RepositoryOptions repository, repository_options(settings));
  serve::TuneOptions options;
  options.model = repository.defaults.model;
  options.session = repository.defaults.session;
  options.session.threads = 0;
  options.spec = repository.defaults.spec;
  options.cache = knobs().cache;
  std::optional<serve::TuningTable> slowest;
  std::string of;
  for (const auto& [name, path] : model_files(repository)) {
    if (settings.tune) log.info("measures streams, threads and batch, unless the cache has them", {{"model", name}});
    SAKER_ASSIGN(auto table, table_of(path.string(), settings, options));
    if (!table || (slowest && most_pictures_per_s(*table) >= most_pictures_per_s(*slowest))) continue;
    slowest = std::move(table);
    of = name;
  }
  if (!slowest) {
    if (settings.latency_budget_ms > 0)
      log.warning("nothing was measured to hold --latency-budget by: --tune, or saker tune, does that");
    return by_mode(settings);
  }
  const auto mode = settings.mode == "latency" ? serve::TuningMode::kLatency : serve::TuningMode::kThroughput;
  std::optional<double> budget;
  if (settings.latency_budget_ms > 0) budget = settings.latency_budget_ms;
  const serve::TuningChoice choice = serve::choose(*slowest, mode, budget);
  const serve::TunedShape& row = slowest->rows[choice.row];
  if (!choice.within_budget) {
    log.warning(fmt::format("nothing that was measured keeps {} within {:g} ms: requests take up to {:.0f} ms", of,
                            settings.latency_budget_ms, serve::request_p99_ms(row)));
  }
  const int batch = settings.batch > 0 ? settings.batch : row.shape.batch;
  return Shape{row.shape.streams, row.shape.threads, batch,
               fmt::format("as measured for {}: {:.1f} pictures/s, p99 {:.0f} ms under load", of, row.pictures_per_s,
                           serve::request_p99_ms(row))};
}

}  // namespace saker::cli
