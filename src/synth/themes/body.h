// People and mannequins of the theme `fashion`: where the limbs are, in units of half their height, from -1 (the top
// of the head) to 1 (the soles).
#pragma once

#include <array>
#include <vector>

#include "base/random.h"
#include "synth/scenery.h"

namespace saker::synth {

// Shoulder, elbow, wrist; or hip, knee, ankle.
struct Limb {
  std::array<Point, 3> joints;
  // The way from the first joint; 1: to the second, 2: to the third.
  std::vector<Point> until(double length) const;
};

struct Body {
  std::array<Limb, 2> arms, legs;  // the one at the left of the picture first
  double shoulder = 0.2, waist = 0.145, hip = 0.175;
  bool worn = true;  // else its clothes are empty: one sees into them
};
constexpr double kNeckline = -0.725, kWaistline = -0.2, kCrotch = 0.08;
constexpr Point kHead = {0, -0.865};
constexpr double kHeadHalfWidth = 0.088;

Body draw_standing(PortableRandom& random);
// As clothes lie or hang: arms `out` turns from straight down.
Body spread_out(double out, PortableRandom& random);

// A band of changing half width along a path of two points and more.
std::vector<Point> band(const std::vector<Point>& path, double from, double to);
// The right half of an outline from above down, and its mirror image.
std::vector<Point> symmetric(const std::vector<Point>& right);
std::vector<Point> ellipse(Point middle, double half_width, double half_height);

struct Looks {
  Color skin, hair;
  bool mannequin = false;
  int hair_style = 0;  // 0: none, 1: short, 2: long, 3: tied up
};
Looks draw_looks(PortableRandom& random);
Figure bare_body(const Body& body, const Looks& looks);
Figure hair_behind(const Looks& looks);
Figure head(const Looks& looks, PortableRandom& random);
Figure hands(const Body& body, const Looks& looks);

}  // namespace saker::synth
