#include <algorithm>
#include <cmath>
#include <iterator>

#include "synth/scenery.h"

namespace saker::synth {
namespace {

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

}  // namespace

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

}  // namespace saker::synth
