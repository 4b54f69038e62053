// Forms after the Vienna Convention on Road Signs and Signals (1968) and the American MUTCD, by eye.
#include "synth/themes/road_signs.h"

#include <string>
#include <vector>

#include "synth/scenery.h"

namespace saker::synth {
namespace {

constexpr Color kBlack = {0.05, 0.05, 0.05};

Color white(PortableRandom& random) {
  return lit({1, 1, 0.99}, random.between(0.86, 1));
}
Color red(PortableRandom& random) {
  return {random.between(0.66, 0.86), random.between(0.05, 0.14), random.between(0.06, 0.16)};
}
Color blue(PortableRandom& random) {
  return {random.between(0.02, 0.14), random.between(0.22, 0.42), random.between(0.6, 0.82)};
}
Color yellow(PortableRandom& random) {
  return {random.between(0.92, 1), random.between(0.7, 0.84), random.between(0.03, 0.2)};
}

// A triangle with its point above, its middle at the origin, rounded.
std::vector<Point> triangle(double size) {
  return {{0, -size}, {size * 0.866, size * 0.5}, {-size * 0.866, size * 0.5}};
}

std::vector<Point> turned_over(std::vector<Point> points) {
  for (Point& p : points) p.y = -p.y;
  return points;
}

// Points upwards, from (0, 1) to (0, -1).
Figure arrow(Color color, double thickness) {
  Figure figure;
  figure.polygon(
      {{-thickness, 1}, {thickness, 1}, {thickness, -0.2}, {0.55, -0.2}, {0, -1}, {-0.55, -0.2}, {-thickness, -0.2}},
      color);
  return figure;
}

Figure pedestrian(Color color) {
  Figure figure;
  figure.disc({0.02, -0.78}, 0.17, color)
      .line({{0, -0.45}, {0, 0.1}}, 0.16, color)
      .line({{0, 0.1}, {0.3, 0.5}, {0.36, 0.95}}, 0.09, color)
      .line({{0, 0.1}, {-0.2, 0.5}, {-0.5, 0.88}}, 0.09, color)
      .line({{0, -0.5}, {0.3, -0.2}, {0.5, -0.22}}, 0.07, color)
      .line({{0, -0.5}, {-0.3, -0.15}, {-0.34, 0.1}}, 0.07, color);
  return figure;
}

void stripes(Figure& figure, int count, double y, Color color) {  // of a crossing, under the feet
  for (int i = 0; i < count; ++i) {
    const double x = -0.5 + static_cast<double>(i) / (count - 1);
    figure.line({{x * 0.9, y}, {x * 1.25, y + 0.22}}, 0.045, color);
  }
}

// What a triangular warning sign warns of, within a circle of half a unit.
Figure warning(PortableRandom& random) {
  Figure f;
  switch (random.below(8)) {
    case 0:
      f.line({{0, -0.42}, {0, 0.12}}, 0.09, kBlack).disc({0, 0.38}, 0.1, kBlack);
      break;
    case 1:
      f.line({{0, 0.45}, {0, 0.1}, {-0.2, -0.1}, {-0.1, -0.42}}, 0.08, kBlack);
      break;
    case 2:
      f.line({{0, 0.45}, {0, 0.1}, {0.2, -0.1}, {0.1, -0.42}}, 0.08, kBlack);
      break;
    case 3:
      f.line({{-0.4, 0.35}, {-0.25, 0.1}, {-0.1, 0.35}, {0.1, 0.35}, {0.25, 0.1}, {0.4, 0.35}}, 0.09, kBlack);
      break;
    case 4:
      f.line({{0, -0.3}, {0, 0.45}}, 0.08, kBlack).line({{-0.3, 0.05}, {0.3, 0.05}}, 0.08, kBlack);
      break;
    case 5:
      f.disc({0, -0.25}, 0.12, {0.75, 0.1, 0.1})
          .disc({0, 0.05}, 0.12, {0.9, 0.7, 0.1})
          .disc({0, 0.35}, 0.12, {0.1, 0.6, 0.2});
      break;
    case 6:
      f.add(pedestrian(kBlack), {0, 0.05}, 0.5);
      break;
    default:
      f.line({{-0.3, 0.45}, {-0.12, -0.3}}, 0.06, kBlack).line({{0.3, 0.45}, {0.12, -0.3}}, 0.06, kBlack);
      f.line({{-0.2, 0.1}, {0.2, 0.1}}, 0.05, kBlack);
  }
  return f;
}

}  // namespace

Figure stop_sign(PortableRandom& random) {
  static constexpr const char* kWords[] = {"STOP", "STOP", "STOP", "STOP", "STOP", "ALTO", "PARE", "ARRET"};
  const Color edge = white(random), ground = red(random);
  const char* const word = kWords[random.below(std::size(kWords))];
  Figure f;
  f.polygon(regular_polygon(8, 0.98, 1.0 / 16), edge, 0.03);
  f.polygon(regular_polygon(8, random.between(0.86, 0.93), 1.0 / 16), ground);
  const double height = random.between(0.5, 0.68), wide = random.between(1.35, 1.6);
  f.text(word, {0, 0}, height, random.between(0.055, 0.085), edge, wide / text_width(word, height));
  return f;
}

Figure yield_sign(PortableRandom& random) {
  const Color edge = red(random), ground = chance(random, 0.2) ? yellow(random) : white(random);
  const double inner = random.between(0.5, 0.68);
  Figure f;
  f.polygon(turned_over(triangle(1.02)), chance(random, 0.3) ? ground : edge, 0.08);
  f.polygon(turned_over(triangle(0.96)), edge, 0.06);
  f.polygon(turned_over(triangle(inner)), ground, 0.02);
  if (chance(random, 0.25)) f.text("YIELD", {0, -0.16}, 0.16, 0.02, edge);
  return f;
}

Figure no_entry_sign(PortableRandom& random) {
  const Color ground = red(random), bar = white(random);
  Figure f;
  f.disc({}, 1, chance(random, 0.5) ? bar : ground).disc({}, random.between(0.92, 0.97), ground);
  const double round = random.between(0, 0.05), half_height = random.between(0.14, 0.2);
  f.box({}, random.between(0.64, 0.76), half_height, bar, round);
  return f;
}

Figure speed_limit_sign(PortableRandom& random) {
  const auto limit = std::to_string(10 * (1 + random.below(13)));
  const Color paper = white(random);
  Figure f;
  if (chance(random, 0.2)) {  // MUTCD R2-1
    const auto miles = std::to_string(15 + 5 * random.below(12));
    f.box({}, 0.8, 1, paper, 0.08).outline(0.02, kBlack).box({}, 0.76, 0.96, paper, 0.06).outline(0.022, kBlack);
    f.text("SPEED", {0, -0.68}, 0.24, 0.032, kBlack).text("LIMIT", {0, -0.3}, 0.24, 0.032, kBlack);
    f.text(miles, {0, 0.38}, 0.72, 0.09, kBlack);
    return f;
  }
  const Color edge = red(random), ground = chance(random, 0.08) ? yellow(random) : paper;
  f.disc({}, 1, chance(random, 0.3) ? paper : edge).disc({}, 0.97, edge).disc({}, random.between(0.7, 0.8), ground);
  const double height = random.between(0.6, 0.76), wide = limit.size() == 3 ? 1.2 : random.between(0.85, 1.05);
  f.text(limit, {0, 0}, height, random.between(0.06, 0.09), kBlack, wide / text_width(limit, height));
  return f;
}

Figure one_way_sign(PortableRandom& random) {
  const bool left = chance(random, 0.5);
  const double turns = left ? -0.25 : 0.25;
  Figure f;
  if (chance(random, 0.3)) {  // MUTCD R6-1
    f.box({}, 1.5, 0.55, white(random), 0.04).box({}, 1.46, 0.51, kBlack, 0.04);
    f.add(arrow({0.96, 0.96, 0.96}, 0.2), {0, 0}, 1.28, turns);
    f.text("ONE WAY", {left ? 0.15 : -0.15, 0}, 0.24, 0.035, kBlack);
    return f;
  }
  const Color ground = blue(random), ink = white(random);
  if (chance(random, 0.45)) {
    f.box({}, 1.4, 0.55, ink, 0.06).box({}, 1.36, 0.51, ground, 0.05);
    f.add(arrow(ink, 0.17), {0, 0}, 1.1, turns);
  } else {
    f.box({}, 0.95, 0.95, ink, 0.08).box({}, 0.9, 0.9, ground, 0.06);
    f.add(arrow(ink, 0.17), {0, 0}, 0.72, chance(random, 0.7) ? 0 : turns);
  }
  return f;
}

Figure crossing_sign(PortableRandom& random) {
  Figure f, walker = pedestrian(kBlack);
  if (chance(random, 0.5)) walker.mirror();
  if (chance(random, 0.3)) {  // MUTCD W11-2
    const Color ground = chance(random, 0.4) ? Color{0.75, 0.95, 0.15} : yellow(random);
    f.polygon(regular_polygon(4, 1.04, 0), ground, 0.06).outline(0.02, ground);
    f.polygon(regular_polygon(4, 0.96, 0), ground, 0.04).outline(0.022, kBlack);
    f.add(walker, {0, 0}, 0.56);
    return f;
  }
  const Color ground = blue(random), paper = white(random);
  f.box({}, 0.96, 0.96, paper, 0.08).box({}, 0.91, 0.91, ground, 0.06);
  f.polygon({{0, -0.72}, {0.74, 0.62}, {-0.74, 0.62}}, paper, 0.02);
  f.add(walker, {0, 0.12}, 0.42);
  if (chance(random, 0.7)) stripes(f, 5, 0.38, kBlack);
  return f;
}

Figure roundabout_sign(PortableRandom& random) {
  const Color ground = blue(random), ink = white(random);
  const bool clockwise = chance(random, 0.5);
  const double radius = random.between(0.42, 0.52), half = random.between(0.075, 0.11), first = random.between(0, 0.34);
  Figure f;
  f.disc({}, 1, ink).disc({}, random.between(0.93, 0.97), ground);
  for (int i = 0; i < 3; ++i) {
    const double from = first + i / 3.0, sign = clockwise ? 1 : -1;
    f.line(arc({}, radius, from, from + sign * 0.2), half, ink);
    const Point d = direction(from + sign * 0.2), tip = direction(from + sign * 0.3);
    const double in = radius - 0.22, out = radius + 0.22;
    f.polygon({{d.x * in, d.y * in}, {d.x * out, d.y * out}, {tip.x * radius, tip.y * radius}}, ink);
  }
  return f;
}

Figure no_parking_sign(PortableRandom& random) {
  const Color ground = blue(random), edge = red(random);
  const bool no_stopping = chance(random, 0.4);
  Figure f;
  f.disc({}, 1, chance(random, 0.4) ? white(random) : edge)
      .disc({}, 0.96, edge)
      .disc({}, random.between(0.74, 0.82), ground);
  const double half = random.between(0.075, 0.11), reach = 0.6;
  f.line({{-reach, -reach}, {reach, reach}}, half, edge);
  if (no_stopping) f.line({{reach, -reach}, {-reach, reach}}, half, edge);
  return f;
}

Figure priority_road_sign(PortableRandom& random) {
  const Color paper = white(random), ground = yellow(random);
  Figure f;
  f.polygon(regular_polygon(4, 0.98, 0), paper, 0.05).outline(0.012, kBlack);
  f.polygon(regular_polygon(4, random.between(0.62, 0.74), 0), ground, 0.03);
  if (chance(random, 0.5)) f.outline(0.014, kBlack);
  return f;
}

Figure danger_sign(PortableRandom& random) {
  const Color edge = red(random), ground = chance(random, 0.25) ? yellow(random) : white(random);
  Figure f;
  f.polygon(triangle(1.02), chance(random, 0.3) ? ground : edge, 0.08).polygon(triangle(0.97), edge, 0.06);
  f.polygon(triangle(random.between(0.66, 0.76)), ground, 0.02);
  const double scale = random.between(0.62, 0.78);
  f.add(warning(random), {0, 0.06}, scale);
  return f;
}

}  // namespace saker::synth
