// labels.jpg: what a data set's boxes are like, in four plots as those of Ultralytics and YOLOv5.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "report/axes.h"
#include "report/plot.h"
#include "runs/run_folder.h"

namespace saker::runs {
namespace {

constexpr int kSide = 800;                  // pixels of each plot
constexpr std::size_t kBins = 50;           // of places and sizes, along each axis
constexpr std::size_t kMostOutlines = 500;  // boxes drawn over one another
constexpr std::size_t kMostBars = 60;       // classes

// As shares of the picture's width and height.
struct RelativeBox {
  int category = 0;
  double x = 0, y = 0, w = 0, h = 0;  // the middle, and the size
};

std::vector<RelativeBox> relative_boxes(const Dataset& dataset) {
  std::vector<RelativeBox> boxes;
  for (const Annotation& a : dataset.annotations) {
    const Picture& picture = dataset.pictures[static_cast<std::size_t>(a.picture)];
    if (a.crowd || picture.width <= 0 || picture.height <= 0) continue;
    boxes.push_back({a.category, (a.x + a.w / 2) / picture.width, (a.y + a.h / 2) / picture.height, a.w / picture.width,
                     a.h / picture.height});
  }
  return boxes;
}

// The classes with most boxes where there are too many for a plot.
Image class_plot(const Dataset& dataset, const std::vector<RelativeBox>& boxes) {
  std::vector<std::size_t> counts(dataset.categories.size()), order;
  for (const RelativeBox& box : boxes) ++counts[static_cast<std::size_t>(box.category)];
  for (std::size_t c = 0; c < counts.size(); ++c) order.push_back(c);
  BarPlot plot;
  plot.title = "Boxes of each class";
  if (order.size() > kMostBars) {
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
    order.resize(kMostBars);
    plot.title = fmt::format("Boxes of the {} most frequent classes of {}", kMostBars, counts.size());
  }
  plot.width = plot.height = kSide;
  plot.format = "{:.0f}";
  plot.bars.emplace_back();
  for (const std::size_t c : order) {
    plot.groups.push_back(dataset.categories[c].name);
    plot.bars[0].push_back({static_cast<double>(counts[c]), std::nullopt});
  }
  return draw_plot(plot);
}

// From all over the data set, middle on middle.
Image outline_plot(const std::vector<RelativeBox>& boxes) {
  Canvas canvas(kSide, kSide);
  const PlotStyle style(kSide, kSide);
  const std::size_t drawn = std::min(boxes.size(), kMostOutlines);
  const int top = draw_title(canvas, fmt::format("Shapes of {} boxes, middle on middle", drawn), style, 0, kSide);
  const PixelRect area = {style.pad, top, kSide - style.pad, kSide - style.pad};
  canvas.frame(area, PlotStyle::kEdge);
  const double middle_x = (area.x0 + area.x1) / 2.0, middle_y = (area.y0 + area.y1) / 2.0;
  const auto pixel = [](double middle, double share, int side) {
    return static_cast<int>(std::lround(middle + std::clamp(share, -1.0, 1.0) * side / 2));
  };
  for (std::size_t i = 0; i < drawn; ++i) {
    const RelativeBox& box = boxes[i * boxes.size() / drawn];
    canvas.frame({pixel(middle_x, -box.w, area.width()), pixel(middle_y, -box.h, area.height()),
                  pixel(middle_x, box.w, area.width()), pixel(middle_y, box.h, area.height())},
                 ink(box.category));
  }
  return canvas.take();
}

// Counted in bins; what lies outside 0..1 counts at the edge.
HeatPlot heat_plot(std::string title, std::string x, std::string y, const std::vector<RelativeBox>& boxes,
                   double RelativeBox::*column, double RelativeBox::*row) {
  HeatPlot plot;
  plot.title = std::move(title);
  plot.x = {std::move(x), 0.0, 1.0};
  plot.y = {std::move(y), 0.0, 1.0};
  plot.width = plot.height = kSide;
  plot.counts.assign(kBins, std::vector<double>(kBins));
  const auto bin = [](double share) { return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0 - 1e-9) * kBins); };
  for (const RelativeBox& box : boxes) plot.counts[bin(box.*row)][bin(box.*column)] += 1;
  return plot;
}

}  // namespace

Status plot_labels(const Dataset& dataset, const std::string& folder) {
  const std::vector<RelativeBox> boxes = relative_boxes(dataset);
  HeatPlot places = heat_plot("Where the boxes' middles are", "x / picture's width", "y / picture's height", boxes,
                              &RelativeBox::x, &RelativeBox::y);
  places.downwards = true;
  const std::vector<Image> plots = {
      class_plot(dataset, boxes), outline_plot(boxes), draw_plot(places),
      draw_plot(heat_plot("Sizes of the boxes", "width / picture's width", "height / picture's height", boxes,
                          &RelativeBox::w, &RelativeBox::h))};
  return write_image((std::filesystem::path(folder) / "labels.jpg").string(), tiled(plots, 2).view());
}

}  // namespace saker::runs
