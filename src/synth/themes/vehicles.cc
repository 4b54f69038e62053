#include "synth/themes/vehicles.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace saker::synth {
namespace {

constexpr Color kRubber = {0.06, 0.06, 0.065}, kRed = {0.62, 0.05, 0.06};

struct Shape {
  double half = 0.85, roof = -0.62, belt = -0.08, roof_half = 0.56, sill = 0.6;
  bool box = false;  // a van or lorry: the back goes straight up
  Color paint;
};

Shape draw_shape(PortableRandom& random) {
  Shape s;
  s.paint = chance(random, 0.6) ? lit({1, 1, 1.02}, random.between(0.08, 0.92)) : draw_color(random, 0.05, 0.75);
  const double kind = random.between(0, 1);
  s.half = random.between(0.8, 0.9);
  s.belt = random.between(-0.14, -0.02);
  if (kind < 0.6) {
    s.roof = random.between(-0.7, -0.52);
  } else if (kind < 0.8) {  // off-road
    s.roof = random.between(-0.95, -0.75);
    s.belt -= 0.15;
  } else {
    s.box = true;
    s.roof = chance(random, 0.3) ? random.between(-2.2, -1.5) : random.between(-1.4, -1.0);
    s.half = random.between(0.9, 1.05);
  }
  s.roof_half = s.box ? s.half * random.between(0.92, 1) : s.half * random.between(0.6, 0.78);
  s.sill = random.between(0.55, 0.64);
  return s;
}

std::vector<Point> cabin(const Shape& s, double inset) {
  const double low = s.half * (s.box ? 1 : 0.88);
  return {{-low + inset, s.belt},
          {-s.roof_half + inset, s.roof + inset},
          {s.roof_half - inset, s.roof + inset},
          {low - inset, s.belt}};
}

void add_body(Figure& f, const Shape& s) {
  f.polygon(cabin(s, 0.05), s.paint, 0.05).outline(0.008, lit(s.paint, 0.5));
  f.polygon({{-s.half + 0.14, s.belt},
             {s.half - 0.14, s.belt},
             {s.half - 0.08, s.belt + 0.2},
             {s.half - 0.08, s.sill - 0.08},
             {-s.half + 0.08, s.sill - 0.08},
             {-s.half + 0.08, s.belt + 0.2}},
            s.paint, 0.08);
  f.outline(0.008, lit(s.paint, 0.5));
}

void add_glass(Figure& f, const Shape& s, double from, double to, PortableRandom& random) {
  const Color glass = lit({0.5, 0.58, 0.66}, random.between(0.15, 0.7));
  const double bottom = s.half * 0.88 * 0.84, top = s.roof_half * 0.84;
  f.polygon({{-bottom, from}, {-top, to}, {top, to}, {bottom, from}}, glass, 0.03).outline(0.012, {0.07, 0.07, 0.07});
  f.polygon({{-bottom * 0.5, from}, {-top * 0.2, to}, {top * 0.15, to}, {-bottom * 0.2, from}}, lit(glass, 1.25));
  for (const double x : {-0.33, 0.33}) f.box({x, from - 0.1}, 0.11, 0.11, lit(glass, 0.5), 0.05);  // head rests
}

void add_bumper(Figure& f, const Shape& s, PortableRandom& random) {
  const Color color = chance(random, 0.6) ? lit(s.paint, 0.92) : Color{0.13, 0.13, 0.14};
  f.box({0, s.sill - 0.11}, s.half - 0.005, 0.13, color, 0.06).outline(0.008, lit(color, 0.55));
  f.box({0, s.sill}, s.half - 0.12, 0.05, {0.1, 0.1, 0.1}, 0.02);
}

void add_rear_lamps(Vehicle& v, const Shape& s, PortableRandom& random) {
  const double wide = s.box ? random.between(0.05, 0.08) : random.between(0.07, 0.2), high = random.between(0.07, 0.2);
  const double x = s.half - wide - 0.015, y = s.belt + 0.1 + high;
  for (const double side : {-1.0, 1.0}) {
    v.face.box({side * x, y}, wide, high, kRed, 0.03).outline(0.008, {0.25, 0.03, 0.03});
    v.face.box({side * x, y + high * 0.6}, wide * 0.85, high * 0.25,
               chance(random, 0.5) ? Color{0.85, 0.45, 0.1} : Color{0.8, 0.8, 0.8}, 0.01);
    v.face.box({side * (s.half - 0.22), s.sill - 0.06}, 0.09, 0.02, kRed, 0.01);
    v.lamps.push_back({side * x, y});
  }
}

void add_rear(Vehicle& v, const Shape& s, PortableRandom& random) {
  Figure& f = v.face;
  const Color seam = lit(s.paint, 0.5);
  const bool low = chance(random, 0.35);
  if (s.box) {
    f.line({{0, s.roof + 0.08}, {0, s.sill - 0.22}}, 0.008, seam);
    v.board = s.roof < -1.45 || chance(random, 0.4);
    if (!v.board) {
      for (const double side : {-1.0, 1.0})
        f.box({side * s.half * 0.48, (s.roof + s.belt) / 2 - 0.05}, s.half * 0.36, 0.25, {0.15, 0.18, 0.2}, 0.05);
    }
    for (const double side : {-1.0, 1.0}) f.line({{side * 0.05, -0.1}, {side * 0.05, 0.08}}, 0.012, {0.1, 0.1, 0.1});
  } else {
    add_glass(f, s, s.belt - 0.02, s.roof + 0.13, random);
    f.line({{-s.half * 0.72, s.belt + 0.04},
            {-s.half * 0.66, s.sill - 0.24},
            {s.half * 0.66, s.sill - 0.24},
            {s.half * 0.72, s.belt + 0.04}},
           0.006, seam);
    if (chance(random, 0.6)) f.line({{0, s.belt + 0.01}, {0.3, s.belt - 0.05}}, 0.012, {0.05, 0.05, 0.05});
    if (chance(random, 0.5)) f.box({0, s.roof + 0.07}, 0.12, 0.015, kRed, 0.01);
    f.disc({0, s.belt + 0.09}, random.between(0.03, 0.05), {0.75, 0.76, 0.78});
  }
  add_bumper(f, s, random);
  add_rear_lamps(v, s, random);
  if (chance(random, 0.5)) f.disc({s.half * 0.6, s.sill + 0.06}, 0.04, {0.45, 0.45, 0.45});
  v.plate = {0, low || s.box ? s.sill - 0.13 : (s.belt + s.sill) / 2 + random.between(-0.04, 0.02)};
  if (s.box && chance(random, 0.4)) v.plate.x = -s.half * 0.45;
  const Color niche = lit(s.paint, 0.7);
  if (!low && !s.box) f.box(v.plate, 0.32, 0.14, niche, 0.03).outline(0.008, seam);
}

void add_front(Vehicle& v, const Shape& s, PortableRandom& random) {
  Figure& f = v.face;
  const Color seam = lit(s.paint, 0.5), black = {0.07, 0.07, 0.08};
  add_glass(f, s, s.belt - 0.01, std::max(s.roof + 0.12, s.belt - 0.75), random);
  for (const double x : {-0.5, 0.1}) f.line({{x, s.belt - 0.02}, {x + 0.38, s.belt - 0.06}}, 0.01, black);
  for (const double side : {-1.0, 1.0}) {
    f.box({side * (s.half + 0.06), s.belt - 0.06}, 0.09, 0.07, lit(s.paint, 0.85), 0.04);
    f.line({{side * s.half * 0.7, s.belt + 0.02}, {side * s.half * 0.55, s.belt + 0.17}}, 0.006, seam);
  }
  add_bumper(f, s, random);
  const double grille = random.between(0.2, 0.42), y = s.belt + random.between(0.2, 0.28);
  f.box({0, y}, grille, random.between(0.05, 0.1), black, 0.03);
  for (double line = -0.03; line < 0.04; line += 0.03)
    f.line({{-grille + 0.04, y + line}, {grille - 0.04, y + line}}, 0.006, {0.4, 0.4, 0.42});
  f.disc({0, y - 0.01}, random.between(0.035, 0.06), {0.8, 0.8, 0.82}).outline(0.01, {0.3, 0.3, 0.3});
  f.box({0, s.sill - 0.03}, s.half * 0.55, 0.05, black, 0.03);
  const double wide = random.between(0.1, 0.18), high = random.between(0.05, 0.11);
  for (const double side : {-1.0, 1.0}) {
    const Point at = {side * (s.half - wide - 0.04), y - 0.02};
    f.box(at, wide, high, {0.8, 0.83, 0.86}, high * 0.7).outline(0.012, {0.2, 0.2, 0.22});
    f.disc(at, high * 0.6, {0.95, 0.96, 0.97});
    f.disc({side * (s.half - 0.16), s.sill - 0.05}, 0.045, {0.65, 0.67, 0.68});
    v.lamps.push_back(at);
  }
  v.plate = {0, s.sill - random.between(0.1, 0.16)};
}

void add_hull(Vehicle& v, const Shape& s) {
  const Color side = lit(s.paint, 0.72);
  v.top.polygon(cabin(s, 0.05), s.box ? side : Color{0.1, 0.11, 0.13}, 0.05);
  v.top.line({{-s.roof_half + 0.05, s.roof + 0.03}, {s.roof_half - 0.05, s.roof + 0.03}}, 0.035, side);
  v.cabin = s.box ? 0.92 : 0.72;
  v.trunk.box({0, (s.belt + s.sill) / 2}, s.half - 0.01, (s.sill - s.belt) / 2, side, 0.08);
  for (const double x : {-1.0, 1.0})
    v.wheels.box({x * (s.half - 0.15), kVehicleFoot - 0.24}, 0.13, 0.24, kRubber, 0.08);
}

}  // namespace

Vehicle draw_vehicle(PortableRandom& random) {
  Vehicle v;
  const Shape s = draw_shape(random);
  add_hull(v, s);
  v.face.add(v.wheels, {});
  add_body(v.face, s);
  v.rear = chance(random, 0.65);
  if (v.rear) {
    add_rear(v, s, random);
  } else {
    add_front(v, s, random);
  }
  return v;
}

void add_lettering(Vehicle& v, PortableRandom& random) {
  static constexpr const char* kWords[] = {"TURBO", "GT", "1.9 TDI", "4X4", "HYBRID", "XL", "SPORT", "2.0"};
  static constexpr const char* kFirms[] = {"FRESH FISH", "EXPRESS", "PLUMBER", "24 HOURS",
                                           "FLOWERS",    "MOVING",  "RENTAL"};
  Figure& f = v.face;
  const double roof = v.top.layers()[0].points[1].y - 0.05;
  if (v.rear && chance(random, 0.5)) {
    const double side = chance(random, 0.5) ? 1 : -1;
    f.text(kWords[random.below(std::size(kWords))], {side * 0.42, 0.06}, 0.05, 0.006, {0.8, 0.8, 0.82});
  }
  if (v.board) {
    const char* const firm = kFirms[random.below(std::size(kFirms))];
    const double height = 1.5 / text_width(firm, 1);
    f.text(firm, {0, roof * 0.5 - 0.25}, height, height * 0.09, draw_color(random));
    return;
  }
  for (std::uint64_t left = v.rear ? random.below(4) : 0; left > 0; --left) {  // stickers
    const Point at = {random.between(-0.6, 0.6), chance(random, 0.5) ? -0.22 : random.between(0.05, 0.5)};
    const Color ground = draw_color(random);
    if (std::abs(at.x - v.plate.x) < 0.4 && std::abs(at.y - v.plate.y) < 0.2) continue;
    if (chance(random, 0.4)) {
      f.disc(at, random.between(0.03, 0.06), ground);
    } else {
      const double half = random.between(0.06, 0.13);
      f.box(at, half, half * random.between(0.35, 0.8), ground, 0.005);
      f.line({{at.x - half * 0.6, at.y}, {at.x + half * 0.6, at.y}}, half * 0.12, mix(ground, {1, 1, 1}, 0.7));
    }
  }
  if (roof > -0.8 && chance(random, 0.12))
    f.box({0, roof - 0.03}, 0.24, 0.08, {0.95, 0.8, 0.2}, 0.03).text("TAXI", {0, roof - 0.03}, 0.08, 0.009, kRubber);
}

void paint_vehicle(Canvas& canvas, const Vehicle& v, const Matrix3& to_pixels, Point vanishing, double reach,
                   const Light& light, PortableRandom& random) {
  const Surface surface = draw_surface(light, random);
  const auto away = [&](double t) {
    const double scale = 1 - reach * t;
    return product({scale, 0, vanishing.x * (1 - scale), 0, scale, vanishing.y * (1 - scale), 0, 0, 1}, to_pixels);
  };
  Figure shadow;
  shadow.box({0, kVehicleFoot - 0.01}, 0.9, 0.05, {0.07, 0.07, 0.075}, 0.05);
  const Point foot = mapped(to_pixels, {0, kVehicleFoot});
  const double farthest = reach * (std::abs(foot.x - vanishing.x) + std::abs(foot.y - vanishing.y));  // pixels
  const int steps = std::clamp(static_cast<int>(farthest / 2), 6, 60);
  for (int i = steps; i > 0; --i) {
    const double t = static_cast<double>(i) / steps;
    const Matrix3 there = away(t);
    canvas.paint(shadow, there, {.light = light.ambient});
    if (t < 0.17 || (t > 0.66 && t < 0.82)) canvas.paint(v.wheels, there, {.light = light.ambient});
    canvas.paint(v.trunk, there, surface);
    if (t < v.cabin) canvas.paint(v.top, there, surface);
  }
  canvas.paint(shadow, to_pixels, {.light = light.ambient});
  canvas.paint(v.face, to_pixels, surface);
  const double size = mapped(to_pixels, {0.5, 0}).x - mapped(to_pixels, {-0.5, 0}).x;
  if (!light.dark && !chance(random, 0.2)) return;
  const Color color = v.rear ? Color{0.9, 0.1, 0.08} : Color{0.95, 0.93, 0.85};
  for (const Point& lamp : v.lamps)
    canvas.glow(mapped(to_pixels, lamp), size * (v.rear ? 0.35 : 0.55), lit(color, light.dark ? 1.0 : 0.6));
}

}  // namespace saker::synth
