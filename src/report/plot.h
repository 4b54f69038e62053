// Plots as pictures: lines, bars and matrices, drawn on an Image without a plotting library.
// Values that are not finite are left out (a line is parted there); texts are UTF-8, shortened where there is no room.
// write_image() and Page::picture() take the result.
#pragma once

#include <saker/image.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace saker {

struct Axis {
  std::string title;
  std::optional<double> low, high;  // empty: from the data, moved outwards to a round number
};

struct Line {
  std::string name;  // in the legend; empty: none
  std::vector<std::pair<double, double>> points;
  int color_index = 0;
  bool strong = false;  // wider, drawn last
  bool dotted = false;
};

// The legend stands in a free corner, above the plot or to the right. Of more than 20 lines only the strong ones are
// named, the others are thin.
struct LinePlot {
  std::string title;
  Axis x, y;
  std::vector<Line> lines;
  int width = 1200, height = 800;  // pixels, 64..8192
};
Image draw_plot(const LinePlot& plot);

// Groups of bars from zero, with optional whiskers (an interval) and the value written at each bar.
struct Bar {
  double value = 0;
  std::optional<std::pair<double, double>> interval;
};
struct BarPlot {
  std::string title;
  Axis y;
  std::vector<std::string> groups;     // along x
  std::vector<std::string> series;     // colours
  std::vector<std::vector<Bar>> bars;  // [series][group]
  std::string format = "{:.1f}";       // of the values
  int width = 1200, height = 700;
};
Image draw_plot(const BarPlot& plot);

// values[row][column] in 0..1 as shades, with the texts on them where they fit. The picture's size follows the number
// of cells: about 1300 pixels wide, more beyond 500 columns; what does not fit 8192 pixels is cut off.
struct MatrixPlot {
  std::string title, x_title, y_title;
  std::vector<std::string> columns, rows;
  std::vector<std::vector<double>> values;
  std::vector<std::vector<std::string>> texts;  // empty: none
  double scale = 1;                             // what a value of 1 is called beside the scale
};
Image draw_plot(const MatrixPlot& plot);

// How much there is at each place: counts[row][column] as shades, the first row and column at the axes' lower ends.
struct HeatPlot {
  std::string title;
  Axis x, y;               // with both ends
  bool downwards = false;  // y grows downwards, as in pictures
  std::vector<std::vector<double>> counts;
  int width = 1000, height = 1000;
};
Image draw_plot(const HeatPlot& plot);

// Pictures of one size in rows of so many, from the left; white where there is none.
Image tiled(std::span<const Image> images, int columns);

}  // namespace saker
