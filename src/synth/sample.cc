// A synthetic picture: something to run a detector on where no photograph is at hand.
// Shapes are signed distances (negative inside; Quilez, "2D distance functions"), in units of the shape's radius.
#include "synth/sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "synth/figure.h"
#include "synth/noise.h"

namespace saker::synth {
namespace {

double length(Point p) {
  return std::sqrt(p.x * p.x + p.y * p.y);
}

double ball(Point p) {
  return length(p) - 1;
}

double rounded_box(Point p, double half_width, double half_height, double corner) {
  const Point q = {std::abs(p.x) - half_width + corner, std::abs(p.y) - half_height + corner};
  return length({std::max(q.x, 0.0), std::max(q.y, 0.0)}) + std::min(std::max(q.x, q.y), 0.0) - corner;
}

double box(Point p) {
  return rounded_box(p, 1, 0.62, 0.15);
}

double ring(Point p) {
  return std::abs(length(p) - 0.72) - 0.26;
}

// A point on its top: the intersection of three half-planes.
double triangle(Point p) {
  constexpr double kHalf = 0.5, kHeight = 0.8660254037844386;  // sin and cos of 30 degrees
  return std::max(p.y - 0.55, std::abs(p.x) * kHeight - p.y * kHalf - 0.5);
}

// Four points: two thin rhombi across each other.
double star(Point p) {
  const double x = std::abs(p.x), y = std::abs(p.y);
  return std::min(x + 2.4 * y, y + 2.4 * x) / 2.6 - 0.4;
}

double bottle(Point p) {
  const double body = rounded_box({p.x, p.y - 0.25}, 0.4, 0.75, 0.2);
  const double neck = rounded_box({p.x, p.y + 0.65}, 0.16, 0.35, 0.06);
  const double k = 0.2;  // width of the blend between the two (polynomial smooth minimum)
  const double h = std::clamp(0.5 + 0.5 * (neck - body) / k, 0.0, 1.0);
  return neck + (body - neck) * h - k * h * (1 - h);
}

using Distance = double (*)(Point);
constexpr std::array<Distance, 6> kShapes = {ball, box, ring, triangle, star, bottle};
constexpr std::array<Color, 6> kColors = {{{0.85, 0.22, 0.18},
                                           {0.16, 0.42, 0.80},
                                           {0.95, 0.72, 0.15},
                                           {0.20, 0.62, 0.35},
                                           {0.62, 0.30, 0.70},
                                           {0.10, 0.58, 0.62}}};

struct Object {
  Distance distance = ball;
  Color color;
  Point center;  // pixels
  double radius = 0;
  double cos = 1, sin = 0;  // its turn

  // In pixels.
  double at(Point pixel) const {
    const Point p = {(pixel.x - center.x) / radius, (pixel.y - center.y) / radius};
    return distance({cos * p.x + sin * p.y, cos * p.y - sin * p.x}) * radius;
  }
};

// One object a cell of a 3 x 2 grid, in random order, so that they never hide each other.
std::vector<Object> place_objects(const SampleOptions& options, PortableRandom& random) {
  const bool wide = options.width >= options.height;
  const std::size_t columns = wide ? 3 : 2;
  const double cell_width = static_cast<double>(options.width) / static_cast<double>(columns);
  const double cell_height = static_cast<double>(options.height) / (wide ? 2 : 3);
  std::vector<std::size_t> cells = {0, 1, 2, 3, 4, 5};
  random.shuffle(cells);
  std::vector<Object> objects;
  for (std::size_t i = 0; i < kShapes.size(); ++i) {
    Object object;
    object.distance = kShapes[i];
    object.color = mix(kColors[i], {random.between(0, 1), random.between(0, 1), random.between(0, 1)}, 0.15);
    object.radius = std::min(cell_width, cell_height) * random.between(0.26, 0.38);
    const auto column = static_cast<double>(cells[i] % columns), row = static_cast<double>(cells[i] / columns);
    object.center = {(column + random.between(0.45, 0.55)) * cell_width,
                     (row + random.between(0.45, 0.55)) * cell_height};
    object.sin = random.between(-0.35, 0.35);
    object.cos = std::sqrt(1 - object.sin * object.sin);
    objects.push_back(object);
  }
  return objects;
}

class Scene {
 public:
  Scene(const SampleOptions& options, PortableRandom& random)
      : objects_(place_objects(options, random)),
        noise_(random),
        side_(std::min(options.width, options.height)),
        center_({options.width / 2.0, options.height / 2.0}) {
    dark_ = {random.between(0.25, 0.45), random.between(0.25, 0.45), random.between(0.22, 0.40)};
    pale_ = mix(dark_, {0.86, 0.82, 0.74}, 0.6);
  }

  Color at(Point p) const {
    Color color = lit(ground(p), 1 - 0.6 * shadow(p));
    for (const Object& object : objects_) {
      const double distance = object.at(p);
      const double cover = smooth_step(0.7, -0.7, distance);  // over about one pixel
      if (cover > 0) color = mix(color, surface(object, p, distance), cover);
    }
    const double from_center = length({p.x - center_.x, p.y - center_.y}) / side_;
    return lit(color, 1.08 - 0.45 * from_center * from_center);
  }

 private:
  Color ground(Point p) const {
    const double grain = noise_.layered(p.x * 9 / side_, p.y * 9 / side_);
    const double fine = noise_.at(p.x * 150 / side_, p.y * 150 / side_) - 0.5;
    return lit(mix(dark_, pale_, smooth_step(0.25, 0.75, grain)), 1 + 0.12 * fine);
  }

  // 0..1; the light comes from the upper left.
  double shadow(Point p) const {
    double deepest = 0;
    for (const Object& object : objects_) {
      const double offset = 0.16 * object.radius;
      const double distance = object.at({p.x - offset, p.y - 1.4 * offset});
      deepest = std::max(deepest, smooth_step(0.2 * object.radius, -0.1 * object.radius, distance));
    }
    return deepest;
  }

  // Rounded towards its edge: the height is a quarter circle over the bevel, and brightness follows the slope.
  Color surface(const Object& object, Point p, double distance) const {
    const double bevel = 0.45 * object.radius;
    const double inside = std::clamp(1 + distance / bevel, 0.0, 1.0);  // 1 at the edge, 0 on the flat
    const Point gradient = {object.at({p.x + 1, p.y}) - object.at({p.x - 1, p.y}),
                            object.at({p.x, p.y + 1}) - object.at({p.x, p.y - 1})};
    const double steepness = length(gradient);
    const double tilt = steepness > 0 ? inside / steepness : 0;
    const Point normal = {gradient.x * tilt, gradient.y * tilt};
    const double up = std::sqrt(std::max(0.0, 1 - normal.x * normal.x - normal.y * normal.y));
    const double light = std::max(0.0, -0.48 * normal.x - 0.64 * normal.y + 0.6 * up);  // a unit vector
    const double shine = std::max(0.0, (light - 0.85) / 0.15);
    const double grain = noise_.at(p.x * 60 / side_, p.y * 60 / side_) - 0.5;
    const Color base = lit(object.color, (0.35 + 0.85 * light) * (1 + 0.08 * grain));
    return mix(base, {1, 1, 1}, 0.55 * shine * shine);
  }

  std::vector<Object> objects_;
  Noise noise_;
  double side_;
  Point center_;
  Color dark_, pale_;
};

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0, 1.0) * 255 + 0.5);
}

}  // namespace

Image sample_picture(const SampleOptions& options) {
  SAKER_CHECK(options.width >= 32 && options.height >= 32 && options.width <= 8192 && options.height <= 8192);
  PortableRandom random(options.seed);
  const Scene scene(options, random);
  Image image;
  image.width = options.width;
  image.height = options.height;
  image.pixels.reserve(static_cast<std::size_t>(options.width) * static_cast<std::size_t>(options.height) * 3);
  for (int y = 0; y < options.height; ++y) {
    for (int x = 0; x < options.width; ++x) {
      const Color color = scene.at({x + 0.5, y + 0.5});
      for (const double channel : {color.r, color.g, color.b}) image.pixels.push_back(to_byte(channel));
    }
  }
  return image;
}

}  // namespace saker::synth
