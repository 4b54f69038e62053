// The plots of an evaluation.
#pragma once

#include <saker/image.h>

#include <string>
#include <vector>

#include "eval/yolo_metrics.h"
#include "report/plot.h"

namespace saker {

struct NamedPlot {
  std::string file, caption;
  Image image;
};

// PR, F1, P and R curves: one line a category, and their mean.
std::vector<NamedPlot> curve_plots(const Dataset& truth, const YoloEvaluation& yolo);

// As counts, and each true category's as parts of 1; none where there are too many categories.
std::vector<NamedPlot> confusion_plots(const Dataset& truth, const ConfusionMatrix& confusion);

struct Confusion {
  std::string predicted, is;
  int count = 0;
  double share = 0;  // of the true category's boxes
};

// The most frequent confusions of two categories.
std::vector<Confusion> top_confusions(const Dataset& truth, const ConfusionMatrix& confusion, std::size_t most);

}  // namespace saker
