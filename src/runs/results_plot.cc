// results.png: losses and metrics over the epochs, laid out as Ultralytics' and YOLOv5's.
#include <algorithm>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/try.h"
#include "report/plot.h"
#include "runs/results.h"

namespace saker::runs {
namespace {

constexpr double kSigma = 3;  // epochs; of the smoothed line, as theirs
constexpr int kReach = 12;    // epochs to each side, 4 sigma
constexpr int kTileWidth = 360, kTileHeight = 340;
constexpr int kResultsColor = 1, kSmoothColor = 0;  // blue, red

// Each value as the mean of its neighbours, weighted by a Gaussian of their distance.
std::vector<double> smoothed(const std::vector<double>& values) {
  std::vector<double> smooth;
  const auto count = static_cast<int>(values.size());
  for (int i = 0; i < count; ++i) {
    double sum = 0, weights = 0;
    for (int k = std::max(0, i - kReach); k <= std::min(count - 1, i + kReach); ++k) {
      const double value = values[static_cast<std::size_t>(k)];
      if (!std::isfinite(value)) continue;
      const double weight = std::exp(-0.5 * (i - k) * (i - k) / (kSigma * kSigma));
      sum += weight * value;
      weights += weight;
    }
    smooth.push_back(weights > 0 ? sum / weights : std::numeric_limits<double>::quiet_NaN());
  }
  return smooth;
}

Line line_of(std::string name, const std::vector<double>& epochs, const std::vector<double>& values, int color) {
  Line line{std::move(name), {}, color, true};
  for (std::size_t i = 0; i < epochs.size(); ++i) line.points.emplace_back(epochs[i], values[i]);
  return line;
}

Image column_plot(const Results& results, const std::vector<double>& epochs, std::size_t column, bool named) {
  LinePlot plot;
  plot.title = results.columns[column];
  plot.width = kTileWidth;
  plot.height = kTileHeight;
  const std::vector<double> values = values_of(results, column);
  plot.lines.push_back(line_of(named ? "results" : "", epochs, values, kResultsColor));
  plot.lines.push_back(line_of(named ? "smoothed" : "", epochs, smoothed(values), kSmoothColor));
  plot.lines.back().dotted = true;
  return draw_plot(plot);
}

// The columns of one row of plots: the losses of a part of the data, and two metrics behind them.
std::vector<std::size_t> row_of(const Results& results, std::string_view losses, Metric first, Metric second) {
  std::vector<std::size_t> columns = columns_of(results, losses);
  for (const Metric metric : {first, second}) {
    if (const auto column = find_metric(results, metric)) columns.push_back(*column);
  }
  return columns;
}

}  // namespace

Status plot_results(const std::string& folder) {
  const std::filesystem::path path(folder);
  SAKER_ASSIGN(const Results results, read_results((path / kResultsFile).string()));
  const std::vector<double> epochs = values_of(results, *find_column(results, "epoch"));
  std::vector<std::vector<std::size_t>> rows = {row_of(results, "train/", Metric::kPrecision, Metric::kRecall),
                                                row_of(results, "val/", Metric::kMap50, Metric::kMap50_95)};
  const std::size_t widest = std::max({rows[0].size(), rows[1].size(), std::size_t{1}});
  Image blank;
  blank.width = kTileWidth;
  blank.height = kTileHeight;
  blank.pixels.assign(std::size_t{3} * kTileWidth * kTileHeight, 255);
  std::vector<Image> plots;
  for (const std::vector<std::size_t>& row : rows) {
    for (std::size_t i = 0; i < widest; ++i) {
      plots.push_back(i < row.size() ? column_plot(results, epochs, row[i], plots.size() == 1) : blank);
    }
  }
  return write_image((path / "results.png").string(), tiled(plots, static_cast<int>(widest)).view());
}

}  // namespace saker::runs
