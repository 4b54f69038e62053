// Measures several configurations so that they can be compared: each in a process of its own, in rounds that go over
// all of them in a new order each time, so that what slows the machine for a while slows all of them. Whoever is not
// at work is suspended: no engine's idle threads spin while another is measured.
#pragma once

#include <saker/result.h>

#include <functional>
#include <string>
#include <vector>

#include "measure/protocol.h"
#include "measure/statistics.h"

namespace saker {

struct MeasureOptions {
  std::int64_t runs = 50;  // of each stream, all rounds together; 0: as many as the seconds allow
  double seconds = 0;      // all rounds together; 0: as long as the runs take
  int rounds = 10;
  int layer_runs = 0;         // of the time of each layer; 0: none
  unsigned seed = 1;          // of the order
  double timeout_ms = 600e3;  // for one answer of an engine's process, beyond `seconds`
};

struct StageMeans {  // ms a picture
  double preprocess = 0, infer = 0, boxes = 0;
};

struct Measured {
  Configuration configuration;
  Error error;  // with a message: why there are no figures, or not all
  bool loaded_ok = false;
  Loaded loaded;
  std::vector<Round> rounds;
  double rss_peak_mb = 0;
  LayerTimes layers;  // with MeasureOptions::layer_runs

  bool ok() const { return error.message.empty(); }
  std::vector<double> all_ms() const;  // of all rounds
  LatencySummary latency() const;      // of all runs; ok() only
  double fps() const;                  // pictures a second, all streams together
  StageMeans stages() const;           // of a pipeline
  // One figure a round, in ms: the median of its runs, or its wall time a picture.
  std::vector<double> round_figures(bool throughput) const;
};

// Not more rounds than there are runs to share.
int effective_rounds(const MeasureOptions& options);

// Called before each piece of work; for each configuration there are 1 (loading) + effective_rounds of them.
using ProgressCall = std::function<void(std::size_t done)>;

// Results in the order of the configurations; failures are in them. `command` starts the child of those
// that have none of their own.
std::vector<Measured> measure(const std::vector<Configuration>& configurations, const MeasureOptions& options,
                              const std::vector<std::string>& command, const ProgressCall& progress);

// How `own` compares with `reference`, both measured by one call of measure(): latency, or, when either has several
// streams or another batch, pictures a second.
struct SpeedComparison {
  bool throughput = false;
  SpeedRatio ratio;
};
SpeedComparison compare_speed(const Measured& reference, const Measured& own);

}  // namespace saker
