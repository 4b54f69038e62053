// Measures several configurations so that they can be compared.
#include "measure/runner.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <random>

#include "base/statistics.h"
#include "base/try.h"
#include "measure/engine_process.h"

namespace saker {
namespace {

using nlohmann::json;

// The part of a whole that falls to round k of n.
std::int64_t share(std::int64_t whole, int k, int n) {
  return whole * (k + 1) / n - whole * k / n;
}

struct Engine {
  std::optional<EngineProcess> process;  // empty: not started, or given up
  Measured measured;

  void give_up(const Error& error) {
    measured.error = error;
    process.reset();
  }
};

class Measurement {
 public:
  Measurement(const MeasureOptions& options, const std::vector<std::string>& command)
      : options_(options), command_(command) {}

  void load(Engine& engine) const {
    const std::vector<std::string>& asked = engine.measured.configuration.command;
    auto process = EngineProcess::start(asked.empty() ? command_ : asked);
    if (!process.ok()) return engine.give_up(process.error());
    engine.process.emplace(std::move(*process));
    auto loaded = engine.process->ask_for<Loaded>({{"load", engine.measured.configuration}}, options_.timeout_ms);
    if (!loaded.ok()) return engine.give_up(loaded.error());
    engine.measured.loaded = std::move(*loaded);
    engine.measured.loaded_ok = true;
    engine.process->suspend();
  }

  void round(Engine& engine, int k) const {
    if (!engine.process) return;
    RoundOrder order;
    order.runs = share(options_.runs, k, effective_rounds(options_)) * engine.measured.loaded.streams;
    order.seconds = options_.seconds / effective_rounds(options_);
    engine.process->resume();
    auto round = engine.process->ask_for<Round>({{"round", order}}, options_.timeout_ms + order.seconds * 1e3);
    if (!round.ok()) return engine.give_up(round.error());
    if (round->ms.empty() || !(round->wall_ms > 0))
      return engine.give_up({ErrorCode::kInternal, "the engine's process measured nothing"});
    engine.measured.rounds.push_back(std::move(*round));
    engine.process->suspend();
  }

  // What is asked once, after the rounds: it must not disturb them.
  void finish(Engine& engine) const {
    if (!engine.process) return;
    engine.process->resume();
    const auto memory = engine.process->ask_for<PeakMemory>({{"memory", json::object()}}, options_.timeout_ms);
    if (!memory.ok()) return engine.give_up(memory.error());
    engine.measured.rss_peak_mb = memory->rss_peak_mb;
    if (options_.layer_runs > 0 && engine.measured.loaded.backend == "saker") {
      auto layers =
          engine.process->ask_for<LayerTimes>({{"layers", {{"runs", options_.layer_runs}}}}, options_.timeout_ms);
      if (!layers.ok()) return engine.give_up(layers.error());
      engine.measured.layers = std::move(*layers);
    }
    engine.process.reset();
  }

 private:
  const MeasureOptions& options_;
  const std::vector<std::string>& command_;
};

}  // namespace

int effective_rounds(const MeasureOptions& options) {
  return options.runs > 0 ? static_cast<int>(std::min<std::int64_t>(options.rounds, options.runs)) : options.rounds;
}

std::vector<double> Measured::all_ms() const {
  std::vector<double> all;
  for (const Round& round : rounds) all.insert(all.end(), round.ms.begin(), round.ms.end());
  return all;
}

LatencySummary Measured::latency() const {
  return summarize(all_ms());
}

StageMeans Measured::stages() const {
  StageMeans means;
  double runs = 0;
  for (const Round& round : rounds) {
    const auto weight = static_cast<double>(round.ms.size());
    means.preprocess += round.preprocess * weight;
    means.infer += round.infer * weight;
    means.boxes += round.boxes * weight;
    runs += weight;
  }
  for (double* sum : {&means.preprocess, &means.infer, &means.boxes}) *sum /= std::max(runs, 1.0);
  return means;
}

double Measured::fps() const {
  double runs = 0, wall = 0;
  for (const Round& round : rounds) {
    runs += static_cast<double>(round.ms.size());
    wall += round.wall_ms;
  }
  return wall > 0 ? runs * loaded.batch / wall * 1e3 : 0;
}

std::vector<double> Measured::round_figures(bool throughput) const {
  std::vector<double> figures;
  for (const Round& round : rounds) {
    const double pictures = static_cast<double>(round.ms.size()) * loaded.batch;
    figures.push_back(throughput ? round.wall_ms / pictures : median(round.ms));
  }
  return figures;
}

std::vector<Measured> measure(const std::vector<Configuration>& configurations, const MeasureOptions& options,
                              const std::vector<std::string>& command, const ProgressCall& progress) {
  const Measurement measurement(options, command);
  std::vector<Engine> engines(configurations.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    progress(done++);
    engines[i].measured.configuration = configurations[i];
    measurement.load(engines[i]);
  }
  std::vector<std::size_t> order(engines.size());
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(options.seed);
  for (int k = 0; k < effective_rounds(options); ++k) {
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t i : order) {
      progress(done++);
      measurement.round(engines[i], k);
    }
  }
  std::vector<Measured> results;
  for (Engine& engine : engines) {
    measurement.finish(engine);
    results.push_back(std::move(engine.measured));
  }
  return results;
}

SpeedComparison compare_speed(const Measured& reference, const Measured& own) {
  SpeedComparison comparison;
  comparison.throughput =
      reference.loaded.streams != 1 || own.loaded.streams != 1 || reference.loaded.batch != own.loaded.batch;
  comparison.ratio =
      paired_ratio(reference.round_figures(comparison.throughput), own.round_figures(comparison.throughput));
  return comparison;
}

}  // namespace saker
