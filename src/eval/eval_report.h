// The report of an evaluation: plots as PNG files, and one self-contained HTML page that has all of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eval/coco_eval.h"
#include "eval/yolo_metrics.h"

namespace saker {

// Another model on the same pictures.
struct EvalComparison {
  std::string name;         // of the other model
  CocoNumbers numbers;      // its own
  Differences differences;  // this model's minus the other's
};

struct EvalReportInput {
  std::string title;                                          // "yolov8n.onnx on coco/val"
  std::vector<std::pair<std::string, std::string>> settings;  // what was measured and how, in the order of the report
  std::vector<std::string> notes;                             // what a reader has to be warned of

  const Dataset& truth;
  std::span<const ScoredBox> found;
  const CocoEvaluation& coco;
  const YoloEvaluation& yolo;
  const ConfusionMatrix& confusion;
  std::optional<EvalComparison> comparison;

  int worst_pictures = 12;         // drawn in the report, those with the lowest AP
  double drawn_confidence = 0.25;  // boxes below it are not drawn
};

// Into `folder`, which is made where it is missing: report.html, PR_curve.png, F1_curve.png, P_curve.png, R_curve.png,
// confusion_matrix.png and confusion_matrix_normalized.png (these two for at most 1000 categories). Pictures that
// cannot be read are named in the report. Errors: kIo, kLimit.
Status write_eval_report(const EvalReportInput& input, const std::string& folder);

}  // namespace saker
