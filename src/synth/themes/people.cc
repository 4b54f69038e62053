// People and mannequins in clothes.
#include <algorithm>
#include <cstddef>

#include "synth/themes/accessories.h"
#include "synth/themes/body.h"
#include "synth/themes/studio.h"

namespace saker::synth {
namespace {

void paint_shoes(Studio& s, const Body& body, const Matrix3& matrix) {
  const ShoeStyle style = draw_shoe_style(s.random);
  const double scale = s.random.between(0.17, 0.2);
  for (std::size_t i = 0; i < 2; ++i) {
    const double side = i == 0 ? -1 : 1;
    const Point ankle = body.legs[i].joints[2];
    paint_plain(s, shoe(style, side), placed(matrix, {ankle.x + side * kShoeAnkle * scale, 0.995}, scale), kShoe);
  }
}

void paint_worn_belt(Studio& s, const Body& body, const Matrix3& matrix, bool high) {
  const double half = s.random.between(0.022, 0.034), y = kWaistline - (high ? 0.02 : -0.002);
  const Color leather = draw_leather(s.random);
  const double waist = body.waist + 0.022;
  Figure f;
  f.polygon({{-waist, y - half},
             {0, y - half + 0.008},
             {waist, y - half},
             {waist, y + half},
             {0, y + half + 0.008},
             {-waist, y + half}},
            leather, 0.003);
  f.outline(0.004, lit(leather, 0.55));
  f.add(belt_buckle(half, s.random), {0, y + 0.008});
  paint_plain(s, f, matrix, kBelt);
}

// A thing in units of its own.
void paint_thing(Studio& s, const Figure& figure, Fabric fabric, Point at, double scale, const Matrix3& matrix,
                 int category) {
  const double turns = s.random.between(-0.018, 0.018);
  const Surface surface = draw_matter(s, fabric, scale);
  s.canvas.paint(figure, placed(matrix, at, scale, turns), surface, s.canvas.add_object(category));
}

void paint_bag(Studio& s, const Body& body, const Matrix3& matrix) {
  const Fabric fabric = draw_fabric(s.random, 0.3);
  const double scale = s.random.between(0.15, 0.24);
  const Point wrist = body.arms[s.random.below(2)].joints[2];
  paint_thing(s, bag(fabric, s.random), fabric, {wrist.x, wrist.y + 0.05 + scale * 0.95}, scale, matrix, kBag);
}

void paint_hat(Studio& s, const Matrix3& matrix) {
  const Fabric fabric = draw_fabric(s.random, 0.3);
  paint_thing(s, hat(fabric, s.random), fabric, {0, -0.915}, kHeadHalfWidth / 0.7, matrix, kHat);
}

// What covers trunk and legs. `pixels`: a unit.
void paint_outfit(Studio& s, const Body& body, const Matrix3& matrix, double pixels) {
  PortableRandom& random = s.random;
  const bool in_dress = chance(random, 0.25), in_jacket = chance(random, 0.35), tucked = chance(random, 0.6);
  const auto lower = [&] {
    if (chance(random, 0.62)) {
      paint(s, trousers(body, random), matrix, kTrousers);
    } else {
      paint(s, skirt(body, random), matrix, kSkirt);
    }
  };
  const bool belt = (in_dress || tucked) && 0.045 * pixels > kSmallestGarment * s.canvas.side() && chance(random, 0.6);
  if (in_dress) {
    paint(s, dress(body, random), matrix, kDress);
  } else if (tucked) {
    paint(s, in_jacket ? undershirt(body, random) : shirt(body, random), matrix, kShirt);
    lower();
  } else {
    lower();
    paint(s, in_jacket ? undershirt(body, random) : shirt(body, random), matrix, kShirt);
  }
  if (belt) paint_worn_belt(s, body, matrix, in_dress);
  if (in_jacket) paint(s, jacket(body, random), matrix, kJacket);
}

// A plate and a rod, as mannequins have them.
void paint_stand(Studio& s, const Matrix3& matrix) {
  Figure f;
  const Color metal = lit({1, 1, 1}, s.random.between(0.2, 0.7));
  f.polygon(ellipse({0, 1.0}, 0.3, 0.05), metal).line({{0, 0.1}, {0, 1.0}}, 0.012, lit(metal, 0.8));
  s.canvas.paint(f, matrix, {.light = s.light.ambient});
}

void paint_person(Studio& s, Point middle, double pixels) {
  PortableRandom& random = s.random;
  Pose pose;
  pose.middle = middle;
  pose.size = pixels;
  pose.roll = random.between(-0.006, 0.006);
  pose.yaw = random.between(-0.07, 0.07);
  pose.depth = 0.1;
  const Matrix3 matrix = to_pixels(pose);
  const Body body = draw_standing(random);
  const Looks looks = draw_looks(random);
  Surface skin = {.light = lit(s.light.ambient, random.between(0.9, 1.1)), .gradient = {random.between(-0.5, 0.5), 0}};
  const Point ground = mapped(matrix, {0, 1});
  shade(s.canvas, {ground.x, ground.y - 0.02 * pixels}, pixels * 0.36, 0.25, 0.6);
  if (looks.mannequin && chance(random, 0.6)) paint_stand(s, matrix);
  s.canvas.paint(hair_behind(looks), matrix, skin);
  s.canvas.paint(bare_body(body, looks), matrix, skin);
  if (chance(random, looks.mannequin ? 0.6 : 0.95)) paint_shoes(s, body, matrix);
  paint_outfit(s, body, matrix, pixels);
  s.canvas.paint(hands(body, looks), matrix, skin);
  s.canvas.paint(head(looks, random), matrix, skin);
  if (chance(random, 0.3) && 0.06 * pixels > kSmallestGarment * s.canvas.side())
    paint_plain(s, sunglasses(true, random), placed(matrix, {0, -0.87}, kHeadHalfWidth), kSunglasses);
  if (chance(random, 0.3)) paint_hat(s, matrix);
  if (chance(random, 0.35)) paint_bag(s, body, matrix);
}

}  // namespace

void draw_people(Studio& s) {
  PortableRandom& random = s.random;
  const double w = s.canvas.width(), h = s.canvas.height();
  if (chance(random, 0.3)) {
    draw_street(s.canvas, s.light, random);
  } else {
    draw_shop(s);
  }
  if (chance(random, 0.25)) {  // one, cut by the picture's edges
    const double pixels = h * random.between(0.6, 1.1);
    const double up = random.between(-0.75, 0.6);  // what is in the middle of the picture
    paint_person(s, {w * random.between(0.3, 0.7), h / 2 - up * pixels}, pixels);
    return;
  }
  const double pixels = h * random.between(0.36, 0.47), step = pixels * random.between(0.75, 1.1);
  const int most = std::max(1, static_cast<int>(w * 0.9 / step));
  const int count = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(std::min(most, 4))));
  const double left = random.between(0.35 * step, std::max(0.4 * step, w - (count - 0.6) * step));
  for (int i = 0; i < count; ++i) {
    const double own = pixels * random.between(0.9, 1.05);
    paint_person(s, {left + i * step, h * random.between(0.94, 0.99) - own}, own);
  }
}

}  // namespace saker::synth
