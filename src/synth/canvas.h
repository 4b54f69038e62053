// The picture while it is drawn: colours, and of each pixel the object that is seen there, from which the boxes come.
#pragma once

#include <saker/image.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "base/matrix3.h"
#include "synth/figure.h"

namespace saker::synth {

constexpr int kNobody = -1;                                 // scenery
constexpr Matrix3 kInPixels = {1, 0, 0, 0, 1, 0, 0, 0, 1};  // for figures whose units are pixels

// How a figure takes the light.
struct Surface {
  Color light = {1, 1, 1};  // times the layers' colours, but those of lamps
  Point gradient = {};      // that much brighter a unit to the right and down
  // Replaces a layer's colour at a place of the figure: dirt, folds, patterns. Empty: flat.
  std::function<Color(Color, Point)> texture = {};
};

// A box by its edges, in pixels.
struct TrueBox {
  int category = 0;
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

class Canvas {
 public:
  explicit Canvas(ImageSize size);  // black

  int width() const { return size_.width; }
  int height() const { return size_.height; }
  double side() const { return size_.width < size_.height ? size_.width : size_.height; }

  Color& at(int x, int y) { return colors_[index(x, y)]; }
  const Color& color(int x, int y) const { return colors_[index(x, y)]; }
  // Every pixel by its middle; nobody's.
  void fill(const std::function<Color(Point)>& color);

  // A new object of the category, for paint(); it gets a box if enough of it stays visible.
  int add_object(int category);
  // What is painted later covers what was there. `to_pixels`: figure units to pixels.
  void paint(const Figure& figure, const Matrix3& to_pixels, const Surface& surface = {}, int object = kNobody);
  // Light around a lamp, added to what is there.
  void glow(Point middle, double radius, Color color);

  // The boxes around the visible pixels of each object, of those of which `share` and more is visible (what lies
  // outside the picture is not) and whose sides are at least `smallest` pixels.
  std::vector<TrueBox> boxes(double share, double smallest) const;

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) + static_cast<std::size_t>(x);
  }
  struct Object {
    int category = 0;
    std::int64_t pixels = 0;  // painted, with those outside the picture
  };

  ImageSize size_;
  std::vector<Color> colors_;
  std::vector<int> owners_;
  std::vector<Object> objects_;
};

// Where a flat figure stands before the camera.
struct Pose {
  Point middle;        // pixels
  double size = 1;     // pixels a unit
  double roll = 0;     // turned in the picture, in turns
  double yaw = 0;      // about the upright axis, in turns, -0.2 to 0.2
  double pitch = 0;    // about the level axis
  double depth = 0.2;  // how strong the perspective is, 0 to 0.4: one over the distance in units
};
Matrix3 to_pixels(const Pose& pose);
Point mapped(const Matrix3& matrix, Point p);

}  // namespace saker::synth
