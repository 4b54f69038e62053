// How much there is at each place of a plane, as shades of blue.
#include <algorithm>
#include <utility>

#include "report/axes.h"
#include "report/plot.h"

namespace saker {
namespace {

double greatest(const std::vector<std::vector<double>>& counts) {
  double most = 0;
  for (const std::vector<double>& row : counts) {
    for (const double count : row) {
      if (drawable(count)) most = std::max(most, count);
    }
  }
  return most;
}

void draw_cells(Canvas& canvas, const HeatPlot& plot, const PixelRect& area) {
  const double most = greatest(plot.counts);
  // The edges of neighbours are one pixel, so that no gap shows.
  const auto edge = [](int from, int length, std::size_t i, std::size_t of) {
    return from + static_cast<int>(static_cast<double>(length) * static_cast<double>(i) / static_cast<double>(of));
  };
  const std::size_t rows = plot.counts.size();
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t from_top = plot.downwards ? r : rows - 1 - r;
    const int y0 = edge(area.y0, area.height(), from_top, rows), y1 = edge(area.y0, area.height(), from_top + 1, rows);
    const std::vector<double>& row = plot.counts[r];
    for (std::size_t c = 0; c < row.size(); ++c) {
      const int x0 = edge(area.x0, area.width(), c, row.size()), x1 = edge(area.x0, area.width(), c + 1, row.size());
      if (drawable(row[c]) && row[c] > 0) canvas.fill({x0, y0, x1, y1}, shade(row[c] / most));
    }
  }
}

}  // namespace

Image draw_plot(const HeatPlot& plot) {
  Canvas canvas(plot.width, plot.height);
  const PlotStyle style(canvas.width(), canvas.height());
  const Ticks x = choose_ticks(plot.x, {}, canvas.width() / static_cast<int>(style.tick * 5));
  Ticks y = choose_ticks(plot.y, {}, canvas.height() / static_cast<int>(style.tick * 3.5F));
  if (plot.downwards) std::swap(y.low, y.high);
  const PixelRect area = {left_room(plot.y, y, style), title_height(plot.title, style),
                          canvas.width() - style.pad - widest(x.texts, style.tick) / 2,
                          canvas.height() - room_below(plot.x, style)};
  draw_title(canvas, plot.title, style, area.x0, area.x1);
  draw_x_axis(canvas, plot.x, x, area, style);
  draw_y_axis(canvas, plot.y, y, area, style);
  draw_cells(canvas, plot, area);
  canvas.frame(area, PlotStyle::kEdge);
  return canvas.take();
}

}  // namespace saker
