#include "synth/scenery.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

namespace saker::synth {
namespace {

std::shared_ptr<const Noise> shared_noise(PortableRandom& random) {
  return std::make_shared<const Noise>(random);
}

// --- street ---------------------------------------------------------------------------------------------------------

struct Sky {
  Color zenith, horizon, cloud;
  double cover = 0;  // 0: clear, 1: overcast
};

Sky draw_sky(const Light& light, PortableRandom& random) {
  Sky sky;
  if (light.dark) {
    sky.zenith = {0.02, 0.03, random.between(0.05, 0.10)};
    sky.horizon = {random.between(0.05, 0.20), random.between(0.05, 0.14), random.between(0.08, 0.16)};
    sky.cloud = {0.10, 0.10, 0.13};
  } else {
    const double warm = chance(random, 0.2) ? random.between(0.3, 1) : 0;
    sky.zenith = mix({random.between(0.2, 0.45), random.between(0.45, 0.65), random.between(0.75, 0.95)},
                     {0.45, 0.45, 0.6}, warm);
    sky.horizon = mix({0.75, 0.83, 0.9}, {0.98, 0.7, 0.45}, warm);
    sky.cloud = lit({0.95, 0.95, 0.96}, random.between(0.7, 1.05));
  }
  sky.cover = random.between(0, 1);
  return sky;
}

void paint_sky(Canvas& canvas, double horizon, const Light& light, PortableRandom& random) {
  const Sky sky = draw_sky(light, random);
  const Noise noise(random);
  const double scale = random.between(3, 8) / canvas.width();
  canvas.fill([&](Point p) {
    const double height = std::clamp(p.y / horizon, 0.0, 1.0);
    const double cloud =
        smooth_step(0.75 - 0.6 * sky.cover, 1.05 - 0.5 * sky.cover, noise.layered(p.x * scale, p.y * scale * 2.2));
    return mix(mix(sky.zenith, sky.horizon, height * height), sky.cloud, cloud);
  });
}

// Hills or woods along the horizon.
void paint_skyline(Canvas& canvas, double horizon, const Light& light, PortableRandom& random) {
  const Noise noise(random);
  const double reach = canvas.height() * random.between(0.03, 0.22), scale = random.between(2, 14) / canvas.width();
  const Color near =
      times({random.between(0.1, 0.35), random.between(0.2, 0.42), random.between(0.08, 0.3)}, light.ambient);
  const double haze = light.dark ? 0 : random.between(0, 0.5);
  for (int x = 0; x < canvas.width(); ++x) {
    const double top = horizon - reach * noise.layered(x * scale, 3.5);
    for (int y = std::max(0, static_cast<int>(top)); y < std::min(canvas.height(), static_cast<int>(horizon) + 2);
         ++y) {
      const double leaf = noise.at(x * 0.35, y * 0.35);
      canvas.at(x, y) = mix(lit(near, 0.7 + 0.6 * leaf), {0.75, 0.8, 0.85}, haze);
    }
  }
}

// A plane with a road on it, in its own perspective: u across, v along, in widths of the road.
void paint_ground(Canvas& canvas, double horizon, const Light& light, PortableRandom& random) {
  const Noise noise(random);
  const double vanishing = canvas.width() * random.between(0.2, 0.8), half = random.between(0.5, 1.6);
  const Color asphalt = lit({1, 1, 1.02}, random.between(0.22, 0.55));
  const Color verge = chance(random, 0.5) ? Color{0.28, random.between(0.35, 0.5), 0.18}
                                          : lit({0.9, 0.86, 0.8}, random.between(0.5, 0.9));
  const Color line = chance(random, 0.2) ? Color{0.9, 0.75, 0.2} : Color{0.88, 0.88, 0.86};
  const double wet = chance(random, 0.2) ? random.between(0.1, 0.4) : 0;
  for (int y = std::max(0, static_cast<int>(horizon)); y < canvas.height(); ++y) {
    const double below = (y + 0.5 - horizon) / canvas.height() + 0.004;
    for (int x = 0; x < canvas.width(); ++x) {
      const double u = (x + 0.5 - vanishing) / (canvas.width() * below * 1.4), v = 1 / below;
      const double grain = noise.layered(u * 9 + 100, v * 2) - 0.5, fine = noise.at(x * 0.7, y * 0.7) - 0.5;
      Color color = std::abs(u) < half ? asphalt : verge;
      if (std::abs(std::abs(u) - half) < 0.04) color = line;
      if (std::abs(u) < 0.035 && std::fmod(v * 0.6, 2.0) < 1.1) color = line;
      color = lit(color, 1 + 0.5 * grain + 0.25 * fine);
      canvas.at(x, y) = times(mix(color, {0.75, 0.8, 0.88}, wet * noise.at(u * 2 + 50, v * 0.2)), light.ambient);
    }
  }
}

void paint_house(Canvas& canvas, double left, double right, double top, double foot, const Light& light,
                 PortableRandom& random) {
  const auto noise = shared_noise(random);
  const double cell = (right - left) / static_cast<double>(2 + random.below(6));
  const double storey = cell * random.between(0.9, 1.6), window = random.between(0.25, 0.42);
  const Color glass = light.dark ? Color{0.05, 0.06, 0.09} : lit({0.55, 0.65, 0.78}, random.between(0.4, 1.0));
  const Color lamp = {0.95, 0.8, 0.5};
  const double lit_share = light.dark ? 0.4 : 0.0;
  const Color ambient = light.ambient;
  Surface surface;
  surface.gradient = {random.between(-0.1, 0.1) / std::max(1.0, right - left), 0};
  surface.texture = [=](Color wall, Point p) {
    const double u = (p.x - left) / cell, v = (p.y - top) / storey;
    const double du = std::abs(u - std::floor(u) - 0.5), dv = std::abs(v - std::floor(v) - 0.5);
    const Color rough = lit(wall, 0.85 + 0.3 * noise->layered(p.x * 0.1, p.y * 0.1));
    if (du > window || dv > window) return times(rough, ambient);
    const bool shining = noise->at(std::floor(u) * 7.5, std::floor(v) * 5.5) < lit_share;
    if (shining) return lamp;
    if (du > window - 0.04 || dv > window - 0.04 || du < 0.02) return times(lit(rough, 1.25), ambient);
    return times(lit(glass, 0.7 + 0.6 * noise->at(u * 1.7, v * 1.3)), ambient);
  };
  Figure house;
  house.polygon({{left, top}, {right, top}, {right, foot}, {left, foot}},
                mix(draw_plain_color(random), {0.7, 0.66, 0.6}, 0.4));
  if (chance(random, 0.4)) {
    Figure roof;
    const double rise = (right - left) * random.between(0.15, 0.4);
    roof.polygon(
        {{left - 0.04 * (right - left), top}, {(left + right) / 2, top - rise}, {right + 0.04 * (right - left), top}},
        {random.between(0.3, 0.55), 0.25, 0.2});
    canvas.paint(roof, kInPixels, {.light = ambient});
  }
  canvas.paint(house, kInPixels, surface);
}

// Shops' boards and posters: text and plain shapes that mean nothing to a driver.
void paint_board(Canvas& canvas, Point middle, double half_width, const Light& light, PortableRandom& random) {
  static constexpr const char* kWords[] = {"CAFE",  "HOTEL", "OPEN",   "BAR", "SALE",   "BANK",
                                           "PIZZA", "TAXI",  "MARKET", "24",  "GARAGE", "EXIT 7"};
  const double half_height = half_width * random.between(0.25, 0.6);
  const Color ground = draw_color(random),
              ink = mix(ground, chance(random, 0.5) ? Color{1, 1, 1} : Color{0, 0, 0}, 0.85);
  const char* const word = kWords[random.below(std::size(kWords))];
  const double height = std::min(half_height, 2 * half_width * 0.8 * 6 / (text_width(word, 6)));
  Figure board;
  board.box(middle, half_width, half_height, ground, half_height * random.between(0, 0.3))
      .text(word, middle, height, height * 0.09, ink);
  canvas.paint(board, kInPixels, {.light = light.ambient});
}

void paint_lamp_post(Canvas& canvas, double x, double foot, double height, const Light& light, PortableRandom& random) {
  const Color metal = lit({0.6, 0.62, 0.64}, random.between(0.3, 0.9));
  const double reach = height * random.between(0.1, 0.3), arm = chance(random, 0.5) ? reach : -reach;
  Figure post;
  post.line({{x, foot}, {x, foot - height}, {x + arm, foot - height * 1.04}}, height * 0.012, metal);
  canvas.paint(post, kInPixels, {.light = light.ambient});
  if (light.dark) canvas.glow({x + arm, foot - height * 1.02}, height * 0.25, {0.9, 0.75, 0.45});
}

// --- clutter --------------------------------------------------------------------------------------------------------

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

double draw_street(Canvas& canvas, const Light& light, PortableRandom& random, std::uint64_t most_cars) {
  const double horizon = canvas.height() * random.between(0.35, 0.65);
  paint_sky(canvas, horizon, light, random);
  if (chance(random, 0.8)) paint_skyline(canvas, horizon, light, random);
  paint_ground(canvas, horizon, light, random);
  for (std::uint64_t left = random.below(6); left > 0; --left) {
    const double x = random.between(-0.1, 1) * canvas.width(), width = canvas.width() * random.between(0.08, 0.4);
    const double foot = horizon + canvas.height() * random.between(0, 0.1);
    paint_house(canvas, x, x + width, foot - canvas.height() * random.between(0.1, 0.75), foot, light, random);
    if (chance(random, 0.4)) {
      const double half = width * random.between(0.1, 0.4);
      paint_board(canvas, {x + width * random.between(0.2, 0.8), foot - canvas.height() * random.between(0.04, 0.2)},
                  half, light, random);
    }
  }
  for (std::uint64_t left = random.below(5); left > 0; --left) {
    const double depth = random.between(0.02, 0.25), x = random.between(0, 1) * canvas.width();
    draw_tree(canvas, {x, horizon + canvas.height() * depth}, canvas.height() * (0.12 + 2 * depth), light, random);
  }
  for (std::uint64_t left = random.below(3); left > 0; --left) {
    const double height = canvas.height() * random.between(0.2, 0.6),
                 foot = horizon + canvas.height() * random.between(0.02, 0.2);
    paint_lamp_post(canvas, random.between(0, 1) * canvas.width(), foot, height, light, random);
  }
  for (std::uint64_t left = random.below(most_cars + 1); left > 0; --left) {
    const double depth = random.between(0.04, 0.3);
    draw_car(canvas, {random.between(0.1, 0.9) * canvas.width(), horizon + canvas.height() * depth},
             canvas.height() * depth * 0.8, light, random);
  }
  return horizon;
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
