#include "synth/themes/body.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace saker::synth {
namespace {

constexpr double kUpperArm = 0.27, kForearm = 0.25;

Point moved(Point from, double length, double turns) {
  const Point d = direction(turns);
  return {from.x + length * d.x, from.y + length * d.y};
}

// `out` and `bent`: turns from straight down, away from the body. `side`: -1 left, 1 right.
Limb arm(double shoulder, double side, double out, double bent) {
  const Point top = {side * (shoulder - 0.025), -0.65};
  const Point elbow = moved(top, kUpperArm, 0.25 - side * out);
  return {{top, elbow, moved(elbow, kForearm, 0.25 - side * bent)}};
}

Limb leg(double side, double spread, double bent) {
  return {{Point{side * 0.088, 0.02}, Point{side * (0.092 + 0.6 * spread + bent), 0.47},
           Point{side * (0.092 + spread), 0.925}}};
}

}  // namespace

std::vector<Point> Limb::until(double length) const {
  std::vector<Point> path = {joints[0]};
  for (std::size_t i = 1; i < joints.size() && length > 0; ++i, length -= 1) {
    const double part = std::min(length, 1.0);
    const Point a = joints[i - 1], b = joints[i];
    path.push_back({a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part});
  }
  return path;
}

Body draw_standing(PortableRandom& random) {
  Body body;
  body.shoulder = random.between(0.18, 0.225);
  body.waist = random.between(0.125, 0.165);
  body.hip = body.waist + random.between(0.02, 0.045);
  for (std::size_t i = 0; i < 2; ++i) {
    const double side = i == 0 ? -1 : 1;
    const double pose = random.between(0, 1);
    if (pose < 0.72) {
      const double out = random.between(0.015, 0.055);
      body.arms[i] = arm(body.shoulder, side, out, out + random.between(-0.05, 0.02));
    } else if (pose < 0.9) {  // hand on the hip
      const double out = random.between(0.09, 0.13);
      body.arms[i] = arm(body.shoulder, side, out, -random.between(0.06, 0.12));
    } else {
      const double out = random.between(0.08, 0.2);
      body.arms[i] = arm(body.shoulder, side, out, random.between(0.2, 0.4));
    }
    const double spread = random.between(0, 0.07);
    body.legs[i] = leg(side, spread, random.between(-0.01, 0.03));
  }
  return body;
}

Body spread_out(double out, PortableRandom& random) {
  Body body = draw_standing(random);
  body.worn = false;
  const double spread = random.between(0, 0.06), bent = random.between(-0.02, 0.02);
  for (std::size_t i = 0; i < 2; ++i) {
    const double side = i == 0 ? -1 : 1;
    body.arms[i] = arm(body.shoulder, side, out, out + bent);
    body.legs[i] = leg(side, spread, 0);
  }
  return body;
}

std::vector<Point> band(const std::vector<Point>& path, double from, double to) {
  std::vector<Point> there, back;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Point a = path[i == 0 ? 0 : i - 1], b = path[std::min(i + 1, path.size() - 1)];
    const double dx = b.x - a.x, dy = b.y - a.y, length = std::sqrt(dx * dx + dy * dy);
    const double half = from + (to - from) * static_cast<double>(i) / static_cast<double>(path.size() - 1);
    const Point across = {-dy / length * half, dx / length * half};
    there.push_back({path[i].x + across.x, path[i].y + across.y});
    back.push_back({path[i].x - across.x, path[i].y - across.y});
  }
  there.insert(there.end(), back.rbegin(), back.rend());
  return there;
}

std::vector<Point> symmetric(const std::vector<Point>& right) {
  std::vector<Point> points = right;
  for (auto p = right.rbegin(); p != right.rend(); ++p) points.push_back({-p->x, p->y});
  return points;
}

std::vector<Point> ellipse(Point middle, double half_width, double half_height) {
  std::vector<Point> points = regular_polygon(20, 1, 0);
  for (Point& p : points) p = {middle.x + half_width * p.x, middle.y + half_height * p.y};
  return points;
}

Looks draw_looks(PortableRandom& random) {
  Looks looks;
  looks.mannequin = chance(random, 0.3);
  if (looks.mannequin) {
    looks.skin =
        chance(random, 0.6) ? lit({1, 1, 1}, random.between(0.7, 0.95)) : lit({0.9, 0.8, 0.68}, random.between(0.2, 1));
    return looks;
  }
  looks.skin = mix({0.95, 0.78, 0.66}, {0.33, 0.2, 0.13}, random.between(0, 1));
  looks.hair = chance(random, 0.3) ? lit({0.85, 0.68, 0.4}, random.between(0.5, 1.05))
                                   : lit({0.3, 0.2, 0.14}, random.between(0.2, 1.2));
  if (chance(random, 0.1)) looks.hair = lit({1, 1, 1}, random.between(0.5, 0.85));
  looks.hair_style = chance(random, 0.06) ? 0 : 1 + static_cast<int>(random.below(3));
  return looks;
}

Figure bare_body(const Body& body, const Looks& looks) {
  const Color edge = lit(looks.skin, 0.8);
  Figure f;
  for (const Limb& each : body.legs) {
    f.polygon(band(each.until(2), 0.07, 0.03), looks.skin, 0.01).outline(0.004, edge);
  }
  for (const Limb& each : body.arms) {
    f.polygon(band(each.until(2), 0.042, 0.024), looks.skin, 0.008).outline(0.004, edge);
  }
  const double s = body.shoulder - 0.02;
  f.polygon(symmetric({{0.045, kHead.y + 0.05},
                       {0.045, -0.74},
                       {s, -0.69},
                       {s - 0.01, -0.48},
                       {body.waist - 0.005, kWaistline - 0.04},
                       {body.hip - 0.01, 0},
                       {0, kCrotch}}),
            looks.skin);
  f.polygon(symmetric({{0.045, -0.76}, {0.045, -0.735}, {0, -0.715}}), edge);  // the chin's shadow
  return f;
}

Figure hair_behind(const Looks& looks) {
  Figure f;
  if (looks.hair_style == 2)
    f.polygon(symmetric({{0.05, -0.97}, {0.105, -0.9}, {0.12, -0.7}, {0.09, -0.62}}), lit(looks.hair, 0.8), 0.02);
  if (looks.hair_style == 3) f.disc({0, -1.01}, 0.045, looks.hair);
  return f;
}

Figure head(const Looks& looks, PortableRandom& random) {
  const double w = kHeadHalfWidth;
  Figure f;
  if (!looks.mannequin) f.disc({-w, -0.855}, 0.022, looks.skin).disc({w, -0.855}, 0.022, lit(looks.skin, 0.9));
  f.polygon(ellipse(kHead, w, 0.128), looks.skin).outline(0.004, lit(looks.skin, 0.8));
  if (looks.mannequin) return f;
  const Color dark = lit(looks.skin, 0.25), shade = lit(looks.skin, 0.72);
  for (const double side : {-1.0, 1.0}) {
    f.polygon(ellipse({side * 0.036, -0.872}, 0.015, 0.009), {0.93, 0.93, 0.92});
    f.disc({side * 0.036, -0.872}, 0.008, dark);
    f.line({{side * 0.02, -0.897}, {side * 0.05, -0.9}}, 0.004, mix(looks.hair, dark, 0.4));
  }
  f.line({{0, -0.86}, {0.01, -0.828}, {-0.004, -0.826}}, 0.004, shade);
  f.line({{-0.025, -0.79}, {0, random.between(-0.787, -0.775)}, {0.025, -0.79}}, 0.006,
         mix({0.7, 0.25, 0.25}, looks.skin, 0.4));
  if (looks.hair_style == 1 && chance(random, 0.25)) {  // a beard
    f.polygon(symmetric({{0.03, -0.812}, {w - 0.01, -0.84}, {w - 0.02, -0.775}, {0.03, -0.735}, {0, -0.73}}),
              looks.hair, 0.004);
    f.line({{-0.022, -0.788}, {0.022, -0.788}}, 0.005, {0.6, 0.3, 0.28});
  }
  if (looks.hair_style == 0) return f;
  const double parting = random.between(-0.05, 0.05), low = looks.hair_style == 2 ? -0.78 : -0.86;
  f.polygon({{-w - 0.012, low},
             {-w - 0.014, -0.92},
             {-0.06, -0.995},
             {0, -1.01},
             {0.06, -0.995},
             {w + 0.014, -0.92},
             {w + 0.012, low},
             {w - 0.006, -0.9},
             {parting + 0.03, -0.945},
             {parting, -0.955},
             {-w + 0.006, -0.9}},
            looks.hair, 0.006);
  return f;
}

Figure hands(const Body& body, const Looks& looks) {
  Figure f;
  for (const Limb& each : body.arms) {
    const Point a = each.joints[1], b = each.joints[2];
    const double length = std::sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
    const Point d = {(b.x - a.x) / length, (b.y - a.y) / length};
    f.line({b, {b.x + d.x * 0.045, b.y + d.y * 0.045}}, 0.026, looks.skin);
    f.line({{b.x + d.x * 0.02, b.y + d.y * 0.02}, {b.x + d.x * 0.085, b.y + d.y * 0.085}}, 0.017, looks.skin);
  }
  return f;
}

}  // namespace saker::synth
