// How many batches at a time, of how many pictures, with how many threads each: measured for a model on this machine,
// kept in the cache folder, and the choice among what was measured.
#pragma once

#include <saker/detector.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace saker::serve {

struct WorkShape {
  int streams = 1;  // batches at a time
  int threads = 1;  // of each
  int batch = 1;    // pictures
  bool operator==(const WorkShape&) const = default;
};

// While all streams run one batch after another. A run is what a worker does with its batch: JPEG pictures of 1280x720
// decoded and fitted, the network, the boxes read; of a model that is no detector the network alone.
struct TunedShape {
  WorkShape shape;
  double pictures_per_s = 0;      // of all streams together
  double p50_ms = 0, p99_ms = 0;  // of a run
  int rounds = 0;                 // the figures are medians of so many
};

// What 99 of 100 requests take at most when each finds a batch just begun by its worker: 2 * p99_ms.
double request_p99_ms(const TunedShape& tuned);

struct TuningTable {
  std::string cpu;               // its signature
  int cpus = 0;                  // that this process may use
  bool fixed_batch = false;      // by the file or the engine
  std::vector<TunedShape> rows;  // not empty
  bool from_cache = false;       // nothing was measured
};

enum class TuningMode {
  kThroughput,  // the most pictures a second
  kLatency,     // the lowest p50_ms
};

struct TuningChoice {
  std::size_t row = 0;
  bool within_budget = true;  // false: none is; this one comes closest
};

// With a budget: the most pictures a second of those whose request_p99_ms is within it, whatever the mode. Of those
// within 2 % of the best, which is noise, the other figure decides.
TuningChoice choose(const TuningTable& table, TuningMode mode, std::optional<double> budget_ms = {});

// The rows that have what is not 0 in `fixed` and batches of at most so many; perhaps none. Where the table's batch is
// fixed, that of `fixed` does not count.
TuningTable only(TuningTable table, const WorkShape& fixed, int most_pictures);

// Threads that fill the CPUs (1, 2, 4, ... all of them), one shape with half as many streams again as CPUs, since
// requests also wait, each with batches of 1, 2, 4 and 8. What is not 0 in `fixed` is taken as it is.
std::vector<WorkShape> shapes_to_measure(int cpus, const WorkShape& fixed);

struct TuneOptions {
  ModelOptions model = {};
  SessionOptions session = {};  // threads and input_shapes are filled in
  SpecOptions spec = {};        // batch too
  WorkShape fixed = {0, 0, 0};  // what is not to be chosen; 0: open
  double seconds = 30;          // about; it takes longer where each shape with a batch of 1 could not be measured once
  bool retune = false;          // measure even if it was measured before
  std::string cache = {};       // a folder; empty: nothing is kept
  // Before each measurement: how many there were, and how many there will be at most.
  std::function<void(std::size_t done, std::size_t total, const WorkShape& next)> progress = {};
};

// One shape in memory at a time. What was measured for the same file, options, CPU, number of CPUs and version is read
// from the cache folder; a file there that is broken is measured anew. Errors: as Model::load and Detector::create;
// that the table cannot be kept is no error.
Result<TuningTable> tune(const std::string& path, const TuneOptions& options);
// The same if nothing need be measured.
std::optional<TuningTable> tuned_before(const std::string& path, const TuneOptions& options);

}  // namespace saker::serve
