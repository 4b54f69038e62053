#include "eval/eval_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace saker {
namespace {

constexpr std::size_t kMostDrawnCategories = 1000;
constexpr std::size_t kMostWithTexts = 40;  // categories whose counts fit their cells
constexpr double kShown = 0.005;            // smaller shares would read 0.00
constexpr int kMeanColor = 1;               // blue

using Curve = std::vector<double> YoloCurves::*;

Line curve_line(std::string name, const std::vector<double>& values, int color) {
  Line line{std::move(name), {}, color, false};
  for (std::size_t i = 0; i < values.size(); ++i) {
    line.points.emplace_back(static_cast<double>(i) / (kCurvePoints - 1), values[i]);
  }
  return line;
}

bool only_the_mean(const YoloEvaluation& yolo) {
  return yolo.categories.size() > kMostCurves;
}

std::string remark(const YoloEvaluation& yolo) {
  return only_the_mean(yolo) ? fmt::format("; the mean only: {} classes are too many to draw", yolo.categories.size())
                             : std::string();
}

// `label` gives what stands behind a category's name.
template <typename Label>
LinePlot curves(const Dataset& truth, const YoloEvaluation& yolo, Curve curve, std::string mean_name, Label label) {
  LinePlot plot;
  plot.x = {"", 0.0, 1.0};
  plot.y = {"", 0.0, 1.0};
  for (const YoloCategory& category : yolo.categories) {
    if (only_the_mean(yolo)) break;
    // Blue is the mean's.
    const int color = category.category < kMeanColor ? category.category : category.category + 1;
    plot.lines.push_back(
        curve_line(truth.categories[static_cast<std::size_t>(category.category)].name + label(category),
                   category.curves.*curve, color));
  }
  if (!yolo.categories.empty()) {
    plot.lines.push_back(curve_line(std::move(mean_name), yolo.curves.*curve, kMeanColor));
    plot.lines.back().strong = true;
  }
  return plot;
}

NamedPlot confidence_plot(const Dataset& truth, const YoloEvaluation& yolo, Curve curve, const std::string& file,
                          const std::string& name) {
  std::string mean_name;
  if (const std::vector<double>& mean = yolo.curves.*curve; !mean.empty()) {
    const auto at = static_cast<std::size_t>(std::lround(yolo.confidence * (kCurvePoints - 1)));
    mean_name = fmt::format("mean: {:.3f} at {:.3f}", mean[at], yolo.confidence);
  }
  LinePlot plot = curves(truth, yolo, curve, mean_name, [](const YoloCategory&) { return std::string(); });
  plot.title = name + " over confidence, IoU 0.5";
  plot.x.title = "Confidence";
  plot.y.title = name;
  return {file, plot.title + "; the mean is given at the confidence where the mean F1 is best" + remark(yolo),
          draw_plot(plot)};
}

std::vector<std::string> names_and_background(const Dataset& truth) {
  std::vector<std::string> names;
  for (const Category& category : truth.categories) names.push_back(category.name);
  names.emplace_back("background");
  return names;
}

// The true boxes of each category, and the invented boxes last.
std::vector<double> column_sums(const ConfusionMatrix& confusion) {
  std::vector<double> sums(confusion.counts.size());
  for (const std::vector<int>& row : confusion.counts) {
    for (std::size_t c = 0; c < row.size(); ++c) sums[c] += row[c];
  }
  return sums;
}

MatrixPlot matrix(const Dataset& truth, const ConfusionMatrix& confusion, bool normalized) {
  MatrixPlot plot;
  plot.title = normalized ? "Confusion matrix, normalized" : "Confusion matrix";
  plot.x_title = "True";
  plot.y_title = "Predicted";
  plot.rows = plot.columns = names_and_background(truth);
  const std::vector<double> sums = column_sums(confusion);
  double most = 1;
  for (const std::vector<int>& row : confusion.counts) {
    for (const int count : row) most = std::max(most, static_cast<double>(count));
  }
  if (!normalized) plot.scale = most;
  for (const std::vector<int>& row : confusion.counts) {
    std::vector<double>& values = plot.values.emplace_back();
    std::vector<std::string> texts;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const double share = sums[c] > 0 ? row[c] / sums[c] : 0;
      values.push_back(normalized ? share : row[c] / most);
      texts.push_back(normalized ? (share < kShown ? "" : fmt::format("{:.2f}", share))
                                 : (row[c] == 0 ? "" : fmt::format("{}", row[c])));
    }
    if (truth.categories.size() <= kMostWithTexts) plot.texts.push_back(std::move(texts));
  }
  return plot;
}

}  // namespace

std::vector<NamedPlot> curve_plots(const Dataset& truth, const YoloEvaluation& yolo) {
  LinePlot recall = curves(truth, yolo, &YoloCurves::precision_of_recall, fmt::format("mean: {:.3f}", yolo.all.map50),
                           [](const YoloCategory& category) { return fmt::format(" {:.3f}", category.numbers.map50); });
  recall.title = "Precision over recall, IoU 0.5";
  recall.x.title = "Recall";
  recall.y.title = "Precision";
  std::vector<NamedPlot> plots;
  plots.push_back({"PR_curve.png", recall.title + " (with the area beneath: AP50)" + remark(yolo), draw_plot(recall)});
  plots.push_back(confidence_plot(truth, yolo, &YoloCurves::f1, "F1_curve.png", "F1"));
  plots.push_back(confidence_plot(truth, yolo, &YoloCurves::precision, "P_curve.png", "Precision"));
  plots.push_back(confidence_plot(truth, yolo, &YoloCurves::recall, "R_curve.png", "Recall"));
  return plots;
}

std::vector<NamedPlot> confusion_plots(const Dataset& truth, const ConfusionMatrix& confusion) {
  if (confusion.counts.empty() || truth.categories.size() > kMostDrawnCategories) return {};
  std::vector<NamedPlot> plots;
  plots.push_back({"confusion_matrix_normalized.png",
                   "Each column adds up to 1: what the boxes of a true category were taken for",
                   draw_plot(matrix(truth, confusion, true))});
  plots.push_back({"confusion_matrix.png", "Numbers of boxes", draw_plot(matrix(truth, confusion, false))});
  return plots;
}

std::vector<Confusion> top_confusions(const Dataset& truth, const ConfusionMatrix& confusion, std::size_t most) {
  std::vector<Confusion> all;
  const std::vector<double> sums = column_sums(confusion);
  for (std::size_t p = 0; p + 1 < confusion.counts.size(); ++p) {
    for (std::size_t t = 0; t + 1 < confusion.counts.size(); ++t) {
      const int count = confusion.counts[p][t];
      if (p != t && count > 0)
        all.push_back({truth.categories[p].name, truth.categories[t].name, count, count / sums[t]});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace saker
