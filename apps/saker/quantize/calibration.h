// What the commands share that make another model of one and pictures, and measure what that costs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "detector_flags.h"
#include "graph/graph.h"
#include "guard/agreement.h"
#include "guard/calibration_pictures.h"
#include "guard/finding.h"
#include "model/onnx/exporter.h"

namespace saker::cli {

struct CalibrationFlags : DetectorFlags {
  std::string folder, out, eval;
  DatasetOptions reading;  // of `eval`
  std::int64_t subset = 300;
  std::uint64_t seed = 0;
  double max_drop = -1;  // not given
  bool force = false;
};

// Of an option: regular expressions (RE2's).
CLI::Validator regular_expression();
// Whether a node's name matches one of the expressions, which were checked.
std::function<bool(const Node&)> name_matcher(const std::vector<std::string>& expressions);

// --subset, --seed.
void add_subset_flags(CLI::App& app, CalibrationFlags& flags);
// --eval and how it is read; --max-drop, of which `max_drop` says what it does.
void add_eval_flags(CLI::App& app, CalibrationFlags& flags, const std::string& max_drop);
// --threads, --force, --quiet, and how the model is fed.
void add_run_flags(CLI::App& app, CalibrationFlags& flags);
// What is wrong with the model, --out and what belongs to --eval.
Status check_calibration(const std::string& command, const CalibrationFlags& flags);

// Those of flags.folder, which `flag` named. Says what was left out.
Result<CalibrationPictures> find_pictures(const CalibrationFlags& flags, const char* flag,
                                          const ImageReadOptions& read);

// Says what the guard found; an error if that refuses. `fed`: how the model is fed.
Status heed(const Findings& findings, const Preprocess& fed, bool force, bool quiet);

// AP .50:.95 of models on one data set, measured as saker eval does.
class Evaluator {
 public:
  // `form`: that graphs are written in.
  static Result<Evaluator> create(const CalibrationFlags& flags, onnx::ExportForm form);

  std::size_t pictures() const { return dataset_.pictures.size(); }
  Result<double> ap(const Model& model) const;
  Result<double> ap(const Graph& graph) const;

 private:
  DetectorFlags flags_;
  onnx::ExportForm form_ = onnx::ExportForm::kQdq;
  Dataset dataset_;
  bool skip_bad_ = false;
};

// Both models on some of the pictures: what they find, and how fast. `bytes`: the other one, as ONNX.
Result<Agreement> agreement_of(const CalibrationFlags& flags, Detector& full, const std::string& bytes,
                               const CalibrationPictures& pictures, const ImageReadOptions& read);

}  // namespace saker::cli
