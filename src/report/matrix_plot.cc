// A matrix as shades of blue, with names along both sides and a scale.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "media/text.h"
#include "report/axes.h"
#include "report/plot.h"

namespace saker {
namespace {

constexpr int kLargestCell = 96, kSmallestCell = 2;  // pixels
constexpr int kWantedSide = 1000;                    // of all cells together
constexpr int kMostNamePixels = 200;
constexpr float kSmallestName = 9, kLargestName = 20, kSmallestText = 9;

struct Layout {
  int rows = 0, columns = 0, cell = 0;
  float name_size = 0;
  int every = 1;                        // only each such name is written where they are too many
  int name_width = 0, name_height = 0;  // of the row names, of the (upright) column names
  PixelRect area;                       // of the cells
  int bar_left = 0, bar_width = 0;      // of the scale
  Ticks scale;
  int width = 0, height = 0;  // of the picture
};

int widest_name(const std::vector<std::string>& names, float size) {
  float width = 0;
  for (const std::string& name : names) {
    width = std::max(width, text_width(shortened(name, size, kMostNamePixels), size));
  }
  return static_cast<int>(std::ceil(width));
}

Layout lay_out(const MatrixPlot& plot, const PlotStyle& style) {
  Layout layout;
  layout.rows = static_cast<int>(plot.values.size());
  for (const auto& row : plot.values) layout.columns = std::max(layout.columns, static_cast<int>(row.size()));
  const int longer = std::max({layout.rows, layout.columns, 1});
  layout.cell = std::clamp(kWantedSide / longer, kSmallestCell, kLargestCell);
  layout.name_size = std::clamp(static_cast<float>(layout.cell) * 0.9F, kSmallestName, kLargestName);
  layout.every = static_cast<int>(std::ceil(layout.name_size / static_cast<float>(layout.cell)));
  layout.name_width = widest_name(plot.rows, layout.name_size);
  layout.name_height = widest_name(plot.columns, layout.name_size);

  const int title = static_cast<int>(style.label * 1.5F), gap = style.pad / 2;
  const int left = style.pad + (plot.y_title.empty() ? 0 : title) + layout.name_width + gap;
  const int top = title_height(plot.title, style);
  const int side = std::max(layout.cell, 8);
  layout.area = {left, top, left + std::max(layout.columns * layout.cell, side),
                 top + std::max(layout.rows * layout.cell, side)};
  layout.bar_left = layout.area.x1 + 2 * style.pad;
  layout.bar_width = style.pad;
  const int parts = layout.area.height() > static_cast<int>(style.tick) * 8 ? 5 : 2;
  layout.scale = choose_ticks({"", 0.0, plot.scale}, {}, parts);
  layout.width = layout.bar_left + layout.bar_width + gap + widest(layout.scale.texts, style.tick) + style.pad;
  layout.height = layout.area.y1 + gap + layout.name_height + (plot.x_title.empty() ? 0 : title) + style.pad;
  return layout;
}

void draw_cells(Canvas& canvas, const MatrixPlot& plot, const Layout& layout) {
  for (int r = 0; r < layout.rows; ++r) {
    const std::vector<double>& values = plot.values[static_cast<std::size_t>(r)];
    for (int c = 0; c < static_cast<int>(values.size()); ++c) {
      const double value = values[static_cast<std::size_t>(c)];
      const int x = layout.area.x0 + c * layout.cell, y = layout.area.y0 + r * layout.cell;
      if (drawable(value)) canvas.fill({x, y, x + layout.cell, y + layout.cell}, shade(value));
    }
  }
  if (layout.cell < 6) return;
  for (int r = 1; r < layout.rows; ++r) {
    const int y = layout.area.y0 + r * layout.cell;
    canvas.fill({layout.area.x0, y, layout.area.x1, y + 1}, PlotStyle::kGrid, 0.6);
  }
  for (int c = 1; c < layout.columns; ++c) {
    const int x = layout.area.x0 + c * layout.cell;
    canvas.fill({x, layout.area.y0, x + 1, layout.area.y1}, PlotStyle::kGrid, 0.6);
  }
}

void draw_texts(Canvas& canvas, const MatrixPlot& plot, const Layout& layout) {
  std::size_t longest = 1;
  for (const auto& row : plot.texts) {
    for (const std::string& text : row) longest = std::max(longest, decode_label(text, 20).size());
  }
  // One size for all; a digit is about half as wide as the text is high.
  const float size = std::min(static_cast<float>(layout.cell) * 0.92F / (0.56F * static_cast<float>(longest)), 24.0F);
  if (size < kSmallestText) return;
  for (std::size_t r = 0; r < std::min(plot.texts.size(), plot.values.size()); ++r) {
    for (std::size_t c = 0; c < std::min(plot.texts[r].size(), plot.values[r].size()); ++c) {
      const double value = drawable(plot.values[r][c]) ? plot.values[r][c] : 0;
      canvas.text(
          decode_label(plot.texts[r][c], 20), size, layout.area.x0 + (static_cast<double>(c) + 0.5) * layout.cell,
          layout.area.y0 + (static_cast<double>(r) + 0.5) * layout.cell, text_color_on(shade(value)), Align::kCenter);
    }
  }
}

void draw_names(Canvas& canvas, const MatrixPlot& plot, const Layout& layout, const PlotStyle& style) {
  const auto every = static_cast<std::size_t>(layout.every);
  for (std::size_t r = 0; r < std::min(plot.rows.size(), plot.values.size()); r += every) {
    const std::u32string name = shortened(plot.rows[r], layout.name_size, layout.name_width);
    canvas.text(name, layout.name_size, layout.area.x0 - style.pad / 2.0,
                layout.area.y0 + (static_cast<double>(r) + 0.5) * layout.cell, PlotStyle::kText, Align::kRight);
  }
  for (std::size_t c = 0; c < std::min(plot.columns.size(), static_cast<std::size_t>(layout.columns)); c += every) {
    const std::u32string name = shortened(plot.columns[c], layout.name_size, layout.name_height);
    canvas.text_up(name, layout.name_size, layout.area.x0 + (static_cast<double>(c) + 0.5) * layout.cell,
                   layout.area.y1 + style.pad / 2.0, PlotStyle::kText, Align::kRight);
  }
}

void draw_scale(Canvas& canvas, const Layout& layout, const PlotStyle& style) {
  const PixelRect bar = {layout.bar_left, layout.area.y0, layout.bar_left + layout.bar_width, layout.area.y1};
  for (int y = bar.y0; y < bar.y1; ++y) {
    canvas.fill({bar.x0, y, bar.x1, y + 1}, shade(1 - (y - bar.y0 + 0.5) / bar.height()));
  }
  canvas.frame(bar, PlotStyle::kEdge);
  const double half = style.tick * 0.3;
  for (std::size_t i = 0; i < layout.scale.at.size(); ++i) {
    const double y =
        std::clamp(pixel_of(layout.scale.at[i], layout.scale, bar.y1, bar.y0), bar.y0 + half, bar.y1 - half);
    canvas.text(layout.scale.texts[i], style.tick, bar.x1 + style.pad / 2.0, y, PlotStyle::kSoftText);
  }
}

}  // namespace

Image draw_plot(const MatrixPlot& plot) {
  const PlotStyle style(1200, 800);
  const Layout layout = lay_out(plot, style);
  Canvas canvas(layout.width, layout.height);
  const PixelRect& area = layout.area;
  draw_title(canvas, plot.title, style, area.x0, area.x1);
  draw_cells(canvas, plot, layout);
  draw_texts(canvas, plot, layout);
  canvas.frame({area.x0 - 1, area.y0 - 1, area.x1 + 1, area.y1 + 1}, PlotStyle::kEdge);
  draw_names(canvas, plot, layout, style);
  draw_scale(canvas, layout, style);
  canvas.text(shortened(plot.x_title, style.label, area.width()), style.label, (area.x0 + area.x1) / 2.0,
              canvas.height() - style.pad * 0.6 - style.label / 2.0, PlotStyle::kText, Align::kCenter);
  canvas.text_up(shortened(plot.y_title, style.label, area.height()), style.label, style.pad * 0.6 + style.label / 2.0,
                 (area.y0 + area.y1) / 2.0, PlotStyle::kText, Align::kCenter);
  return canvas.take();
}

}  // namespace saker
