// Groups of bars over one axis, with whiskers and the values written above them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <sstream>
#include <utility>

#include "media/text.h"
#include "report/axes.h"
#include "report/plot.h"

namespace saker {
namespace {

constexpr double kGroupShare = 0.78;     // of a group's slot that its bars take
constexpr int kWidestBar = 110;          // at 1200 pixels of width
constexpr float kSmallestValueText = 9;  // pixels
constexpr std::size_t kMostLines = 3;    // of a group's name

Rgb8 series_color(std::size_t series) {
  return ink(static_cast<int>(series) + 1);  // blue first
}

std::u32string value_text(double value, const std::string& format) {
  try {
    return decode_label(fmt::format(fmt::runtime(format), value), 40);
  } catch (const fmt::format_error&) {
    return decode_label(fmt::format("{:g}", value), 40);
  }
}

// What the axis has to hold: zero, the values, their whiskers, and room for the texts beyond them.
std::vector<double> extents(const BarPlot& plot) {
  double low = 0, high = 0;
  for (const std::vector<Bar>& series : plot.bars) {
    for (const Bar& bar : series) {
      if (!drawable(bar.value)) continue;
      const auto [from, to] = bar.interval.value_or(std::pair(bar.value, bar.value));
      for (const double v : {bar.value, from, to}) {
        if (!drawable(v)) continue;
        low = std::min(low, v);
        high = std::max(high, v);
      }
    }
  }
  const double headroom = (high - low) * 0.07;
  return {low < 0 ? low - headroom : 0, high > 0 ? high + headroom : 0};
}

// The groups' names below the bars: on up to kMostLines lines each, or upright where a word has no room.
struct Names {
  std::vector<std::vector<std::u32string>> lines;  // of each group
  bool upright = false;
  int height = 0;
};

std::vector<std::string> words(const std::string& name) {
  std::istringstream stream(name);
  return {std::istream_iterator<std::string>(stream), {}};
}

// Words put on lines of at most `room` pixels; what the last line has no room for is left out.
std::vector<std::u32string> wrapped(const std::string& name, float size, int room) {
  std::vector<std::string> lines(1);
  for (const std::string& word : words(name)) {
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    const bool fits = text_width(decode_label(longer, 200), size) <= static_cast<float>(room);
    if (fits || lines.back().empty() || lines.size() == kMostLines) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
  }
  std::vector<std::u32string> texts;
  for (const std::string& line : lines) texts.push_back(shortened(line, size, room));
  return texts;
}

Names fit_names(const BarPlot& plot, const PlotStyle& style, double slot, int canvas_height) {
  Names names;
  const int room = static_cast<int>(slot * 0.94);
  for (const std::string& name : plot.groups) {
    for (const std::string& word : words(name)) {
      names.upright |= text_width(decode_label(word, 200), style.tick) > static_cast<float>(room);
    }
  }
  for (const std::string& name : plot.groups) {
    if (names.upright) {
      names.lines.push_back({shortened(name, style.tick, canvas_height / 3)});
      names.height = std::max(names.height, widest(names.lines.back(), style.tick));
    } else {
      names.lines.push_back(wrapped(name, style.tick, room));
      names.height =
          std::max(names.height, static_cast<int>(style.tick * 1.2F * static_cast<float>(names.lines.back().size())));
    }
  }
  return names;
}

void draw_name(Canvas& canvas, const Names& names, std::size_t group, double middle, int top, const PlotStyle& style) {
  if (names.upright) {
    canvas.text_up(names.lines[group][0], style.tick, middle, top + style.pad / 2.0, PlotStyle::kText, Align::kRight);
    return;
  }
  double y = top + style.pad / 2.0 + style.tick * 0.4;
  for (const std::u32string& line : names.lines[group]) {
    canvas.text(line, style.tick, middle, y, PlotStyle::kText, Align::kCenter);
    y += style.tick * 1.2;
  }
}

struct Swatch {
  std::u32string text;
  int width = 0;
};

// The series' names beside their colours in centred rows from `top` on; returns where the rows end.
int draw_legend(Canvas& canvas, const BarPlot& plot, const PlotStyle& style, int top) {
  if (plot.series.size() < 2) return top;
  const int box = static_cast<int>(style.tick * 0.8F), room = canvas.width() - 2 * style.pad;
  std::vector<std::vector<Swatch>> rows(1);
  std::vector<int> widths(1);
  for (const std::string& name : plot.series) {
    Swatch swatch{shortened(name, style.tick, room / 2)};
    swatch.width = box + style.pad / 2 + static_cast<int>(text_width(swatch.text, style.tick)) + style.pad;
    if (!rows.back().empty() && widths.back() + swatch.width > room) {
      rows.emplace_back();
      widths.push_back(0);
    }
    widths.back() += swatch.width;
    rows.back().push_back(std::move(swatch));
  }
  std::size_t series = 0;
  for (std::size_t r = 0; r < rows.size(); ++r, top += static_cast<int>(style.tick * 1.4F)) {
    int x = (canvas.width() - widths[r] + style.pad) / 2;
    for (const Swatch& swatch : rows[r]) {
      canvas.fill({x, top, x + box, top + box}, series_color(series++));
      canvas.text(swatch.text, style.tick, x + box + style.pad / 2.0, top + box / 2.0, PlotStyle::kText);
      x += swatch.width;
    }
  }
  return top + style.pad / 2;
}

void draw_whisker(Canvas& canvas, double middle, double from, double to, double cap, const PlotStyle& style,
                  const PixelRect& area) {
  for (const auto& [a, b] : {std::pair(Place{middle, from}, Place{middle, to}),
                             std::pair(Place{middle - cap, from}, Place{middle + cap, from}),
                             std::pair(Place{middle - cap, to}, Place{middle + cap, to})}) {
    const Place path[] = {a, b};
    canvas.stroke(path, style.line * 0.8, PlotStyle::kText, area);
  }
}

struct BarPlace {
  double left = 0, right = 0;
};

void draw_bar(Canvas& canvas, const Bar& bar, BarPlace place, std::size_t series, const BarPlot& plot,
              const Ticks& ticks, const PixelRect& area, const PlotStyle& style) {
  if (!drawable(bar.value)) return;
  const auto row = [&](double v) {
    return std::clamp(pixel_of(v, ticks, area.y1, area.y0), static_cast<double>(area.y0), static_cast<double>(area.y1));
  };
  const double zero = row(0), end = row(bar.value), middle = (place.left + place.right) / 2;
  const auto pixel = [](double v) { return static_cast<int>(std::lround(v)); };
  const int left = pixel(place.left), right = std::max(left + 1, pixel(place.right));
  canvas.fill({left, pixel(std::min(zero, end)), right, pixel(std::max(zero, end))}, series_color(series), 0.88);

  double beyond = end;
  const bool up = bar.value >= 0;
  if (bar.interval && drawable(bar.interval->first) && drawable(bar.interval->second)) {
    const double from = row(bar.interval->first), to = row(bar.interval->second);
    draw_whisker(canvas, middle, from, to, std::min(12.0, (place.right - place.left) / 4), style, area);
    beyond = up ? std::min({beyond, from, to}) : std::max({beyond, from, to});
  }
  const std::u32string text = value_text(bar.value, plot.format);
  const double room = (place.right - place.left) * (plot.bars.size() == 1 ? 1 / kGroupShare : 1.0);
  const float width = text_width(text, style.tick);
  const float size = width <= room ? style.tick : style.tick * static_cast<float>(room) / width;
  if (size < kSmallestValueText) return;
  canvas.text(text, size, middle, beyond + (up ? -1 : 1) * (size * 0.5 + 3), PlotStyle::kText, Align::kCenter);
}

}  // namespace

Image draw_plot(const BarPlot& plot) {
  Canvas canvas(plot.width, plot.height);
  const PlotStyle style(canvas.width(), canvas.height());
  const int groups = static_cast<int>(std::max<std::size_t>(plot.groups.size(), 1));
  const Ticks y = choose_ticks(plot.y, extents(plot), canvas.height() / static_cast<int>(style.tick * 3.5F));

  PixelRect area = {left_room(plot.y, y, style), 0, canvas.width() - style.pad, 0};
  area.x1 = std::max(area.x1, area.x0 + 16);
  const double slot = static_cast<double>(area.width()) / groups;
  const Names names = fit_names(plot, style, slot, canvas.height());
  area.y0 = draw_legend(canvas, plot, style, draw_title(canvas, plot.title, style, area.x0, area.x1));
  area.y1 = canvas.height() - style.pad - names.height;
  area.y1 = std::max(area.y1, area.y0 + 16);
  draw_y_axis(canvas, plot.y, y, area, style);

  const double most = kWidestBar * canvas.width() / 1200.0;
  const auto series = static_cast<double>(std::max<std::size_t>(plot.bars.size(), 1));
  const double bar_width = std::min(slot * kGroupShare / series, most);
  for (std::size_t g = 0; g < plot.groups.size(); ++g) {
    const double middle = area.x0 + slot * (static_cast<double>(g) + 0.5);
    for (std::size_t s = 0; s < plot.bars.size(); ++s) {
      if (g >= plot.bars[s].size()) continue;
      const double left = middle + bar_width * (static_cast<double>(s) - series / 2);
      draw_bar(canvas, plot.bars[s][g], {left, left + bar_width * (series > 1 ? 0.94 : 1)}, s, plot, y, area, style);
    }
    draw_name(canvas, names, g, middle, area.y1, style);
  }
  const int zero = static_cast<int>(std::lround(pixel_of(0, y, area.y1, area.y0)));
  if (zero >= area.y0 && zero <= area.y1) canvas.fill({area.x0, zero - 1, area.x1, zero + 1}, PlotStyle::kEdge);
  return canvas.take();
}

}  // namespace saker
