// Lines over two axes, with a legend where it hides nothing.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "media/text.h"
#include "report/axes.h"
#include "report/plot.h"

namespace saker {
namespace {

constexpr std::size_t kMostInLegend = 20;      // more lines: only the strong ones are named
constexpr std::size_t kMostInsideThePlot = 6;  // more entries: the legend stands to the right of it
constexpr int kSmallestArea = 16;              // pixels of width and height
constexpr double kLegendShare = 0.28;          // of the width, at most
constexpr double kCrowdOpacity = 0.45;         // of one among many lines

struct Entry {
  const Line* line = nullptr;
  std::u32string text;
};

struct Legend {
  std::vector<Entry> entries;
  int width = 0, height = 0, row = 0, sample = 0;  // pixels; the sample is a piece of the line
  int side_by_side = 0;                            // width of all entries in one row
};

enum class LegendPlace { kNone, kInside, kAbove, kRight };

bool crowded(const LinePlot& plot) {
  return plot.lines.size() > kMostInLegend;
}

// Of one line, in pixels; parted where a value cannot be drawn.
using Runs = std::vector<std::vector<Place>>;

Runs to_pixels(const Line& line, const Ticks& x, const Ticks& y, const PixelRect& area) {
  Runs runs(1);
  for (const auto& [u, v] : line.points) {
    if (drawable(u) && drawable(v)) {
      runs.back().push_back({pixel_of(u, x, area.x0, area.x1), pixel_of(v, y, area.y1, area.y0)});
    } else if (!runs.back().empty()) {
      runs.emplace_back();
    }
  }
  if (runs.back().empty()) runs.pop_back();
  return runs;
}

Legend make_legend(const LinePlot& plot, const PlotStyle& style, int canvas_width) {
  Legend legend;
  legend.row = static_cast<int>(std::ceil(style.tick * 1.25F));
  legend.sample = style.pad * 2;
  const int room = static_cast<int>(canvas_width * kLegendShare);
  int widest_text = 0;
  for (const Line& line : plot.lines) {
    if (line.name.empty() || (crowded(plot) && !line.strong)) continue;
    legend.entries.push_back({&line, shortened(line.name, style.tick, room)});
    const int width = static_cast<int>(std::ceil(text_width(legend.entries.back().text, style.tick)));
    legend.side_by_side += legend.sample + width + 2 * style.pad;
    widest_text = std::max(widest_text, width);
  }
  if (legend.entries.empty()) return legend;
  legend.width = style.pad + legend.sample + style.pad / 2 + widest_text;
  legend.height = static_cast<int>(legend.entries.size()) * legend.row + style.pad / 2;
  return legend;
}

bool hides_something(const PixelRect& place, const std::vector<Runs>& lines) {
  for (const Runs& runs : lines) {
    for (const std::vector<Place>& run : runs) {
      for (std::size_t i = 0; i < run.size(); ++i) {
        Place a = run[i], b = run[std::min(i + 1, run.size() - 1)];
        if (clip_segment(a, b, place)) return true;
      }
    }
  }
  return false;
}

// A corner of the plot where no line is.
std::optional<PixelRect> free_corner(const Legend& legend, const PixelRect& area, const std::vector<Runs>& lines,
                                     int gap) {
  if (legend.width + 2 * gap > area.width() || legend.height + 2 * gap > area.height()) return std::nullopt;
  const int left = area.x0 + gap, right = area.x1 - gap - legend.width;
  const int top = area.y0 + gap, bottom = area.y1 - gap - legend.height;
  for (const auto& [x, y] : {std::pair(right, top), {left, top}, {right, bottom}, {left, bottom}}) {
    const PixelRect place = {x, y, x + legend.width, y + legend.height};
    if (!hides_something({x - gap / 2, y - gap / 2, place.x1 + gap / 2, place.y1 + gap / 2}, lines)) return place;
  }
  return std::nullopt;
}

// A path of lines, or of dots with gaps twice as wide as they are.
void stroke(Canvas& canvas, std::span<const Place> path, const Line& line, double width, const PixelRect& clip,
            double opacity = 1) {
  const Rgb8 color = ink(line.color_index);
  if (!line.dotted) return canvas.stroke(path, width, color, clip, opacity);
  double next = 0;  // where on this piece the next dot lies
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    Place a = path[i], b = path[i + 1];
    if (!clip_segment(a, b, clip)) continue;
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    for (; next < length; next += 3 * width) {
      const Place dot[] = {{std::lerp(a.x, b.x, next / length), std::lerp(a.y, b.y, next / length)}};
      canvas.stroke(dot, width, color, clip, opacity);
    }
    next -= length;
  }
}

void draw_entry(Canvas& canvas, const Legend& legend, const Entry& entry, double x, double y, const PlotStyle& style) {
  const Place sample[] = {{x, y}, {x + legend.sample, y}};
  stroke(canvas, sample, *entry.line, entry.line->strong ? style.strong_line : style.line, canvas.whole());
  canvas.text(entry.text, style.tick, x + legend.sample + style.pad / 2.0, y, PlotStyle::kText);
}

// One below the other; what does not fit the picture is left out.
void draw_legend(Canvas& canvas, const Legend& legend, const PixelRect& place, const PlotStyle& style) {
  double y = place.y0 + style.pad / 4.0 + legend.row / 2.0;
  for (const Entry& entry : legend.entries) {
    draw_entry(canvas, legend, entry, place.x0 + style.pad / 2.0, y, style);
    y += legend.row;
  }
}

void draw_legend_row(Canvas& canvas, const Legend& legend, double middle, double y, const PlotStyle& style) {
  double x = std::max(middle - legend.side_by_side / 2.0, static_cast<double>(style.pad));
  for (const Entry& entry : legend.entries) {
    draw_entry(canvas, legend, entry, x, y, style);
    x += legend.sample + static_cast<double>(text_width(entry.text, style.tick)) + 2.0 * style.pad;
  }
}

std::vector<double> coordinates(const LinePlot& plot, bool of_x) {
  std::vector<double> values;
  for (const Line& line : plot.lines) {
    for (const auto& [x, y] : line.points) {
      if (drawable(x) && drawable(y)) values.push_back(of_x ? x : y);
    }
  }
  return values;
}

std::vector<Runs> all_to_pixels(const LinePlot& plot, const Ticks& x, const Ticks& y, const PixelRect& area) {
  std::vector<Runs> lines;
  for (const Line& line : plot.lines) lines.push_back(to_pixels(line, x, y, area));
  return lines;
}

// Of the plot's inside, when the legend takes no room of it.
PixelRect widest_area(const Canvas& canvas, const LinePlot& plot, const Ticks& x, const Ticks& y,
                      const PlotStyle& style) {
  PixelRect area = {left_room(plot.y, y, style), title_height(plot.title, style),
                    canvas.width() - style.pad - widest(x.texts, style.tick) / 2,
                    canvas.height() - room_below(plot.x, style)};
  area.x1 = std::max(area.x1, area.x0 + kSmallestArea);
  area.y1 = std::max(area.y1, area.y0 + kSmallestArea);
  return area;
}

void draw_lines(Canvas& canvas, const LinePlot& plot, const std::vector<Runs>& lines, const PixelRect& area,
                const PlotStyle& style) {
  // Lines along an edge keep their whole width.
  const int over = static_cast<int>(std::ceil(style.strong_line / 2));
  const PixelRect clip = {area.x0 - over, area.y0 - over, area.x1 + over, area.y1 + over};
  for (const bool strong : {false, true}) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (plot.lines[i].strong != strong) continue;
      const bool thin = crowded(plot) && !strong;
      const double width = strong ? style.strong_line : thin ? style.line * 0.6 : style.line;
      for (const std::vector<Place>& run : lines[i]) {
        const double one = run.size() == 1 ? 3.5 : 1;  // a dot
        stroke(canvas, run, plot.lines[i], width * one, clip, thin ? kCrowdOpacity : 1);
      }
    }
  }
}

}  // namespace

Image draw_plot(const LinePlot& plot) {
  Canvas canvas(plot.width, plot.height);
  const PlotStyle style(canvas.width(), canvas.height());
  const std::vector<double> xs = coordinates(plot, true);
  const Ticks y = choose_ticks(plot.y, coordinates(plot, false), canvas.height() / static_cast<int>(style.tick * 3.5F));
  const Ticks x = choose_ticks(plot.x, xs, canvas.width() / static_cast<int>(style.tick * 5));
  const Legend legend = make_legend(plot, style, canvas.width());

  PixelRect area = widest_area(canvas, plot, x, y, style);
  const int title_end = area.y0;
  std::vector<Runs> lines = all_to_pixels(plot, x, y, area);
  std::optional<PixelRect> corner;
  if (legend.entries.size() <= kMostInsideThePlot) corner = free_corner(legend, area, lines, style.pad);
  const LegendPlace place = legend.entries.empty()                             ? LegendPlace::kNone
                            : corner                                           ? LegendPlace::kInside
                            : legend.side_by_side < canvas.width() - style.pad ? LegendPlace::kAbove
                                                                               : LegendPlace::kRight;
  if (place == LegendPlace::kAbove) area.y0 = std::min(area.y0 + legend.row, area.y1 - kSmallestArea);
  if (place == LegendPlace::kRight) {
    area.x1 = std::max(area.x0 + kSmallestArea, canvas.width() - style.pad - legend.width);
  }
  lines = all_to_pixels(plot, x, y, area);

  draw_title(canvas, plot.title, style, area.x0, area.x1);
  draw_x_axis(canvas, plot.x, x, area, style);
  draw_y_axis(canvas, plot.y, y, area, style);
  canvas.frame(area, PlotStyle::kEdge);
  draw_lines(canvas, plot, lines, area, style);
  if (xs.empty()) {
    canvas.text(U"no data", style.label, (area.x0 + area.x1) / 2.0, (area.y0 + area.y1) / 2.0, PlotStyle::kSoftText,
                Align::kCenter);
  }
  if (place == LegendPlace::kInside) {
    canvas.fill(*corner, {255, 255, 255}, 0.9);
    canvas.frame(*corner, PlotStyle::kGrid);
    draw_legend(canvas, legend, *corner, style);
  } else if (place == LegendPlace::kAbove) {
    draw_legend_row(canvas, legend, (area.x0 + area.x1) / 2.0, title_end + legend.row * 0.3, style);
  } else if (place == LegendPlace::kRight) {
    draw_legend(canvas, legend, {area.x1 + style.pad / 2, area.y0, canvas.width(), canvas.height()}, style);
  }
  return canvas.take();
}

}  // namespace saker
