#include "synth/themes/signals.h"

#include <cmath>
#include <utility>

namespace saker::synth {
namespace {

constexpr Color kDark = {0.06, 0.06, 0.065};

Color shining(Lamp lamp, PortableRandom& random) {
  switch (lamp) {
    case Lamp::kRed:
      return {1, random.between(0.1, 0.35), random.between(0.08, 0.25)};
    case Lamp::kAmber:
      return {1, random.between(0.62, 0.82), random.between(0.08, 0.3)};
    default:
      return {random.between(0.1, 0.5), 1, random.between(0.55, 0.85)};
  }
}

// A lamp that is off: dark glass of its colour.
Color dark_glass(Lamp lamp, double level) {
  switch (lamp) {
    case Lamp::kRed:
      return {level, level * 0.3, level * 0.3};
    case Lamp::kAmber:
      return {level, level * 0.75, level * 0.25};
    default:
      return {level * 0.25, level * 0.8, level * 0.55};
  }
}

Figure arrow_mask(Color color) {  // the unlit rest of an arrow lamp
  Figure f;
  f.line({{0.55, 0}, {-0.5, 0}}, 0.13, color).line({{-0.1, -0.45}, {-0.55, 0}, {-0.1, 0.45}}, 0.12, color);
  return f;
}

void add_lamp(Figure& f, Point at, double radius, Lamp lamp, bool on, bool arrow, Color glow, PortableRandom& random) {
  const double level = random.between(0.12, 0.3);
  if (!on) {
    f.disc(at, radius, dark_glass(lamp, level));
  } else if (arrow) {
    f.disc(at, radius, kDark);
    Figure mask = arrow_mask(glow), shown;
    for (const Layer& layer : mask.layers()) shown.line(layer.points, layer.radius, layer.color).lamp();
    f.add(shown, at, radius * 1.1, 0.25 * static_cast<double>(random.below(4)));
  } else {
    f.disc(at, radius, glow).lamp();
    const Color middle = mix(glow, {1, 1, 1}, random.between(0.1, 0.75));
    f.disc(at, radius * random.between(0.3, 0.7), middle).lamp();
  }
}

}  // namespace

Signal traffic_light(Lamp lamp, const Light& light, PortableRandom& random) {
  Signal signal;
  const double half = random.between(0.34, 0.44), radius = half * random.between(0.62, 0.78);
  const Color body = chance(random, 0.25)   ? Color{0.85, 0.65, 0.1}
                     : chance(random, 0.15) ? Color{0.1, 0.3, 0.2}
                                            : lit({1, 1, 1.02}, random.between(0.05, 0.2));
  const bool level = chance(random, 0.12), arrow = chance(random, 0.12);
  Figure upright;
  if (chance(random, 0.25)) {
    const double wider = half + random.between(0.12, 0.3);
    upright.box({}, wider, 1.12, kDark, 0.08);
    if (chance(random, 0.4)) upright.outline(0.03, {0.9, 0.9, 0.88});
  }
  upright.box({}, half, 1, body, half * random.between(0.1, 0.6));
  const bool visors = chance(random, 0.7);
  signal.color = shining(lamp, random);
  signal.radius = radius;
  for (const Lamp each : {Lamp::kRed, Lamp::kAmber, Lamp::kGreen}) {
    const Point at = {0, 0.62 * (static_cast<double>(each) - 1)};
    if (visors) upright.line(arc(at, radius * 1.12, 0.5, 1.0), radius * 0.14, kDark);
    add_lamp(upright, at, radius, each, each == lamp, arrow, signal.color, random);
    if (each == lamp) signal.shining = at;
  }
  if (level) signal.shining = {signal.shining.y, 0};  // red to the left
  signal.figure.add(upright, {}, 1, level ? -0.25 : 0);
  if (light.dark) signal.color = lit(signal.color, 1.2);
  return signal;
}

Figure cone(PortableRandom& random) {
  const Color orange = {random.between(0.9, 1), random.between(0.25, 0.42), random.between(0.02, 0.14)};
  const Color band = lit({1, 1, 1}, random.between(0.85, 1));
  const Color base = chance(random, 0.5) ? orange : lit({1, 1, 1}, random.between(0.06, 0.2));
  const double wide = random.between(0.4, 0.52), top = random.between(0.05, 0.1);
  Figure f;
  f.box({0, 0.93}, wide + random.between(0.1, 0.22), 0.07, base, 0.03);
  const auto piece = [&](double from, double to, Color color) {  // heights 0 (base) to 1 (top)
    const auto half = [&](double h) { return wide + (top - wide) * h; };
    const auto y = [](double h) { return 0.9 - 1.85 * h; };
    f.polygon({{-half(from), y(from)}, {half(from), y(from)}, {half(to), y(to)}, {-half(to), y(to)}}, color, 0.015);
  };
  piece(0, 1, orange);
  if (chance(random, 0.85)) {
    const double first = random.between(0.25, 0.4);
    piece(first, first + random.between(0.12, 0.2), band);
    if (chance(random, 0.6)) piece(0.66, 0.66 + random.between(0.08, 0.14), band);
  }
  return f;
}

Barrier barrier(PortableRandom& random) {
  Barrier b;
  const double kind = random.between(0, 1);
  b.striped = kind < 0.7 ? Color{random.between(0.75, 0.9), 0.1, 0.1} : Color{random.between(0.92, 1), 0.45, 0.06};
  b.other = lit({1, 1, 1}, random.between(0.85, 1));
  b.width = random.between(0.2, 0.5);
  if (random.between(0, 1) >= 0.2) {
    const double slant = random.between(0.5, 1.2);
    b.slant = chance(random, 0.5) ? slant : -slant;
  } else {
    b.slant = 0;
  }
  const Color leg = lit({1, 1, 1}, random.between(0.1, 0.8));
  const double wide = random.between(0.9, 1.9);
  const std::uint64_t form = random.below(4);
  if (form == 3) {  // a block of plastic, each of one colour
    const double slope = 0.12;
    b.figure.polygon({{-wide, 0.96}, {-wide + slope, -0.3}, {wide - slope, -0.3}, {wide, 0.96}}, b.striped, 0.04);
    b.width = random.between(0.5, 0.9);
    b.slant = 0;
    return b;
  }
  for (const double side : {-1.0, 1.0}) {
    const double x = side * wide * 0.8;
    b.figure.line({{x, -0.75}, {x, 0.95}}, 0.05, leg);
    b.figure.line({{x - 0.28, 0.96}, {x + 0.28, 0.96}}, 0.05, leg);
  }
  const int boards = static_cast<int>(form) + 1;
  for (int i = 0; i < boards; ++i) {
    const double y = -0.6 + (boards == 1 ? 0.0 : 1.1 * i / (boards - 1.0));
    b.figure.box({0, y}, wide, random.between(0.15, 0.22), b.striped, 0.02);
  }
  return b;
}

Surface striped(const Barrier& b, Surface surface) {
  surface.texture = [b, under = std::move(surface.texture)](Color color, Point p) {
    const bool carries = color == b.striped;
    const double place = (p.x + b.slant * p.y) / (2 * b.width);
    if (carries && place - std::floor(place) < 0.5) color = b.other;
    return under ? under(color, p) : color;
  };
  return surface;
}

}  // namespace saker::synth
