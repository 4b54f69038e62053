// What the plots share: ticks at round numbers, the look, and the frame with its grid and titles.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/canvas.h"
#include "report/plot.h"

namespace saker {

// Whether a value can be drawn: finite, and far from where differences overflow.
bool drawable(double value);

struct Ticks {
  double low = 0, high = 1;  // of the axis
  std::vector<double> at;    // multiples of 1, 2 or 5 times a power of ten
  std::vector<std::u32string> texts;
};

// About `wanted` ticks. Ends that the axis leaves open are those of the values, moved outwards to a tick.
Ticks choose_ticks(const Axis& axis, std::span<const double> values, int wanted);

// Sizes and colours for a plot of this size.
struct PlotStyle {
  explicit PlotStyle(int width, int height);
  float title, label, tick;  // text heights
  int pad;                   // around everything, and between parts
  double line, strong_line;
  static constexpr Rgb8 kText{32, 36, 42}, kSoftText{92, 98, 108}, kGrid{228, 231, 236}, kEdge{150, 156, 166};
};

// Dark enough for a line or a letter on white.
Rgb8 ink(int color_index);

// Text of at most `room` pixels; longer text ends in an ellipsis.
std::u32string shortened(std::string_view utf8, float size, int room);

// Draws the plot's title at the top, in the middle of from..to; the pixels it takes there.
int draw_title(Canvas& canvas, std::string_view title, const PlotStyle& style, int from, int to);
int title_height(std::string_view title, const PlotStyle& style);

// Widest of the texts, in whole pixels.
int widest(std::span<const std::u32string> texts, float size);

// The pixel of a value: `from` at ticks.low, `to` at ticks.high.
double pixel_of(double value, const Ticks& ticks, double from, double to);

// Room that the y axis' numbers and title take to the left of the plot.
int left_room(const Axis& y, const Ticks& ticks, const PlotStyle& style);
void draw_y_axis(Canvas& canvas, const Axis& y, const Ticks& ticks, const PixelRect& plot, const PlotStyle& style);
// The same below the plot; its title stands at the lower edge of the picture.
int room_below(const Axis& x, const PlotStyle& style);
void draw_x_axis(Canvas& canvas, const Axis& x, const Ticks& ticks, const PixelRect& plot, const PlotStyle& style);

// Of a share 0..1: white, for 0 only, to dark blue.
Rgb8 shade(double value);

}  // namespace saker
