#include "synth/themes/garments.h"

#include <algorithm>
#include <string>
#include <utility>

namespace saker::synth {
namespace {

constexpr double kSeam = 0.005;

Color darker(const Fabric& fabric) {
  return lit(fabric.color, 0.62);
}

// Where the neck comes out, and how far the cloth stands off the body.
struct Cut {
  double neck = 0.07, depth = 0.04;
  bool pointed = false;  // V neck
  bool sleeveless = false;
  double ease = 0.02;
};

// The right half of what covers the trunk down to the waist.
std::vector<Point> bodice(const Body& body, const Cut& cut) {
  std::vector<Point> right = {{0, kNeckline + cut.depth}};
  if (!cut.pointed) right.push_back({cut.neck * 0.65, kNeckline + cut.depth * 0.75});
  right.push_back({cut.neck, kNeckline - 0.012});
  const double shoulder = body.shoulder + cut.ease - 0.005;
  if (cut.sleeveless) {
    right.push_back({shoulder - 0.06, -0.69});
    right.push_back({shoulder - 0.065, -0.6});
    right.push_back({shoulder - 0.035, -0.51});
  } else {
    right.push_back({shoulder, -0.685});
    right.push_back({shoulder + 0.015, -0.63});
    right.push_back({shoulder - 0.025, -0.5});
  }
  right.push_back({body.waist + cut.ease, kWaistline - 0.03});
  return right;
}

void add_inside(Figure& f, const Cut& cut, Color color) {
  f.polygon(symmetric({{cut.neck, kNeckline - 0.012}, {cut.neck, kNeckline + 0.01}, {0, kNeckline + cut.depth + 0.01}}),
            color);
}

void add_sleeves(Figure& f, const Body& body, const Fabric& fabric, double length, double ease, double flare) {
  for (const Limb& arm : body.arms) {
    const std::vector<Point> path = arm.until(length);
    f.polygon(band(path, 0.05 + ease, 0.05 + ease - 0.016 * length + flare), fabric.color, 0.006);
    f.outline(kSeam, darker(fabric));
    const Point end = path.back();
    if (!body.worn) f.polygon(ellipse(end, 0.03 + ease, 0.008), lit(fabric.color, 0.4));
  }
}

void add_buttons(Figure& f, double from, double to, Color color) {
  for (double y = from; y < to; y += 0.07) f.disc({0.008, y}, 0.008, color);
}

void add_collar(Figure& f, const Cut& cut, const Fabric& fabric) {
  for (const double side : {-1.0, 1.0}) {
    f.polygon({{side * (cut.neck + 0.006), kNeckline - 0.03},
               {side * (cut.neck + 0.035), kNeckline + 0.045},
               {side * 0.03, kNeckline + 0.075},
               {side * 0.004, kNeckline + cut.depth}},
              lit(fabric.color, 0.97), 0.003);
    f.outline(0.004, darker(fabric));
  }
}

// Words and shapes on the chest.
void add_print(Figure& f, const Fabric& fabric, PortableRandom& random) {
  const Point middle = {0, -0.47};
  if (chance(random, 0.5)) {
    std::string word;
    for (std::uint64_t left = 3 + random.below(4); left > 0; --left) word += static_cast<char>('A' + random.below(26));
    f.text(word, middle, 0.2 / static_cast<double>(word.size()), 0.008, fabric.other);
  } else if (chance(random, 0.5)) {
    f.disc(middle, random.between(0.03, 0.08), fabric.other);
  } else {
    const int corners = 3 + static_cast<int>(random.below(4));
    const double radius = random.between(0.04, 0.09);
    f.polygon(regular_polygon(corners, radius, random.between(0, 1), middle), fabric.other);
  }
}

struct ShirtStyle {
  Cut cut;
  double sleeves = 0.6, hem = 0.02, hem_half = 0.2;
  bool buttons = false, print = false, ribbed = false;
};

ShirtStyle draw_shirt_style(const Body& body, PortableRandom& random) {
  ShirtStyle style;
  style.cut.ease = random.between(0.012, 0.045);
  style.cut.neck = random.between(0.06, 0.085);
  style.hem = random.between(-0.06, 0.08);
  style.hem_half = body.hip + style.cut.ease + random.between(-0.01, 0.015);
  const double kind = random.between(0, 1);
  if (kind < 0.4) {  // T-shirt
    style.sleeves = random.between(0.35, 0.85);
    style.cut.depth = random.between(0.03, 0.1);
    style.cut.pointed = chance(random, 0.35);
    style.print = chance(random, 0.5);
  } else if (kind < 0.68) {
    style.buttons = true;
    style.cut.depth = 0.06;
    style.cut.pointed = true;
    style.sleeves = chance(random, 0.3) ? random.between(0.6, 0.9) : random.between(1.7, 2.0);
  } else if (kind < 0.9) {  // pullover
    style.ribbed = true;
    style.sleeves = random.between(1.75, 2);
    style.cut.depth = random.between(0.02, 0.05);
    style.cut.ease += 0.015;
    style.print = chance(random, 0.2);
  } else {  // top
    style.cut.sleeveless = true;
    style.cut.depth = random.between(0.06, 0.13);
    style.sleeves = 0;
  }
  return style;
}

Garment make_shirt(const Body& body, const ShirtStyle& style, PortableRandom& random) {
  Garment g;
  g.fabric = draw_fabric(random);
  const Color edge = darker(g.fabric);
  Figure& f = g.figure;
  if (!body.worn) add_inside(f, style.cut, lit(g.fabric.color, 0.45));
  if (style.sleeves > 0)
    add_sleeves(f, body, g.fabric, style.sleeves, style.cut.ease * 0.6,
                style.sleeves < 1 ? random.between(0.01, 0.03) : 0.0);
  std::vector<Point> right = bodice(body, style.cut);
  right.push_back({style.hem_half, style.hem - 0.1});
  right.push_back({style.hem_half, style.hem});
  right.push_back({0, style.hem + 0.012});
  f.polygon(symmetric(right), g.fabric.color, 0.004).outline(kSeam, edge);
  const Color detail = chance(random, 0.6) ? lit(g.fabric.color, 0.8) : g.fabric.other;
  if (style.ribbed || chance(random, 0.5))
    f.line({{-style.hem_half, style.hem - 0.03}, {0, style.hem - 0.02}, {style.hem_half, style.hem - 0.03}}, 0.004,
           edge);
  if (style.buttons) {
    f.line({{0.02, kNeckline + 0.06}, {0.02, style.hem}}, 0.004, edge);
    add_buttons(f, kNeckline + 0.1, style.hem - 0.02, mix(detail, {1, 1, 1}, 0.4));
    add_collar(f, style.cut, g.fabric);
    if (chance(random, 0.5)) f.box({0.1, -0.5}, 0.04, 0.045, lit(g.fabric.color, 0.95)).outline(0.004, edge);
  } else {
    std::vector<Point> neckline;
    for (const Point& p : symmetric(bodice(body, style.cut))) {
      if (p.y < kNeckline + style.cut.depth + 1e-6 && p.y > kNeckline - 0.013 && p.x * p.x < 0.0082)
        neckline.push_back(p);
    }
    std::sort(neckline.begin(), neckline.end(), [](Point a, Point b) { return a.x < b.x; });
    f.line(std::move(neckline), style.ribbed ? 0.014 : 0.008, detail);
  }
  if (style.print) add_print(f, g.fabric, random);
  return g;
}

// A coat's right front: from the neck to the hem, `open` to the side of the middle.
std::vector<Point> front(const Body& body, const Cut& cut, double hem, double hem_half, double open, double lapel) {
  std::vector<Point> right = bodice(body, cut);
  right.erase(right.begin(), right.begin() + (cut.pointed ? 1 : 2));
  right.push_back({hem_half, hem});
  right.push_back({open, hem + 0.01});
  right.push_back({open, kNeckline + lapel});
  right.push_back({cut.neck * 0.8, kNeckline + 0.02});
  return right;
}

std::vector<Point> mirrored(std::vector<Point> points) {
  for (Point& p : points) p.x = -p.x;
  return points;
}

void add_lapels(Figure& f, const Fabric& fabric, double neck, double open, double lapel) {
  const std::vector<Point> right = {{neck + 0.01, kNeckline - 0.02},
                                    {neck + 0.05, kNeckline + 0.08},
                                    {open + 0.085, kNeckline + 0.12},
                                    {open, kNeckline + lapel + 0.01},
                                    {neck * 0.75, kNeckline + 0.02}};
  for (const auto& side : {right, mirrored(right)})
    f.polygon(side, lit(fabric.color, 1.12), 0.003).outline(0.005, darker(fabric));
}

}  // namespace

Garment shirt(const Body& body, PortableRandom& random) {
  return make_shirt(body, draw_shirt_style(body, random), random);
}

Garment undershirt(const Body& body, PortableRandom& random) {
  ShirtStyle style = draw_shirt_style(body, random);
  style.sleeves = 0;
  style.cut.sleeveless = false;
  style.cut.ease = 0.008;
  style.hem_half = body.hip;
  return make_shirt(body, style, random);
}

Garment jacket(const Body& body, PortableRandom& random) {
  Garment g;
  g.fabric = draw_fabric(random, 0.2);
  const Color edge = darker(g.fabric);
  const bool formal = chance(random, 0.5), closed = chance(random, body.worn ? 0.3 : 0.6);
  const Cut cut = {.neck = random.between(0.07, 0.085), .pointed = true, .ease = random.between(0.04, 0.065)};
  const double hem = chance(random, 0.3) ? random.between(0.25, 0.5) : random.between(-0.08, 0.1);
  const double hem_half = body.hip + cut.ease + random.between(0, 0.02) + (hem > 0.2 ? 0.03 : 0);
  const double open = closed ? 0.004 : random.between(0.05, 0.085);
  const double lapel = formal ? random.between(0.25, 0.4) : random.between(0.03, 0.12);
  Figure& f = g.figure;
  if (!body.worn || closed) {  // the lining of the back
    const Color lining = chance(random, 0.4) ? lit(g.fabric.other, 0.5) : lit(g.fabric.color, 0.45);
    add_inside(f, {.neck = cut.neck, .depth = closed ? lapel : 0.3}, lining);
    if (!closed) f.box({0, (kNeckline + hem) / 2 + 0.02}, open + 0.02, (hem - kNeckline) / 2 - 0.03, lining);
  }
  add_sleeves(f, body, g.fabric, random.between(1.8, 2), cut.ease * 0.55, 0.004);
  const std::vector<Point> right = front(body, cut, hem, hem_half, open, lapel);
  for (const auto& side : {mirrored(right), right}) f.polygon(side, g.fabric.color, 0.004).outline(kSeam, edge);
  const Color metal = lit({0.9, 0.88, 0.8}, random.between(0.5, 1.1));
  for (const double side : {-1.0, 1.0}) {
    const double x = side * (body.waist * 0.75 + 0.01), y = kWaistline + random.between(0.05, 0.09);
    f.line({{x - side * 0.03, y}, {x + side * 0.04, y + (formal ? 0 : 0.06)}}, formal ? 0.012 : 0.006, edge);
  }
  if (formal) {
    add_lapels(f, g.fabric, cut.neck, open, lapel);
    for (int i = 0; i < 2; ++i)
      f.disc({open + 0.02, kNeckline + lapel + 0.06 + 0.1 * i}, 0.012, lit(g.fabric.color, 0.5));
    return g;
  }
  f.line({{open, kNeckline + lapel}, {open, hem}}, 0.008, metal);
  if (!closed) f.line({{-open, kNeckline + lapel}, {-open, hem}}, 0.008, metal);
  const Color collar = chance(random, 0.4) ? g.fabric.other : lit(g.fabric.color, 0.85);
  for (const double side : {-1.0, 1.0})
    f.line({{side * (cut.neck + 0.005), kNeckline - 0.02}, {side * (open + 0.02), kNeckline + lapel}},
           random.between(0.018, 0.032), collar);
  f.line({{-hem_half, hem - 0.02}, {-open - 0.01, hem - 0.012}}, 0.016, collar);
  f.line({{open + 0.01, hem - 0.012}, {hem_half, hem - 0.02}}, 0.016, collar);
  return g;
}

Garment trousers(const Body& body, PortableRandom& random) {
  Garment g;
  g.fabric = draw_fabric(random, 0.2);
  const Color edge = darker(g.fabric);
  const double ease = random.between(0.004, 0.02),
               length = chance(random, 0.2) ? random.between(0.55, 1.1) : random.between(1.8, 2.02);
  const double hem = random.between(0.042, 0.075) + (length < 1.2 ? 0.03 : 0);
  Figure& f = g.figure;
  for (const Limb& leg : body.legs) {
    const std::vector<Point> path = leg.until(length);
    f.polygon(band(path, (body.hip + ease) / 2, hem + ease), g.fabric.color, 0.006).outline(kSeam, edge);
    const Point end = path.back();
    if (chance(random, 0.5)) f.line({{end.x - hem, end.y - 0.025}, {end.x + hem, end.y - 0.025}}, 0.004, edge);
  }
  const double waist = body.waist + ease, hip = body.hip + ease;
  f.polygon(symmetric({{waist, kWaistline}, {hip - 0.01, -0.08}, {hip, 0.02}, {hip - 0.06, 0.06}, {0, kCrotch + 0.02}}),
            g.fabric.color, 0.004);
  f.line({{0, kWaistline + 0.03}, {0, kCrotch + 0.03}}, 0.004, edge);
  for (const double side : {-1.0, 1.0}) {
    f.line({{side * waist, kWaistline}, {side * (hip - 0.01), -0.08}, {side * hip, 0.02}}, kSeam, edge);
    f.line({{side * waist * 0.6, kWaistline + 0.035}, {side * waist * 0.72, -0.1}, {side * (hip - 0.015), -0.08}},
           0.004, edge);
  }
  f.polygon(symmetric({{waist + 0.003, kWaistline - 0.018}, {waist + 0.006, kWaistline + 0.024}}),
            lit(g.fabric.color, 0.9));
  f.outline(0.004, edge);
  f.disc({0, kWaistline + 0.003}, 0.01, {0.7, 0.68, 0.6});
  return g;
}

namespace {

// Folds from the waist to the hem.
void add_pleats(Figure& f, double top, double top_half, double hem, double hem_half, Color color,
                PortableRandom& random) {
  const int count = 2 + static_cast<int>(random.below(7));
  for (int i = 1; i < count; ++i) {
    const double t = 2.0 * i / count - 1 + random.between(-0.06, 0.06);
    f.line({{t * (top_half + (hem_half - top_half) * 0.15), top + (hem - top) * random.between(0.08, 0.35)},
            {t * hem_half, hem - 0.005}},
           0.004, color);
  }
}

// From the hips to the hem, which falls deepest in the middle.
void add_hem(std::vector<Point>& right, double hem, double hem_half) {
  right.push_back({hem_half, hem});
  right.push_back({hem_half * 0.6, hem + 0.02});
  right.push_back({0, hem + 0.026});
}

}  // namespace

Garment skirt(const Body& body, PortableRandom& random) {
  Garment g;
  g.fabric = draw_fabric(random, 0.5);
  const Color edge = darker(g.fabric);
  const double hem = random.between(0.2, 0.75), waist = body.waist + 0.008, hip = body.hip + 0.014;
  const double hem_half = hip + random.between(-0.01, 0.16) * (0.5 + hem);
  std::vector<Point> right = {
      {waist, kWaistline - 0.015}, {waist + 0.004, kWaistline + 0.02}, {hip + (hem_half - hip) * 0.25, 0}};
  add_hem(right, hem, hem_half);
  g.figure.polygon(symmetric(right), g.fabric.color, 0.004).outline(kSeam, edge);
  add_pleats(g.figure, kWaistline, waist, hem, hem_half, edge, random);
  g.figure.line({{-waist, kWaistline + 0.02}, {waist, kWaistline + 0.02}}, 0.005, edge);
  return g;
}

Garment dress(const Body& body, PortableRandom& random) {
  Garment g;
  g.fabric = draw_fabric(random, 0.55);
  const Color edge = darker(g.fabric);
  const bool sleeveless = chance(random, 0.5);
  const Cut cut = {.neck = random.between(0.065, 0.1),
                   .depth = random.between(0.04, 0.14),
                   .pointed = chance(random, 0.4),
                   .sleeveless = sleeveless,
                   .ease = random.between(0.004, 0.02)};
  const double hem = random.between(0.25, 0.85), hip = body.hip + cut.ease;
  const double hem_half = hip + random.between(0, 0.2) * (0.4 + hem);
  Figure& f = g.figure;
  if (!body.worn) add_inside(f, cut, lit(g.fabric.color, 0.45));
  if (!sleeveless) {
    const double length = chance(random, 0.6) ? random.between(0.3, 0.8) : random.between(1.6, 2);
    add_sleeves(f, body, g.fabric, length, 0.005, random.between(0, 0.03));
  }
  std::vector<Point> right = bodice(body, cut);
  right.push_back({hip + (hem_half - hip) * 0.3, 0.02});
  add_hem(right, hem, hem_half);
  f.polygon(symmetric(right), g.fabric.color, 0.004).outline(kSeam, edge);
  add_pleats(f, kWaistline, body.waist, hem, hem_half, edge, random);
  const double waist = body.waist + cut.ease;
  if (chance(random, 0.6)) {
    const double half = random.between(0.005, 0.02);
    f.line({{-waist, kWaistline - 0.02}, {0, kWaistline - 0.01}, {waist, kWaistline - 0.02}}, half,
           chance(random, 0.5) ? edge : g.fabric.other);
  }
  return g;
}

}  // namespace saker::synth
