#include "report/axes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "media/text.h"

namespace saker {
namespace {

constexpr std::size_t kMaxText = 200;  // code points
constexpr char32_t kEllipsis = 0x2026;
constexpr double kShadeExponent = 0.6;  // small values, which are most, can be told apart

// The smallest of 1, 2, 5 times a power of ten that is at least `least` (> 0).
double round_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::u32string tick_text(double value, double step) {
  const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  if (std::abs(value) < step * 1e-6) value = 0;  // no "-0"
  const bool plain = std::abs(value) < 1e6 && decimals <= 6;
  return decode_label(plain ? fmt::format("{:.{}f}", value, decimals) : fmt::format("{:.6g}", value), kMaxText);
}

// A range without extent gets some.
void widen(double& low, double& high) {
  const double least = std::max({std::abs(low), std::abs(high), 1e-30}) * 1e-9;
  if (high - low > least) return;
  const double by = low == 0 ? 1 : std::abs(low) * 0.1;
  low -= by;
  high += by;
}

}  // namespace

bool drawable(double value) {
  return std::abs(value) < 1e100;  // false for NaN
}

Ticks choose_ticks(const Axis& axis, std::span<const double> values, int wanted) {
  double low = 1e100, high = -1e100;
  for (const double v : values) {
    if (!drawable(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (low > high) low = 0, high = 1;
  if (axis.low && drawable(*axis.low)) low = *axis.low;
  if (axis.high && drawable(*axis.high)) high = *axis.high;
  if (low > high) (axis.high ? low : high) = axis.high ? high : low;
  widen(low, high);

  const double step = round_step((high - low) / std::max(wanted, 2));
  Ticks ticks;
  ticks.low = axis.low ? low : std::floor(low / step + 1e-6) * step;
  ticks.high = axis.high ? high : std::ceil(high / step - 1e-6) * step;
  const double first = std::ceil(ticks.low / step - 1e-6);
  const int count = static_cast<int>(std::floor(ticks.high / step + 1e-6) - first) + 1;
  for (int i = 0; i < std::min(count, 100); ++i) {
    ticks.at.push_back((first + i) * step);
    ticks.texts.push_back(tick_text(ticks.at.back(), step));
  }
  return ticks;
}

PlotStyle::PlotStyle(int width, int height) {
  const float scale = std::clamp(static_cast<float>(std::min(width / 1200.0, height / 800.0)), 0.5F, 4.0F);
  title = 30 * scale;
  label = std::max(24 * scale, 11.0F);
  tick = std::max(21 * scale, 10.0F);
  pad = static_cast<int>(std::lround(18 * scale));
  line = std::max(2.6 * scale, 1.2);
  strong_line = line * 2;
}

Rgb8 ink(int color_index) {
  Rgb8 color = class_color(color_index);
  const auto too_light = [&] { return 0.2126 * color.r + 0.7152 * color.g + 0.0722 * color.b > 165; };
  const auto dimmed = [](std::uint8_t v) { return static_cast<std::uint8_t>(v * 15 / 16); };
  while (too_light()) color = {dimmed(color.r), dimmed(color.g), dimmed(color.b)};
  return color;
}

std::u32string shortened(std::string_view utf8, float size, int room) {
  std::u32string text = decode_label(utf8, kMaxText);
  if (text_width(text, size) <= static_cast<float>(room)) return text;
  const auto cut = [&](std::size_t length) { return text.substr(0, length) + kEllipsis; };
  std::size_t fits = 0, too_long = text.size();
  while (fits + 1 < too_long) {
    const std::size_t middle = (fits + too_long) / 2;
    (text_width(cut(middle), size) <= static_cast<float>(room) ? fits : too_long) = middle;
  }
  return fits > 0 ? cut(fits) : std::u32string();
}

int title_height(std::string_view title, const PlotStyle& style) {
  return title.empty() ? style.pad : style.pad + static_cast<int>(std::ceil(style.title * 1.3F));
}

int draw_title(Canvas& canvas, std::string_view title, const PlotStyle& style, int from, int to) {
  const FittedText text = fit_text(decode_label(title, kMaxText), style.title, canvas.width() - 2 * style.pad);
  const double half = text_width(text.text, text.size) / 2.0;
  const double middle =
      std::clamp((from + to) / 2.0, style.pad + half, std::max(style.pad + half, canvas.width() - style.pad - half));
  canvas.text(text.text, text.size, middle, style.pad * 0.7 + style.title / 2.0, PlotStyle::kText, Align::kCenter);
  return title_height(title, style);
}

int widest(std::span<const std::u32string> texts, float size) {
  float width = 0;
  for (const std::u32string& text : texts) width = std::max(width, text_width(text, size));
  return static_cast<int>(std::ceil(width));
}

double pixel_of(double value, const Ticks& ticks, double from, double to) {
  return from + (to - from) * ((value - ticks.low) / (ticks.high - ticks.low));
}

int left_room(const Axis& y, const Ticks& ticks, const PlotStyle& style) {
  const int title = y.title.empty() ? 0 : static_cast<int>(std::ceil(style.label * 1.3F));
  return style.pad + title + widest(ticks.texts, style.tick) + style.pad / 2;
}

void draw_y_axis(Canvas& canvas, const Axis& y, const Ticks& ticks, const PixelRect& plot, const PlotStyle& style) {
  for (std::size_t i = 0; i < ticks.at.size(); ++i) {
    const double at = pixel_of(ticks.at[i], ticks, plot.y1, plot.y0);
    const int row = std::clamp(static_cast<int>(std::lround(at)), plot.y0, plot.y1 - 1);
    canvas.fill({plot.x0, row, plot.x1, row + 1}, PlotStyle::kGrid);
    canvas.text(ticks.texts[i], style.tick, plot.x0 - style.pad / 2.0, at, PlotStyle::kSoftText, Align::kRight);
  }
  canvas.text_up(shortened(y.title, style.label, plot.height()), style.label, style.pad * 0.5 + style.label / 2.0,
                 (plot.y0 + plot.y1) / 2.0, PlotStyle::kText, Align::kCenter);
}

int room_below(const Axis& x, const PlotStyle& style) {
  return style.pad + static_cast<int>(style.tick * 1.2F + (x.title.empty() ? 0 : style.label * 1.2F));
}

void draw_x_axis(Canvas& canvas, const Axis& x, const Ticks& ticks, const PixelRect& plot, const PlotStyle& style) {
  for (std::size_t i = 0; i < ticks.at.size(); ++i) {
    const double at = pixel_of(ticks.at[i], ticks, plot.x0, plot.x1);
    const int column = std::clamp(static_cast<int>(std::lround(at)), plot.x0, plot.x1 - 1);
    canvas.fill({column, plot.y0, column + 1, plot.y1}, PlotStyle::kGrid);
    canvas.text(ticks.texts[i], style.tick, at, plot.y1 + style.pad / 2.0 + style.tick * 0.4, PlotStyle::kSoftText,
                Align::kCenter);
  }
  canvas.text(shortened(x.title, style.label, plot.width()), style.label, (plot.x0 + plot.x1) / 2.0,
              canvas.height() - style.pad * 0.5 - style.label / 2.0, PlotStyle::kText, Align::kCenter);
}

Rgb8 shade(double value) {
  constexpr std::array<Rgb8, 5> kStops = {
      {{255, 255, 255}, {198, 219, 240}, {107, 174, 214}, {33, 113, 181}, {8, 48, 107}}};
  const double at = std::pow(std::clamp(value, 0.0, 1.0), kShadeExponent) * (kStops.size() - 1);
  const auto first = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
  const double part = at - static_cast<double>(first);
  const auto mix = [&](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + (b - a) * part));
  };
  const Rgb8 a = kStops[first], b = kStops[first + 1];
  return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

}  // namespace saker
