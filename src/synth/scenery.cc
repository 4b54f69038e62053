#include "synth/scenery.h"

#include <cmath>
#include <string>

namespace saker::synth {
namespace {

Figure random_shape(PortableRandom& random) {
  Figure figure;
  const Color color = draw_plain_color(random);
  double round = 0, half = 0, turns = 0;
  switch (random.below(6)) {
    case 0:
      figure.disc({}, 1, color);
      break;
    case 1:
      round = random.between(0, 0.1);
      figure.box({}, 1, random.between(0.1, 1), color, round);
      break;
    case 2:
      half = random.between(0.02, 0.2);
      figure.line({{-1, random.between(-1, 1)}, {0, random.between(-1, 1)}, {1, random.between(-1, 1)}}, half, color);
      break;
    case 3:
      turns = random.between(0, 1);
      figure.polygon(regular_polygon(3 + static_cast<int>(random.below(4)), 1, turns), color);
      break;
    case 4: {
      std::vector<Point> corners;
      for (int i = 0; i < 6; ++i) {
        const Point d = direction(i / 6.0);
        const double radius = random.between(0.3, 1);
        corners.push_back({d.x * radius, d.y * radius});
      }
      figure.polygon(std::move(corners), color);
      break;
    }
    default: {
      std::string word;
      for (std::uint64_t left = 1 + random.below(6); left > 0; --left)
        word += static_cast<char>('A' + random.below(26));
      half = random.between(0.02, 0.06);
      figure.text(word, {}, random.between(0.2, 0.6), half, color);
    }
  }
  if (chance(random, 0.2) && figure.layers().size() == 1) {
    const Color edge = draw_color(random);
    figure.outline(random.between(0.02, 0.1), edge);
  }
  return figure;
}

Surface rough_surface(const Light& light, PortableRandom& random) {
  Surface surface = draw_surface(light, random);
  if (chance(random, 0.5)) {
    const auto noise = shared_noise(random);
    const double scale = random.between(1, 12), depth = random.between(0.2, 0.9);
    const Color other = draw_plain_color(random);
    surface.texture = [=](Color color, Point p) {
      return mix(color, other, depth * smooth_step(0.3, 0.7, noise->layered(p.x * scale + 20, p.y * scale + 20)));
    };
  }
  return surface;
}

void paint_wall(Canvas& canvas, const Light& light, PortableRandom& random) {
  const Noise noise(random);
  const Color a = draw_plain_color(random);
  const double share = random.between(0.1, 0.9);
  const Color b = mix(a, draw_plain_color(random), share);
  const double sx = random.between(1, 25) / canvas.side(), sy = random.between(1, 25) / canvas.side();
  const Point slope = {random.between(-0.4, 0.4) / canvas.width(), random.between(-0.4, 0.4) / canvas.height()};
  const bool tiles = chance(random, 0.25);
  const double tile_x = canvas.side() * random.between(0.05, 0.25), tile_y = tile_x * random.between(0.4, 1);
  canvas.fill([&](Point p) {
    Color color = mix(a, b, smooth_step(0.25, 0.75, noise.layered(p.x * sx, p.y * sy)));
    const double row = std::floor(p.y / tile_y), shifted = p.x + (std::fmod(row, 2.0) < 1 ? 0 : tile_x / 2);
    const double gap_x = shifted / tile_x - std::floor(shifted / tile_x), gap_y = p.y / tile_y - row;
    if (tiles && (gap_x < 0.05 || gap_y < 0.08)) color = lit(color, 0.65);
    color = lit(color, 1 + slope.x * p.x + slope.y * p.y + 0.15 * (noise.at(p.x * 0.6, p.y * 0.6) - 0.5));
    return times(color, light.ambient);
  });
}

}  // namespace

std::shared_ptr<const Noise> shared_noise(PortableRandom& random) {
  return std::make_shared<const Noise>(random);
}

bool chance(PortableRandom& random, double probability) {
  return random.between(0, 1) < probability;
}

Color draw_color(PortableRandom& random, double low, double high) {
  const double r = random.between(low, high), g = random.between(low, high), b = random.between(low, high);
  return {r, g, b};
}

Color draw_plain_color(PortableRandom& random) {
  const Color color = draw_color(random);
  const double grey = (color.r + color.g + color.b) / 3;
  return mix(color, {grey, grey, grey}, random.between(0.1, 1));
}

Light draw_light(PortableRandom& random) {
  const double kind = random.between(0, 1);
  if (kind < 0.15) {
    const double level = random.between(0.12, 0.4);
    return {{level * random.between(0.85, 1.2), level, level * random.between(0.9, 1.35)}, true};
  }
  const double level = kind < 0.35 ? random.between(0.45, 0.75) : random.between(0.75, 1.1);
  const double warm = random.between(-0.08, 0.12);
  return {{level * (1 + warm), level, level * (1 - warm)}, false};
}

Surface draw_surface(const Light& light, PortableRandom& random) {
  Surface surface;
  const double level = random.between(0.75, 1.12);
  surface.light = lit(light.ambient, level);
  surface.gradient = {random.between(-0.18, 0.18), random.between(-0.18, 0.18)};
  const auto noise = shared_noise(random);
  const double dirt = chance(random, 0.5) ? random.between(0, 0.35) : 0.0;
  const double fade = chance(random, 0.2) ? random.between(0, 0.35) : 0.0;
  const bool shadowed = chance(random, 0.15);
  const double shadow = shadowed ? random.between(0.3, 0.6) : 0.0;
  surface.texture = [=](Color color, Point p) {
    const double spots = smooth_step(0.45, 0.75, noise->layered(p.x * 3 + 20, p.y * 3 + 20));
    color = mix(color, {0.35, 0.32, 0.28}, dirt * spots);
    color = mix(color, {0.8, 0.8, 0.78}, fade);
    return lit(color, 1 - shadow * smooth_step(0.48, 0.52, noise->layered(p.x * 1.1 + 40, p.y * 1.1 + 9)));
  };
  return surface;
}

void draw_clutter(Canvas& canvas, const Light& light, PortableRandom& random) {
  paint_wall(canvas, light, random);
  for (std::uint64_t left = random.below(25); left > 0; --left) {
    Pose pose;
    pose.middle = {random.between(0, canvas.width()), random.between(0, canvas.height())};
    const double size = random.between(0.15, 0.75);
    pose.size = canvas.side() * size * size;
    pose.roll = random.between(0, 1);
    pose.yaw = random.between(-0.15, 0.15);
    const Surface surface = rough_surface(light, random);
    canvas.paint(random_shape(random), to_pixels(pose), surface);
  }
}

void draw_indoors(Canvas& canvas, const Light& light, PortableRandom& random) {
  paint_wall(canvas, light, random);
  const Color floor = draw_color(random, 0.2, 0.8);
  const double w = canvas.width(), h = canvas.height(), line = h * random.between(0.6, 0.95);
  Figure ground;
  ground.polygon({{-1, line}, {w + 1, line}, {w + 1, h + 1}, {-1, h + 1}}, floor);
  canvas.paint(ground, kInPixels, {.light = light.ambient, .gradient = {0, -0.0006}});
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    Figure frame;
    const double size = canvas.side() * random.between(0.06, 0.3);
    const Color inside = draw_color(random);
    const double half_height = size * random.between(0.4, 1.5);
    frame.box({random.between(0, w), random.between(0, line)}, size, half_height, inside);
    const Color edge = draw_color(random);
    frame.outline(size * random.between(0.02, 0.08), edge);
    canvas.paint(frame, kInPixels, {.light = light.ambient});
  }
}

}  // namespace saker::synth
