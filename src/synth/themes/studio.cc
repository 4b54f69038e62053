#include "synth/themes/studio.h"

#include <algorithm>

namespace saker::synth {

Light draw_room_light(PortableRandom& random) {
  Light light = draw_light(random);
  if (light.dark) light = {lit(light.ambient, 2.2), false};
  return light;
}

Matrix3 placed(const Matrix3& parent, Point to, double scale, double turns) {
  const Point d = direction(turns);
  return product(parent, {scale * d.x, -scale * d.y, to.x, scale * d.y, scale * d.x, to.y, 0, 0, 1});
}

void paint(Studio& s, const Garment& garment, const Matrix3& matrix, int category) {
  s.canvas.paint(garment.figure, matrix, draw_cloth(garment.fabric, s.light, s.random), s.canvas.add_object(category));
}

Surface draw_matter(Studio& s, Fabric fabric, double scale) {
  fabric.repeat /= scale;
  fabric.folds *= 0.5;
  return draw_cloth(fabric, s.light, s.random);
}

void paint_plain(Studio& s, const Figure& figure, const Matrix3& matrix, int category) {
  s.canvas.paint(figure, matrix, {.light = lit(s.light.ambient, s.random.between(0.85, 1.1))},
                 s.canvas.add_object(category));
}

Color draw_leather(PortableRandom& random) {
  const Color color = draw_cloth_color(random);
  return mix(color, {0.25, 0.15, 0.1}, random.between(0, 0.8));
}

void shade(Canvas& canvas, Point middle, double radius, double flat, double depth) {
  const auto within = [](double v, int extent) { return static_cast<int>(std::clamp(v, 0.0, 1.0 * extent)); };
  for (int y = within(middle.y - radius * flat, canvas.height());
       y < within(middle.y + radius * flat + 1, canvas.height()); ++y) {
    for (int x = within(middle.x - radius, canvas.width()); x < within(middle.x + radius + 1, canvas.width()); ++x) {
      const double dx = (x + 0.5 - middle.x) / radius, dy = (y + 0.5 - middle.y) / (radius * flat);
      const double rest = std::max(0.0, 1 - dx * dx - dy * dy);
      canvas.at(x, y) = lit(canvas.at(x, y), 1 - depth * rest * rest);
    }
  }
}

void draw_surroundings(Studio& s) {
  PortableRandom& random = s.random;
  const double w = s.canvas.width(), h = s.canvas.height();
  const Color any = draw_color(random, 0.3, 0.9);
  const Color color = mix(any, {0.88, 0.87, 0.85}, random.between(0.2, 1));
  const Noise noise(random);
  const double grain = random.between(0.02, 0.2), sx = random.between(2, 8) / w, sy = random.between(2, 30) / h;
  const double slope = random.between(-0.35, 0.35) / w;
  s.canvas.fill([&](Point p) {
    const double level = 1 + grain * (noise.layered(p.x * sx, p.y * sy) - 0.5) + slope * (p.x - w / 2);
    return lit(times(color, s.light.ambient), level);
  });
}

void draw_shop(Studio& s) {
  if (chance(s.random, 0.35)) {
    draw_indoors(s.canvas, s.light, s.random);
    return;
  }
  draw_surroundings(s);
  const double w = s.canvas.width(), h = s.canvas.height(), line = h * s.random.between(0.75, 0.95);
  Figure floor;
  floor.polygon({{-1, line}, {w + 1, line}, {w + 1, h + 1}, {-1, h + 1}}, draw_cloth_color(s.random));
  if (chance(s.random, 0.5)) floor.line({{-1, line}, {w + 1, line}}, h * 0.012, {0.9, 0.89, 0.87});
  s.canvas.paint(floor, kInPixels, {.light = s.light.ambient});
}

}  // namespace saker::synth
