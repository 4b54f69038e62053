// What stands in a street: cars, trees, and what hides them.
#include <cmath>

#include "synth/scenery.h"

namespace saker::synth {

void draw_car(Canvas& canvas, Point middle, double size, const Light& light, PortableRandom& random) {
  const Color paint = chance(random, 0.5) ? lit({1, 1, 1}, random.between(0.1, 0.95)) : draw_color(random, 0.05, 0.8);
  const Color glass = lit({0.5, 0.6, 0.7}, random.between(0.2, 0.8)), black = {0.06, 0.06, 0.07};
  Figure car;
  car.box({-0.62, 0.62}, 0.16, 0.26, black, 0.06).box({0.62, 0.62}, 0.16, 0.26, black, 0.06);
  car.polygon({{-0.62, -0.12}, {-0.46, -0.62}, {0.46, -0.62}, {0.62, -0.12}}, paint, 0.08);
  car.box({0, 0.2}, 0.85, 0.42, paint, 0.14);
  car.polygon({{-0.5, -0.14}, {-0.38, -0.52}, {0.38, -0.52}, {0.5, -0.14}}, glass, 0.03);
  car.box({0, 0.52}, 0.84, 0.12, lit(paint, 0.6), 0.06);
  const Color lamp = {0.6, 0.05, 0.05};
  const double lamps = random.between(0.08, 0.16);
  car.box({-0.68, 0.1}, lamps, 0.1, lamp, 0.03).box({0.68, 0.1}, lamps, 0.1, lamp, 0.03);
  Pose pose;
  pose.middle = middle;
  pose.size = size;
  pose.yaw = random.between(-0.04, 0.04);
  Figure shadow;
  shadow.box({0, 0.86}, 0.85, 0.06, {0.08, 0.08, 0.08}, 0.05);
  canvas.paint(shadow, to_pixels(pose), {.light = light.ambient});
  canvas.paint(car, to_pixels(pose), draw_surface(light, random));
  if (light.dark) {
    canvas.glow({middle.x - 0.68 * size, middle.y + 0.1 * size}, size * 0.4, {0.9, 0.1, 0.08});
    canvas.glow({middle.x + 0.68 * size, middle.y + 0.1 * size}, size * 0.4, {0.9, 0.1, 0.08});
  }
}

void draw_tree(Canvas& canvas, Point foot, double height, const Light& light, PortableRandom& random) {
  const Color bark = lit({0.4, 0.3, 0.22}, random.between(0.5, 1.1));
  const Color leaf = chance(random, 0.15) ? Color{0.6, random.between(0.3, 0.5), 0.12}
                                          : Color{random.between(0.1, 0.3), random.between(0.28, 0.5), 0.12};
  Figure tree;
  tree.line({foot, {foot.x + height * random.between(-0.04, 0.04), foot.y - height * 0.6}}, height * 0.03, bark);
  const double width = random.between(0.18, 0.36);
  for (int i = 0; i < 110; ++i) {
    const Point d = direction(random.between(0, 1));
    const double out = random.between(0, 1), far = std::sqrt(out) * random.between(0.7, 1);
    const double up = -0.5 * d.y * far;  // brighter above
    const Color color = lit(leaf, 0.7 + 0.6 * up + random.between(-0.25, 0.25));
    tree.disc({foot.x + height * width * d.x * far, foot.y - height * 0.66 + height * 0.32 * d.y * far},
              height * random.between(0.012, 0.05), color);
  }
  Surface leaves = {.light = light.ambient};
  const auto noise = shared_noise(random);
  const double scale = 40 / height;
  leaves.texture = [=](Color color, Point p) { return lit(color, 0.7 + 0.6 * noise->at(p.x * scale, p.y * scale)); };
  canvas.paint(tree, kInPixels, leaves);
}

void draw_occluder(Canvas& canvas, Point middle, double size, const Light& light, PortableRandom& random) {
  Figure figure;
  if (chance(random, 0.3)) {
    const double lean = size * random.between(-0.2, 0.2);
    const Color color = lit({1, 1, 1}, random.between(0.1, 0.7));
    figure.line({{middle.x - lean, -1}, {middle.x + lean, canvas.height() + 1.0}}, size * random.between(0.05, 0.15),
                color);
  } else {
    const Point way = direction(random.between(0, 1));
    const Color leaf = {random.between(0.08, 0.4), random.between(0.25, 0.5), random.between(0.05, 0.2)};
    const Point from = {middle.x - way.x * size * 1.6, middle.y - way.y * size * 1.6},
                to = {middle.x + way.x * size * 0.4, middle.y + way.y * size * 0.4};
    figure.line({from, to}, size * 0.03, {0.25, 0.18, 0.12});
    for (int i = 0; i < 16; ++i) {
      const double along = random.between(0, 1.1);
      const Point at = {from.x + (to.x - from.x) * along, from.y + (to.y - from.y) * along},
                  d = direction(random.between(0, 1));
      const double reach = size * random.between(0.15, 0.4), thin = reach * 0.25;
      figure.polygon({at,
                      {at.x + d.x * reach / 2 - d.y * thin, at.y + d.y * reach / 2 + d.x * thin},
                      {at.x + d.x * reach, at.y + d.y * reach},
                      {at.x + d.x * reach / 2 + d.y * thin, at.y + d.y * reach / 2 - d.x * thin}},
                     lit(leaf, random.between(0.6, 1.3)));
    }
  }
  canvas.paint(figure, kInPixels, {.light = light.ambient});
}

}  // namespace saker::synth
