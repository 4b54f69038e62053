#include "synth/themes/accessories.h"

#include <cmath>
#include <utility>

#include "synth/themes/body.h"

namespace saker::synth {
namespace {

constexpr Color kMetal = {0.8, 0.76, 0.62};

std::vector<Point> turned(std::vector<Point> points, double side) {
  for (Point& p : points) p.x *= side;
  return points;
}

void add_sneaker(Figure& f, const ShoeStyle& style, double side) {
  f.polygon(turned({{-0.47, -0.08},
                    {-0.49, -0.3},
                    {-0.42, -style.shaft},
                    {-0.3, -style.shaft + 0.05},
                    {-0.12, -style.shaft},
                    {0.02, -0.31},
                    {0.22, -0.22},
                    {0.42, -0.17},
                    {0.49, -0.08}},
                   side),
            style.upper, 0.02);
  f.outline(0.012, lit(style.upper, 0.6));
  f.polygon(turned({{0.24, -0.2}, {0.42, -0.165}, {0.49, -0.08}, {0.2, -0.08}}, side), style.detail, 0.012);
  for (int i = 0; i < 3; ++i) {
    const double x = -0.08 + 0.09 * i, y = -style.shaft + 0.08 + 0.05 * i;
    f.line(turned({{x, y}, {x + 0.07, y - 0.035}}, side), 0.013, {0.95, 0.95, 0.93});
  }
  f.line(turned({{-0.3, -0.12}, {-0.1, -0.26}}, side), 0.03, style.detail);
  f.box({0, -0.045}, 0.53, 0.045, style.sole, 0.04).outline(0.008, lit(style.sole, 0.7));
}

void add_low_shoe(Figure& f, const ShoeStyle& style, double side) {
  f.polygon(turned({{-0.47, -0.05},
                    {-0.48, -0.26},
                    {-0.44, -style.shaft},
                    {-0.12, -style.shaft + 0.06},
                    {0.1, -0.22},
                    {0.35, -0.17},
                    {0.49, -0.1},
                    {0.5, -0.05}},
                   side),
            style.upper, 0.012);
  f.outline(0.012, lit(style.upper, 0.6));
  f.line(turned({{0.2, -0.19}, {0.16, -0.05}}, side), 0.01, lit(style.upper, 0.6));
  f.line(turned({{-0.08, -0.28}, {0.06, -0.2}}, side), 0.02, style.detail);
  f.polygon(turned({{-0.5, -0.05}, {0.52, -0.05}, {0.52, -0.015}, {-0.1, -0.015}, {-0.14, 0}, {-0.5, 0}}, side),
            style.sole, 0.004);
}

void add_boot(Figure& f, const ShoeStyle& style, double side) {
  f.polygon(turned({{-0.47, -0.06},
                    {-0.48, -style.shaft},
                    {-0.04, -style.shaft},
                    {-0.03, -0.34},
                    {0.12, -0.24},
                    {0.4, -0.18},
                    {0.49, -0.06}},
                   side),
            style.upper, 0.02);
  f.outline(0.012, lit(style.upper, 0.6));
  f.line(turned({{-0.48, -style.shaft + 0.05}, {-0.04, -style.shaft + 0.05}}, side), 0.03, style.detail);
  for (double y = -style.shaft + 0.16; y < -0.36; y += 0.1)
    f.line(turned({{-0.1, y}, {-0.03, y + 0.03}}, side), 0.014, style.detail);
  f.polygon(turned({{-0.5, -0.06}, {0.52, -0.06}, {0.52, -0.01}, {-0.08, -0.02}, {-0.14, 0}, {-0.5, 0}}, side),
            style.sole, 0.01);
}

void add_high_heel(Figure& f, const ShoeStyle& style, double side) {
  f.polygon(turned({{-0.46, -0.32}, {-0.38, -0.32}, {-0.4, 0}, {-0.44, 0}}, side), style.sole, 0.008);
  f.polygon(turned({{-0.47, -0.33},
                    {-0.48, -0.5},
                    {-0.4, -0.48},
                    {-0.2, -0.3},
                    {0.05, -0.16},
                    {0.2, -0.17},
                    {0.42, -0.1},
                    {0.5, -0.02},
                    {0.1, -0.02},
                    {-0.12, -0.14},
                    {-0.34, -0.31}},
                   side),
            style.upper, 0.012);
  f.outline(0.01, lit(style.upper, 0.6));
}

}  // namespace

ShoeStyle draw_shoe_style(PortableRandom& random) {
  ShoeStyle style;
  style.kind = static_cast<int>(random.below(4));
  style.upper = draw_cloth_color(random);
  style.detail = chance(random, 0.5) ? draw_cloth_color(random) : lit(style.upper, 0.75);
  style.sole = style.kind == 0   ? lit({1, 1, 0.98}, random.between(0.75, 0.97))
               : style.kind == 3 ? lit(style.upper, 0.8)
                                 : lit({1, 0.85, 0.7}, random.between(0.08, 0.5));
  style.shaft = style.kind == 2 ? random.between(0.7, 1.2) : random.between(0.4, 0.5);
  return style;
}

Figure shoe(const ShoeStyle& style, double side) {
  constexpr void (*kAdd[])(Figure&, const ShoeStyle&, double) = {add_sneaker, add_low_shoe, add_boot, add_high_heel};
  Figure f;
  kAdd[style.kind](f, style, side);
  return f;
}

namespace {

void add_handbag(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  const double top = random.between(0.42, 0.6), low = top + random.between(0, 0.2),
               height = random.between(-0.35, -0.1);
  f.line({{-top * 0.6, height},
          {-top * 0.5, -0.75},
          {-0.15, -0.98},
          {0.15, -0.98},
          {top * 0.5, -0.75},
          {top * 0.6, height}},
         random.between(0.03, 0.06), edge);
  f.polygon({{-top, height}, {top, height}, {low, 0.6}, {-low, 0.6}}, fabric.color, 0.06).outline(0.015, edge);
  if (chance(random, 0.6)) {
    f.polygon({{-top, height}, {top, height}, {top * 0.85, 0.2}, {0, 0.28}, {-top * 0.85, 0.2}}, lit(fabric.color, 0.9),
              0.03);
    f.outline(0.015, edge);
  } else {
    f.line({{-top, height + 0.1}, {top, height + 0.1}}, 0.02, edge);
  }
  f.box({0, 0.22}, 0.08, 0.06, kMetal, 0.02);
  f.disc({-top * 0.6, height}, 0.045, kMetal).disc({top * 0.6, height}, 0.045, kMetal);
}

void add_tote(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  const double half = random.between(0.45, 0.6);
  for (const double x : {0.0, 0.04})
    f.line({{-half * 0.5 + x, -0.2},
            {-half * 0.4 + x, -0.85},
            {-0.1 + x, -0.98},
            {0.1 - x, -0.98},
            {half * 0.4 - x, -0.85},
            {half * 0.5 - x, -0.2}},
           0.028, edge);
  f.polygon({{-half, -0.2}, {half, -0.2}, {half * 0.95, 0.85}, {-half * 0.95, 0.85}}, fabric.color, 0.02);
  f.outline(0.015, edge);
  f.line({{-half, -0.12}, {half, -0.12}}, 0.01, edge);
  if (chance(random, 0.5)) f.disc({0, 0.35}, half * random.between(0.25, 0.5), fabric.other);
}

void add_backpack(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  const double half = random.between(0.5, 0.62);
  f.line(arc({0, -0.82}, 0.14, 0.5, 1.0), 0.035, edge);
  for (const double side : {-1.0, 1.0}) f.line({{side * half, 0.0}, {side * (half + 0.1), 0.5}}, 0.06, edge);
  f.polygon(symmetric({{half * 0.6, -0.8}, {half * 0.95, -0.5}, {half, 0.6}, {half * 0.85, 0.75}}), fabric.color, 0.05);
  f.outline(0.015, edge);
  f.line(symmetric({{half * 0.55, -0.68}, {half * 0.8, -0.4}, {half * 0.85, -0.1}}), 0.015, edge);
  f.box({0, 0.38}, half * 0.78, 0.28, lit(fabric.color, 0.88), 0.08).outline(0.015, edge);
  f.line({{-half * 0.7, 0.2}, {half * 0.7, 0.2}}, 0.02, edge)
      .line({{half * 0.5, 0.2}, {half * 0.5, 0.3}}, 0.02, kMetal);
}

// The crown over y = 0.
std::vector<Point> dome(double half, double height) {
  std::vector<Point> points = arc({0, 0}, 1, 0.5, 1.0, 16);
  for (Point& p : points) p = {p.x * half, p.y * height};
  return points;
}

void add_cap(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  f.polygon(dome(0.78, random.between(0.62, 0.8)), fabric.color, 0.02).outline(0.02, edge);
  f.line({{0, -0.7}, {0.0, -0.1}}, 0.012, edge).disc({0, -0.72}, 0.05, edge);
  if (chance(random, 0.5)) f.disc({0, -0.36}, 0.14, fabric.other);
  const double to = random.between(0, 1) < 0.5 ? 0 : random.between(-0.5, 0.5);
  f.polygon({{-0.74, -0.06}, {0.74, -0.06}, {0.66 + to, 0.14}, {0.3 + to, 0.24}, {-0.3 + to, 0.24}, {-0.66 + to, 0.14}},
            chance(random, 0.5) ? fabric.color : fabric.other, 0.03);
  f.outline(0.02, edge);
}

void add_beanie(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  if (chance(random, 0.5)) f.disc({0, -1.0}, 0.2, fabric.other).outline(0.02, lit(fabric.other, 0.6));
  f.polygon(dome(0.8, random.between(0.85, 1.05)), fabric.color, 0.02).outline(0.02, edge);
  f.box({0, -0.05}, 0.84, 0.19, lit(fabric.color, 0.85), 0.06).outline(0.02, edge);
  for (double x = -0.7; x < 0.75; x += 0.14) f.line({{x, -0.2}, {x, 0.1}}, 0.012, edge);
}

void add_brimmed(Figure& f, const Fabric& fabric, Color edge, PortableRandom& random) {
  const double brim = random.between(1.15, 1.7), height = random.between(0.6, 0.85), top = random.between(0.5, 0.7);
  f.polygon(ellipse({0, 0.02}, brim, brim * random.between(0.1, 0.2)), fabric.color, 0.01).outline(0.02, edge);
  f.polygon({{-0.75, 0},
             {-top, -height},
             {-top * 0.4, -height - 0.08},
             {0, -height - 0.01},
             {top * 0.4, -height - 0.08},
             {top, -height},
             {0.75, 0},
             {0.4, 0.08},
             {-0.4, 0.08}},
            fabric.color, 0.02);
  f.outline(0.02, edge);
  f.polygon({{-0.755, -0.03}, {-0.72, -0.2}, {0.72, -0.2}, {0.755, -0.03}, {0.4, 0.05}, {-0.4, 0.05}}, fabric.other);
}

}  // namespace

Figure bag(const Fabric& fabric, PortableRandom& random) {
  constexpr void (*kAdd[])(Figure&, const Fabric&, Color, PortableRandom&) = {add_handbag, add_tote, add_backpack};
  Figure f;
  kAdd[random.below(3)](f, fabric, lit(fabric.color, 0.55), random);
  return f;
}

Figure hat(const Fabric& fabric, PortableRandom& random) {
  constexpr void (*kAdd[])(Figure&, const Fabric&, Color, PortableRandom&) = {add_cap, add_beanie, add_brimmed};
  Figure f;
  kAdd[random.below(3)](f, fabric, lit(fabric.color, 0.6), random);
  return f;
}

Figure sunglasses(bool worn, PortableRandom& random) {
  const Color frame = chance(random, 0.6) ? lit({1, 1, 1}, random.between(0.04, 0.15)) : draw_cloth_color(random);
  const Color grey = lit({1, 1, 1}, random.between(0.05, 0.2)), tint = draw_color(random);
  const Color glass = mix(grey, tint, random.between(0, 0.35));
  const double low = random.between(0.26, 0.4), inner = random.between(0.08, 0.16);
  const bool round = chance(random, 0.3);
  Figure f;
  if (!worn) {  // the temples, folded behind or stretched out
    const bool folded = chance(random, 0.5);
    for (const double side : {-1.0, 1.0})
      f.line({{side * 0.95, -0.18}, {side * (folded ? -0.5 : 0.8), folded ? -0.3 : -1.0}}, 0.045, frame);
  }
  for (const double side : {-1.0, 1.0}) {
    const double middle = side * (0.97 + inner) / 2, half = (0.97 - inner) / 2;
    std::vector<Point> lens =
        round ? ellipse({middle, 0.02}, half * 0.92, low)
              : turned(
                    {{inner + 0.02, -0.2}, {0.95, -0.24}, {0.92, 0.05}, {0.75, low}, {0.35, low}, {inner + 0.04, 0.08}},
                    side);
    f.polygon(lens, glass, 0.02);
    f.line({{middle - 0.15, -0.12}, {middle - 0.05, -0.14}}, 0.03, mix(glass, {1, 1, 1}, 0.6));  // a reflection
    f.polygon(std::move(lens), glass, 0.02).outline(random.between(0.025, 0.07), frame);
  }
  f.line({{-inner, -0.1}, {0, -0.14}, {inner, -0.1}}, 0.045, frame);
  return f;
}

Figure belt_buckle(double half_height, PortableRandom& random) {
  const Color metal = chance(random, 0.5) ? kMetal : lit({1, 1, 1}, random.between(0.55, 0.9));
  Figure f;
  f.box({}, half_height * random.between(1.1, 1.6), half_height * 1.15, metal, half_height * 0.2);
  f.outline(half_height * 0.14, lit(metal, 0.6));
  f.box({}, half_height * 0.6, half_height * 0.6, lit(metal, 0.35));
  f.line({{-half_height * 0.3, 0}, {half_height, 0}}, half_height * 0.12, metal);
  return f;
}

Figure rolled_belt(Color leather, PortableRandom& random) {
  const Color edge = lit(leather, 0.5);
  const double half = random.between(0.09, 0.14);
  Figure f;
  // Seen from above and a little from the side: windings, then the end with the buckle.
  for (const double radius : {0.75, 0.58, 0.41}) {
    f.polygon(ellipse({0, -0.1}, radius, radius * 0.5), lit(leather, 0.5)).outline(0.035, edge);
    f.polygon(ellipse({0, -0.1}, radius, radius * 0.5), leather).outline(0.022, leather);
  }
  std::vector<Point> rim = arc({0, 0}, 1, 0.0, 0.5, 14);
  for (Point& p : rim) p = {p.x * 0.78, p.y * 0.4 - 0.08};
  for (std::size_t i = 14; i-- > 0;) rim.push_back({rim[i].x, rim[i].y + 2 * half});
  f.polygon(std::move(rim), leather, 0.01).outline(0.015, edge);
  const double at = random.between(-0.3, 0.3);
  f.add(belt_buckle(half, random), {at, 0.31 + half});
  return f;
}

Figure long_belt(Color leather, PortableRandom& random) {
  const double half = random.between(0.06, 0.09);
  const Color edge = lit(leather, 0.55);
  Figure f;
  f.polygon({{-half, -1}, {half, -1}, {half, 0.92}, {0, 1.0}, {-half, 0.92}}, leather, 0.01).outline(0.01, edge);
  for (int i = 0; i < 5; ++i) f.disc({0, 0.4 + 0.1 * i}, 0.015, edge);
  if (chance(random, 0.5)) {
    for (const double x : {-half * 0.75, half * 0.75}) f.line({{x, -0.9}, {x, 0.9}}, 0.006, lit(leather, 1.5));
  }
  f.box({0, -0.8}, half + 0.02, 0.03, edge);
  f.add(belt_buckle(half * 1.1, random), {0, -1.02}, 1, 0.25);
  return f;
}

}  // namespace saker::synth
