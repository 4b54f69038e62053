#include "synth/figure.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "synth/glyphs.h"

namespace saker::synth {
namespace {

double square_distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x, dy = b.y - a.y, square = dx * dx + dy * dy;
  const double along = square > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0.0, 1.0) : 0.0;
  const double x = p.x - a.x - along * dx, y = p.y - a.y - along * dy;
  return x * x + y * y;
}

// Whether a ray to the right of p crosses the segment.
bool crosses(Point p, Point a, Point b) {
  return (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x;
}

}  // namespace

Color mix(Color a, Color b, double t) {
  return {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

Color lit(Color color, double factor) {
  return {color.r * factor, color.g * factor, color.b * factor};
}

Color times(Color a, Color b) {
  return {a.r * b.r, a.g * b.g, a.b * b.b};
}

void add(Color& to, Color color, double times) {
  to = {to.r + color.r * times, to.g + color.g * times, to.b + color.b * times};
}

// Taylor series of sine and cosine within an eighth of a turn, where nine terms are exact to the last bits.
Point direction(double turns) {
  turns -= std::floor(turns);
  const double quarters = std::floor(turns * 4 + 0.5);
  const double x = (turns - quarters / 4) * 6.283185307179586, square = x * x;
  double sine = 0, cosine = 0;
  for (int k = 16; k >= 2; k -= 2) {
    cosine = (1 + cosine) * -square / (k * (k - 1.0));
    sine = (1 + sine) * -square / (k * (k + 1.0));
  }
  cosine += 1;
  sine = x * (1 + sine);
  switch (static_cast<int>(quarters) % 4) {
    case 1:
      return {-sine, cosine};
    case 2:
      return {-cosine, -sine};
    case 3:
      return {sine, -cosine};
    default:
      return {cosine, sine};
  }
}

double distance(const Layer& layer, Point p) {
  const std::vector<Point>& points = layer.points;
  double square = 1e30;
  bool inside = false;
  if (points.size() == 1)
    square = (p.x - points[0].x) * (p.x - points[0].x) + (p.y - points[0].y) * (p.y - points[0].y);
  for (std::size_t i = 1; i < points.size(); ++i)
    square = std::min(square, square_distance_to_segment(p, points[i - 1], points[i]));
  if (layer.filled && points.size() > 2) {
    square = std::min(square, square_distance_to_segment(p, points.back(), points[0]));
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (crosses(p, points[i], points[(i + 1) % points.size()])) inside = !inside;
    }
  }
  double result = (inside ? -1 : 1) * std::sqrt(square) - layer.radius;
  if (layer.outline > 0) result = std::abs(result) - layer.outline;
  return result;
}

Figure& Figure::disc(Point middle, double radius, Color color) {
  layers_.push_back({.points = {middle}, .radius = radius, .color = color});
  return *this;
}

Figure& Figure::ring(Point middle, double radius, double half_width, Color color) {
  layers_.push_back({.points = {middle}, .radius = radius, .outline = half_width, .color = color});
  return *this;
}

Figure& Figure::polygon(std::vector<Point> points, Color color, double round) {
  layers_.push_back({.points = std::move(points), .radius = round, .color = color});
  return *this;
}

Figure& Figure::box(Point m, double half_width, double half_height, Color color, double round) {
  const double w = half_width - round, h = half_height - round;
  return polygon({{m.x - w, m.y - h}, {m.x + w, m.y - h}, {m.x + w, m.y + h}, {m.x - w, m.y + h}}, color, round);
}

Figure& Figure::line(std::vector<Point> path, double half_width, Color color) {
  layers_.push_back({.points = std::move(path), .filled = false, .radius = half_width, .color = color});
  return *this;
}

Figure& Figure::outline(double half_width, Color color) {
  Layer edge = layers_.back();
  edge.outline = half_width;
  edge.color = color;
  layers_.push_back(std::move(edge));
  return *this;
}

Figure& Figure::text(std::string_view text, Point middle, double height, double half_width, Color color,
                     double stretch) {
  const double unit = height / kGlyphHeight, across = unit * stretch;
  double left = middle.x - text_width(text, height) * stretch / 2;
  const double top = middle.y - height / 2;
  for (const char letter : text) {
    for (std::vector<Point>& stroke : glyph(letter)) {
      for (Point& p : stroke) p = {left + p.x * across, top + p.y * unit};
      line(std::move(stroke), half_width, color);
    }
    left += (kGlyphWidth + kGlyphGap) * across;
  }
  return *this;
}

Figure& Figure::mirror() {
  for (Layer& layer : layers_) {
    for (Point& p : layer.points) p.x = -p.x;
  }
  return *this;
}

Figure& Figure::lamp() {
  layers_.back().lamp = true;
  return *this;
}

Figure& Figure::add(const Figure& figure, Point to, double scale, double turns) {
  const Point d = direction(turns);
  for (Layer layer : figure.layers_) {
    for (Point& p : layer.points) p = {to.x + scale * (p.x * d.x - p.y * d.y), to.y + scale * (p.x * d.y + p.y * d.x)};
    layer.radius *= scale;
    layer.outline *= scale;
    layers_.push_back(std::move(layer));
  }
  return *this;
}

std::vector<Point> regular_polygon(int corners, double radius, double turns, Point middle) {
  std::vector<Point> points;
  for (int i = 0; i < corners; ++i) {
    const Point d = direction(turns + static_cast<double>(i) / corners);
    points.push_back({middle.x + radius * d.x, middle.y + radius * d.y});
  }
  return points;
}

std::vector<Point> arc(Point middle, double radius, double from_turns, double to_turns, int points) {
  std::vector<Point> path;
  for (int i = 0; i < points; ++i) {
    const Point d = direction(from_turns + (to_turns - from_turns) * i / (points - 1));
    path.push_back({middle.x + radius * d.x, middle.y + radius * d.y});
  }
  return path;
}

double text_width(std::string_view text, double height) {
  const auto letters = static_cast<double>(text.size());
  return text.empty() ? 0 : (letters * (kGlyphWidth + kGlyphGap) - kGlyphGap) * height / kGlyphHeight;
}

}  // namespace saker::synth
