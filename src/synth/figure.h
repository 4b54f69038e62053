// Drawings of flat things (a sign, a shirt, a letter): layers of coloured shapes over each other, in units of their
// own, x to the right and y down, mostly within -1 to 1. Painted into a picture by canvas.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace saker::synth {

struct Point {
  double x = 0, y = 0;
};

struct Color {
  double r = 0, g = 0, b = 0;  // as a screen shows it, 0 to 1

  bool operator==(const Color&) const = default;
};
Color mix(Color a, Color b, double share_of_b);
Color lit(Color color, double factor);
Color times(Color color, Color light);  // channel by channel
void add(Color& to, Color color, double times);

// (cos, sin) of an angle in turns; the same bits on every machine, which those of a library need not be.
Point direction(double turns);

// A polygon or a path of one and more points, grown by `radius`: one point is a disc, a path a line with round ends.
struct Layer {
  std::vector<Point> points;
  bool filled = true;  // a polygon with an inside; else the path from point to point
  double radius = 0;
  double outline = 0;  // > 0: only a line of so much half width along the edge
  Color color = {};
  bool lamp = false;  // shines: no light or shadow changes it
};
double distance(const Layer& layer, Point p);  // negative inside (Quilez, "2D distance functions": polygon, segment)

class Figure {
 public:
  Figure& disc(Point middle, double radius, Color color);
  Figure& ring(Point middle, double radius, double half_width, Color color);
  Figure& polygon(std::vector<Point> points, Color color, double round = 0);                        // grows by `round`
  Figure& box(Point middle, double half_width, double half_height, Color color, double round = 0);  // within the sizes
  Figure& line(std::vector<Point> path, double half_width, Color color);
  Figure& outline(double half_width, Color color);  // of the layer added last, along its edge
  // Capitals, digits and - . in strokes; `height` of a capital, `middle` of the whole text. Others are gaps.
  // `stretch`: letters that much wider.
  Figure& text(std::string_view text, Point middle, double height, double half_width, Color color, double stretch = 1);
  Figure& mirror();  // left for right, all layers
  Figure& lamp();    // the layer added last shines
  // The layers of another figure, scaled, turned and moved.
  Figure& add(const Figure& figure, Point to, double scale = 1, double turns = 0);

  const std::vector<Layer>& layers() const { return layers_; }

 private:
  std::vector<Layer> layers_;
};

// Points of a regular polygon, the first one at `turns` (0: right, 0.25: below).
std::vector<Point> regular_polygon(int corners, double radius, double turns, Point middle = {});
// Points on an arc.
std::vector<Point> arc(Point middle, double radius, double from_turns, double to_turns, int points = 12);

double text_width(std::string_view text, double height);

}  // namespace saker::synth
