// A whole evaluation: boxes scored, compared with others, and all that a report says of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "eval/coco_eval.h"
#include "eval/found_boxes.h"
#include "eval/yolo_metrics.h"

namespace saker {

// What is to be scored: a model's boxes, or those of a results file.
struct Candidates {
  std::string name;
  FoundBoxes found;
};

struct Scored {
  Scored(std::string title, const Dataset& dataset, std::vector<ScoredBox> found, std::size_t left_out, int threads);

  std::string name;
  std::vector<ScoredBox> boxes;
  std::size_t skipped;  // entries of the results file that were left out
  CocoEvaluation coco;
  CocoNumbers numbers;  // of coco
  YoloEvaluation yolo;
};

struct Evaluated {
  Dataset dataset;
  Scored model;
  std::optional<Scored> against;
  std::optional<Differences> differences;                     // model - against
  double pictures_per_second = 0;                             // 0: from a results file
  std::vector<std::pair<std::string, std::string>> settings;  // how it was measured; the caller's to fill in
  std::vector<std::string> notes;                             // what people should know of it
};

struct EvaluationOptions {
  int threads = 0;     // 0: all CPUs
  int samples = 1000;  // of the bootstrap
  std::uint64_t seed = 0;
};

// Pictures that either could not look at are left out of both. Error kIo: none is left, or none with boxes.
Result<Evaluated> evaluate(Dataset dataset, Candidates model, std::optional<Candidates> against,
                           const EvaluationOptions& options = {});

// AP .50:.95 alone; without pictures that could not be looked at.
double average_precision(const Dataset& dataset, const FoundBoxes& found, int threads = 0);

// report.html and its plots.
Status write_eval_report(const Evaluated& evaluated, const std::string& folder, int worst);

}  // namespace saker
