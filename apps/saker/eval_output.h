// What `saker eval` found out, and how it is told: a table, JSON, a report.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"
#include "eval/coco_eval.h"
#include "eval/yolo_metrics.h"
#include "facts.h"

namespace saker::cli {

// One model's boxes, or one results file, scored.
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
  std::vector<std::pair<std::string, std::string>> settings;  // how it was measured
  std::vector<std::string> notes;                             // what people should know of it
};

std::string eval_table(const Evaluated& evaluated);
Json eval_json(const Evaluated& evaluated);
// report.html and its plots.
Status write_report(const Evaluated& evaluated, const std::string& folder, int worst);

}  // namespace saker::cli
