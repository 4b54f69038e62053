// The folder that a training leaves behind, in the files and names of Ultralytics' runs, so that the tools for those
// read it: args.yaml, results.csv, TensorBoard's events, results.png and the plots of the validation.
#pragma once

#include <saker/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "eval/evaluation.h"

namespace saker::runs {

// One epoch as results.csv has it.
struct EpochRow {
  std::int64_t epoch = 0;                                     // from 1
  double seconds = 0;                                         // since the training began
  std::vector<std::pair<std::string, double>> train_losses;   // "box_loss": column "train/box_loss"
  double precision = 0, recall = 0, map50 = 0, map50_95 = 0;  // columns metrics/precision(B), ...
  std::vector<std::pair<std::string, double>> val_losses;     // "val/box_loss"
  std::vector<double> learning_rates;                         // lr/pg0, ...
  std::optional<double> sparsity = {};  // share of zeros among the weights of convolutions; nothing: no such column
};

// A folder that is not there yet: project/name, or project/name2, name3, ... With `exist_ok` project/name itself.
// Made. Error kIo.
Result<std::string> make_run_folder(const std::string& project, const std::string& name, bool exist_ok);

// A value of args.yaml: numbers, true, false, null, lists in brackets and plain or quoted texts as they are; any other
// text quoted.
std::string yaml_value(const std::string& text);
// "args.yaml": keys in order, each with yaml_value(). Error kIo.
Status write_args(const std::string& folder, const std::vector<std::pair<std::string, std::string>>& args);

// results.csv and events.out.tfevents.*, row by row. What is there already is continued after `resume_after` epochs,
// whatever a killed run wrote behind them; 0: begun anew. The tags of the events are the columns, their steps the
// epochs. Numbers as "%.6g". Errors: kIo; kInvalid where results.csv has other columns than the rows.
class RunLog {
 public:
  static Result<RunLog> open(const std::string& folder, std::int64_t resume_after);
  RunLog(RunLog&&) noexcept;
  RunLog& operator=(RunLog&&) noexcept;
  ~RunLog();
  Status add(const EpochRow& row);

 private:
  struct State;
  explicit RunLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct Results {
  std::vector<std::string> columns;       // without padding; "epoch" is among them
  std::vector<std::vector<double>> rows;  // NaN where a field is empty, nan or infinite
};
// A results.csv of Ultralytics, YOLOv5 (padded columns) or ours, maybe of a run that goes on: a last line that is not
// finished is left out. Errors: kNotFound, kIo, kInvalid with file and line, kLimit.
Result<Results> read_results(const std::string& path);

// results.png of results.csv: a small plot for each loss and metric, with a smoothed line.
Status plot_results(const std::string& folder);
// labels.jpg: boxes of each class, their places and sizes. Sizes of pictures must be stated (look_at_pictures).
Status plot_labels(const Dataset& dataset, const std::string& folder);
// confusion_matrix.png, confusion_matrix_normalized.png, BoxPR_curve.png, BoxF1_curve.png, BoxP_curve.png and
// BoxR_curve.png of the last validation.
Status plot_validation(const Evaluated& evaluated, const std::string& folder);

}  // namespace saker::runs
