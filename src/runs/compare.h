// Several runs side by side.
#pragma once

#include <saker/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "report/document.h"
#include "report/json.h"
#include "runs/run_folder.h"

namespace saker::runs {

using Args = std::vector<std::pair<std::string, std::string>>;

struct TrainingRun {
  std::string name;  // of its folder; the whole path where others are called the same
  std::string folder;
  Results results;
  Args args;  // of args.yaml (Ultralytics, saker) or opt.yaml (YOLOv5), in its order; empty: there is neither
};

// Each path is a run's folder, its results.csv, or a folder of runs, which are taken in the order of their names.
// Errors: kNotFound, and those of read_results and read_args.
Result<std::vector<TrainingRun>> find_runs(const std::vector<std::string>& paths);

// A YAML map, flat; of maps in it (YOLOv5's `hyp`) the entries. Errors: kIo, kLimit, kInvalid.
Result<Args> read_args(const std::string& path);

struct RunSummary {
  std::size_t epochs = 0;
  // Of the epoch with the highest mAP50-95; NaN: nothing says it.
  double best_epoch, map50_95, map50, precision, recall;
  std::vector<std::pair<std::string, double>> train_losses, val_losses;  // of the last epoch, "box_loss"
  double seconds;                                                        // until the last epoch's end
};
RunSummary summarize(const Results& results);

// An argument that two runs have with different values; `values` of each run, empty where it has none.
struct DifferingArg {
  std::string name;
  std::vector<std::string> values;
};
// Without those that only say what a run is called.
std::vector<DifferingArg> differing_args(std::span<const TrainingRun> runs);

// The table of the runs, the arguments in which they differ and, if asked for, their curves over each other.
Document compare_runs(std::span<const TrainingRun> runs, bool with_curves);
Json comparison_json(std::span<const TrainingRun> runs);

}  // namespace saker::runs
