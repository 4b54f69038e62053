// Plots by what must be true of them: lines lie where their values are, nothing breaks the layout.
#include "report/plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "report/axes.h"

namespace saker {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool near(const Image& image, int x, int y, Rgb8 color, int most = 40) {
  if (x < 0 || y < 0 || x >= image.width || y >= image.height) return false;
  const std::uint8_t* rgb = image.pixels.data() + (y * image.width + x) * 3;
  return std::abs(rgb[0] - color.r) <= most && std::abs(rgb[1] - color.g) <= most && std::abs(rgb[2] - color.b) <= most;
}

int count(const Image& image, Rgb8 color, const PixelRect& part, int most = 40) {
  int found = 0;
  for (int y = part.y0; y < part.y1; ++y) {
    for (int x = part.x0; x < part.x1; ++x) found += near(image, x, y, color, most) ? 1 : 0;
  }
  return found;
}

int count(const Image& image, Rgb8 color) {
  return count(image, color, {0, 0, image.width, image.height});
}

// The rectangle that holds the colour.
PixelRect extent(const Image& image, Rgb8 color) {
  PixelRect box = {image.width, image.height, 0, 0};
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      if (!near(image, x, y, color)) continue;
      box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x + 1), std::max(box.y1, y + 1)};
    }
  }
  return box;
}

LinePlot plot_of(std::vector<std::pair<double, double>> points) {
  LinePlot plot;
  plot.x = {"x", 0, 1};
  plot.y = {"y", 0, 1};
  plot.lines = {{"", std::move(points), 0, false}};
  return plot;
}

TEST(Ticks, RoundNumbersAroundTheValues) {
  const std::vector<double> values = {3.2, 17.9};
  const Ticks ticks = choose_ticks({}, values, 8);
  EXPECT_EQ(ticks.low, 2);
  EXPECT_EQ(ticks.high, 18);
  ASSERT_EQ(ticks.at.size(), 9U);
  EXPECT_EQ(ticks.texts[1], U"4");
}

TEST(Ticks, TextsHaveTheDecimalsOfTheStep) {
  const std::vector<double> values = {0, 0.03};
  const Ticks ticks = choose_ticks({}, values, 6);
  EXPECT_EQ(ticks.texts.front(), U"0.000");
  EXPECT_EQ(ticks.texts.back(), U"0.030");
}

TEST(Ticks, AnyValuesGiveAUsableAxis) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> exponent(-320, 320), sign(-1, 1);
  for (int i = 0; i < 5000; ++i) {
    std::vector<double> values;
    for (int k = 0; k < 3; ++k) values.push_back(std::copysign(std::pow(10.0, exponent(random)), sign(random)));
    Axis axis;
    if (i % 3 == 1) axis.low = values[2];
    if (i % 5 == 1) axis.high = values[1];
    const Ticks ticks = choose_ticks(axis, values, 8);
    ASSERT_LT(ticks.low, ticks.high) << i;
    ASSERT_LE(ticks.at.size(), 100U) << i;
    for (const double at : ticks.at) ASSERT_TRUE(std::isfinite(at)) << i;
  }
  for (const double v : {0.0, 5.0, -1e-300, 1e99, kNan, kInf}) {
    const std::vector<double> same = {v, v};
    const Ticks ticks = choose_ticks({}, same, 8);
    EXPECT_LT(ticks.low, ticks.high) << v;
    EXPECT_GE(ticks.at.size(), 2U) << v;
  }
}

TEST(LinePlot, LinePassesThroughItsValues) {
  // The diagonal's ends tell where the axes are; a second line's pixels follow from them.
  const PixelRect area = extent(draw_plot(plot_of({{0, 0}, {1, 1}})), ink(0));
  EXPECT_GT(area.width(), 900);
  EXPECT_GT(area.height(), 550);
  const std::vector<std::pair<double, double>> points = {{0, 0.2}, {0.3, 0.9}, {0.5, 0.5}, {1, 0.1}};
  const Image image = draw_plot(plot_of(points));
  for (const auto& [x, y] : points) {
    const int px = area.x0 + static_cast<int>(std::lround(x * (area.width() - 2)));
    const int py = area.y1 - 1 - static_cast<int>(std::lround(y * (area.height() - 2)));
    EXPECT_GT(count(image, ink(0), {px - 3, py - 3, px + 4, py + 4}), 3) << x << ", " << y;
  }
  EXPECT_EQ(count(image, ink(0), {area.x0 + area.width() / 2 + 20, area.y0, area.x1, area.y0 + 200}), 0);
}

TEST(LinePlot, ValuesThatAreNoNumbersPartTheLine) {
  const Image whole = draw_plot(plot_of({{0, 0.5}, {0.4, 0.5}, {0.6, 0.5}, {1, 0.5}}));
  const PixelRect line = extent(whole, ink(0));
  const int middle = (line.x0 + line.x1) / 2;
  EXPECT_GT(count(whole, ink(0), {middle - 50, 0, middle + 50, whole.height}), 90);
  for (const double bad : {kNan, kInf, -kInf, 1e308}) {
    const Image parted = draw_plot(plot_of({{0, 0.5}, {0.4, 0.5}, {0.5, bad}, {0.6, 0.5}, {1, 0.5}}));
    EXPECT_EQ(count(parted, ink(0), {middle - 50, 0, middle + 50, parted.height}), 0) << bad;
    EXPECT_EQ(extent(parted, ink(0)).x1, line.x1);
  }
}

TEST(LinePlot, ValuesOutsideTheAxesAreCut) {
  const PixelRect area = extent(draw_plot(plot_of({{0, 0}, {1, 1}})), ink(0));
  const PixelRect cut = extent(draw_plot(plot_of({{-3, -3}, {1e20, 1e20}})), ink(0));
  EXPECT_NEAR(cut.x0, area.x0, 4);
  EXPECT_NEAR(cut.y0, area.y0, 4);
  EXPECT_NEAR(cut.y1, area.y1, 4);
}

TEST(LinePlot, NothingToDraw) {
  LinePlot plot;
  const Image empty = draw_plot(plot);
  EXPECT_EQ(empty.width, 1200);
  plot.lines = {{"named", {}, 0, false}, {"bad", {{kNan, 1}, {1, kNan}}, 1, true}};
  EXPECT_EQ(draw_plot(plot).height, 800);
}

// Lines in a band across the middle of the plot, `count` of them.
LinePlot band(std::size_t count) {
  LinePlot plot = plot_of({});
  plot.lines.clear();
  for (std::size_t i = 0; i < count; ++i) {
    plot.lines.push_back({"line " + std::to_string(i), {{0, 0.5}, {1, 0.5}}, static_cast<int>(i), false});
  }
  return plot;
}

TEST(LinePlot, FewNamesStandInAFreeCornerManyToTheRight) {
  const int alone = extent(draw_plot(plot_of({{0, 0.5}, {1, 0.5}})), ink(0)).x1;
  const Image few = draw_plot(band(3));
  EXPECT_EQ(extent(few, ink(2)).x1, alone);
  EXPECT_GT(count(few, ink(0), {0, 0, 1200, 200}), 20);  // the line's sample in the legend
  const Image many = draw_plot(band(12));
  EXPECT_GT(count(many, ink(0), {alone - 150, 0, 1200, 200}), 20);
  EXPECT_LT(extent(many, ink(11)).x1, 1195);
}

TEST(LinePlot, NamesStandAboveWhereNoCornerIsFree) {
  const PixelRect alone = extent(draw_plot(plot_of({{0, 0}, {1, 1}})), ink(0));
  LinePlot crossing = band(2);
  for (double x = 0; x < 1; x += 0.01) {  // a zigzag leaves no corner free
    crossing.lines[0].points.insert(crossing.lines[0].points.end(), {{x, 0}, {x + 0.005, 1}});
  }
  const Image image = draw_plot(crossing);
  EXPECT_GT(count(image, ink(1), {0, 0, 1200, alone.y0 + 10}), 20);      // a sample
  EXPECT_GT(count(image, ink(1), {alone.x1 - 50, 300, 1200, 500}), 20);  // the plot is as wide as without
}

TEST(LinePlot, AmongVeryManyLinesOnlyStrongOnesAreNamed) {
  LinePlot plot = band(80);
  for (Line& line : plot.lines) line.color_index = 3;
  const PixelRect top = {150, 20, 1200, 300};
  EXPECT_EQ(count(draw_plot(plot), ink(3), top), 0);
  plot.lines[10].strong = true;
  EXPECT_GT(count(draw_plot(plot), ink(3), top), 50);
}

TEST(LinePlot, LongNamesAndSmallPicturesKeepTheirSize) {
  LinePlot plot = band(8);
  plot.title = std::string(3000, 'W');
  plot.x.title = plot.y.title = plot.title;
  for (Line& line : plot.lines) line.name = std::string(500, 'W') + "\xFF\xC3";
  for (const auto& [width, height] : {std::pair(1200, 800), {300, 200}, {64, 64}, {1, 1}, {-7, 90}}) {
    plot.width = width;
    plot.height = height;
    const Image image = draw_plot(plot);
    EXPECT_EQ(image.width, std::max(width, 64));
    EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  }
}

BarPlot bars(std::vector<double> values) {
  BarPlot plot;
  plot.series = {"only"};
  plot.bars.resize(1);
  for (const double v : values) {
    plot.groups.push_back("g");
    plot.bars[0].push_back({v, {}});
  }
  return plot;
}

// How many rows of the bar's colour lie in the middle of group g of `groups`.
int bar_height(const Image& image, int g, int groups) {
  const int left = 80, right = 1180;
  const int x = left + (right - left) * (2 * g + 1) / (2 * groups);
  return count(image, ink(1), {x, 0, x + 1, image.height}, 60);
}

TEST(BarPlot, HeightsAreProportional) {
  const Image image = draw_plot(bars({10, 20, 40}));
  const int one = bar_height(image, 0, 3);
  EXPECT_GT(one, 80);
  EXPECT_NEAR(bar_height(image, 1, 3), 2 * one, 4);
  EXPECT_NEAR(bar_height(image, 2, 3), 4 * one, 8);
}

TEST(BarPlot, NegativeValuesHangAndMissingOnesAreLeftOut) {
  const Image image = draw_plot(bars({10, -10, kNan, kInf}));
  EXPECT_NEAR(bar_height(image, 0, 4), bar_height(image, 1, 4), 4);
  EXPECT_GT(bar_height(image, 0, 4), 80);
  EXPECT_EQ(bar_height(image, 2, 4), 0);
  EXPECT_EQ(bar_height(image, 3, 4), 0);
}

TEST(BarPlot, WhiskersReachTheirInterval) {
  BarPlot plot = bars({10});
  plot.y.low = 0;
  plot.y.high = 40;
  const int dark_without = count(draw_plot(plot), PlotStyle::kText);
  plot.bars[0][0].interval = {5, 30};
  const Image image = draw_plot(plot);
  EXPECT_GT(count(image, PlotStyle::kText), dark_without + 200);
  plot.bars[0][0].interval = {kNan, 30};
  EXPECT_NEAR(count(draw_plot(plot), PlotStyle::kText), dark_without, 5);
}

TEST(BarPlot, AnyShapeOfInput) {
  BarPlot plot = bars({1, 2});
  plot.format = "{:d} {";  // no format of a number
  plot.groups.push_back("without bars");
  plot.series.assign(40, "a series with a long name");
  plot.bars.push_back({});
  for (const int width : {1200, 200, 64}) {
    plot.width = width;
    EXPECT_EQ(draw_plot(plot).width, width);
  }
  const BarPlot nothing;
  EXPECT_EQ(draw_plot(nothing).width, 1200);
}

TEST(MatrixPlot, ShadesFollowTheValues) {
  MatrixPlot plot;
  plot.values = {{0, std::pow(0.5, 1 / 0.6)}, {1, kNan}};  // the middle shade
  const Image image = draw_plot(plot);
  const PixelRect dark = extent(image, {8, 48, 107});
  // The darkest: the cell below left, and the top of the scale.
  EXPECT_GT(count(image, {8, 48, 107}, {0, image.height / 2, image.width / 2, image.height}, 5), 90 * 90);
  EXPECT_LT(dark.x0, image.width / 4);
  EXPECT_GT(count(image, {107, 174, 214}, {0, 0, image.width, image.height / 2}, 5), 90 * 90);
}

TEST(MatrixPlot, AnyNumberOfCells) {
  for (const std::size_t n : {0U, 1U, 40U, 81U, 700U}) {
    MatrixPlot plot;
    plot.title = "A title that is longer than the picture of a small matrix is wide";
    plot.values.assign(n, std::vector<double>(n, 0.3));
    plot.rows.assign(n, std::string(400, 'n'));
    plot.columns = plot.rows;
    plot.texts.assign(n, std::vector<std::string>(n, "0.30"));
    const Image image = draw_plot(plot);
    EXPECT_GT(image.width, 64) << n;
    EXPECT_LT(image.width, 2500) << n;
  }
  MatrixPlot ragged;
  ragged.values = {{0.1}, {}, {0.2, 0.3, 7, -1}};
  ragged.texts = {{"a", "b"}, {"c"}, {}, {"d"}};
  ragged.rows = {"one"};
  EXPECT_GT(draw_plot(ragged).width, 64);
}

TEST(LinePlot, ADottedLineHasGaps) {
  LinePlot plot = plot_of({{0, 0.5}, {0.4, 0.5}, {1, 0.5}});
  const int solid = count(draw_plot(plot), ink(0));
  plot.lines[0].dotted = true;
  const int dotted = count(draw_plot(plot), ink(0));
  EXPECT_GT(dotted, solid / 6);
  EXPECT_LT(dotted, solid / 2);
}

TEST(HeatPlot, CellsLieWhereTheirCountsAre) {
  HeatPlot plot;
  plot.x = plot.y = {"", 0.0, 1.0};
  plot.counts = {{0, 8}, {0, 0}, {0, 0}, {0, 0}};  // to the right, at y 0 .. 0.25
  for (const bool downwards : {false, true}) {
    plot.downwards = downwards;
    const Image image = draw_plot(plot);
    const PixelRect box = extent(image, shade(1));
    EXPECT_NEAR(box.width(), image.width / 2, image.width / 20);
    EXPECT_NEAR(box.height(), image.height / 4, image.height / 20);
    EXPECT_GT(box.x0, image.width * 4 / 10);
    if (downwards) {
      EXPECT_LT(box.y1, image.height * 4 / 10);
    } else {
      EXPECT_GT(box.y0, image.height * 6 / 10);
    }
  }
  plot.counts = {{kNan, kInf}, {}, {-1, 0}};
  plot.width = plot.height = 1;
  EXPECT_EQ(draw_plot(plot).width, 64);
}

TEST(Tiled, RowByRow) {
  const auto one = [](std::uint8_t shade) { return Image{2, 1, std::vector<std::uint8_t>(6, shade)}; };
  const Image images[] = {one(1), one(2), one(3)};
  const Image sheet = tiled(images, 2);
  EXPECT_EQ(sheet.width, 4);
  EXPECT_EQ(sheet.height, 2);
  const std::vector<std::uint8_t> expected = {1, 1, 1, 1, 1, 1, 2,   2,   2,   2,   2,   2,
                                              3, 3, 3, 3, 3, 3, 255, 255, 255, 255, 255, 255};
  EXPECT_EQ(sheet.pixels, expected);
}

}  // namespace
}  // namespace saker
