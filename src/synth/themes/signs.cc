// Road signs and signals in streets and before anything else.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "synth/scenery.h"
#include "synth/theme.h"
#include "synth/themes/road_signs.h"
#include "synth/themes/signals.h"

namespace saker::synth {
namespace {

constexpr const char* kClasses[] = {"stop",      "yield",       "no entry",    "speed limit",   "one way",
                                    "crossing",  "roundabout",  "no parking",  "priority road", "danger",
                                    "red light", "amber light", "green light", "cone",          "barrier"};
constexpr Figure (*kPlates[])(PortableRandom&) = {stop_sign,          yield_sign,    no_entry_sign,   speed_limit_sign,
                                                  one_way_sign,       crossing_sign, roundabout_sign, no_parking_sign,
                                                  priority_road_sign, danger_sign};
constexpr int kFirstLight = 10, kCone = 13, kBarrier = 14;
static_assert(std::size(kPlates) == kFirstLight && std::size(kClasses) == kBarrier + 1);

struct Place {
  int category = 0;
  Point middle;     // pixels
  double size = 0;  // half the height, pixels
  double foot = 0;  // where its pole ends
};

Pose draw_pose(const Place& place, PortableRandom& random) {
  Pose pose;
  pose.middle = place.middle;
  pose.size = place.size;
  const bool askew = chance(random, 0.1);
  pose.roll = askew ? random.between(-0.06, 0.06) : random.between(-0.012, 0.012);
  pose.yaw = random.between(-1, 1);
  pose.yaw *= random.between(0, 0.15);
  pose.pitch = random.between(-0.04, 0.04);
  return pose;
}

void paint_pole(Canvas& canvas, const Place& place, const Light& light, PortableRandom& random) {
  const double half = place.size * random.between(0.05, 0.09), x = place.middle.x;
  Figure pole;
  const Color metal = lit({0.95, 0.97, 1}, random.between(0.25, 0.8));
  pole.line({{x, place.middle.y - place.size * random.between(0, 1.05)}, {x, place.foot}}, half, metal);
  canvas.paint(pole, kInPixels, {.light = light.ambient});
}

void paint_light(Canvas& canvas, const Place& place, const Light& light, PortableRandom& random) {
  const Signal signal = traffic_light(static_cast<Lamp>(place.category - kFirstLight), light, random);
  Pose pose = draw_pose(place, random);
  pose.yaw *= 0.7;
  const Matrix3 matrix = to_pixels(pose);
  canvas.paint(signal.figure, matrix, draw_surface(light, random), canvas.add_object(place.category));
  const double glow = light.dark ? random.between(1.2, 4) : random.between(0, 1.8);
  if (glow > 1)
    canvas.glow(mapped(matrix, signal.shining), glow * signal.radius * place.size,
                lit(signal.color, light.dark ? 0.6 : 0.25));
}

// Signs throw the light of headlamps back.
Surface draw_sheeting(const Light& light, PortableRandom& random) {
  Surface surface = draw_surface(light, random);
  if (light.dark && chance(random, 0.7)) {
    const double level = random.between(0.4, 1.1);
    surface.light = {level, level * 0.98, level * 0.93};
  }
  return surface;
}

void paint_barrier(Canvas& canvas, const Place& place, const Light& light, PortableRandom& random) {
  const Barrier b = barrier(random);
  const Surface surface = striped(b, draw_sheeting(light, random));
  canvas.paint(b.figure, to_pixels(draw_pose(place, random)), surface, canvas.add_object(place.category));
}

void paint_object(Canvas& canvas, const Place& place, const Light& light, PortableRandom& random) {
  if (place.category < kCone && chance(random, 0.88)) paint_pole(canvas, place, light, random);
  if (place.category < kFirstLight) {
    const Figure plate = kPlates[place.category](random);
    const Surface surface = draw_sheeting(light, random);
    canvas.paint(plate, to_pixels(draw_pose(place, random)), surface, canvas.add_object(place.category));
  } else if (place.category < kCone) {
    paint_light(canvas, place, light, random);
  } else if (place.category == kCone) {
    const Surface surface = draw_sheeting(light, random);
    const Matrix3 matrix = to_pixels(draw_pose(place, random));
    canvas.paint(cone(random), matrix, surface, canvas.add_object(kCone));
  } else {
    paint_barrier(canvas, place, light, random);
  }
  if (chance(random, 0.06))
    draw_occluder(canvas,
                  {place.middle.x + place.size * random.between(-0.8, 0.8),
                   place.middle.y + place.size * random.between(-0.8, 0.8)},
                  place.size, light, random);
}

// The camera is some 1.4 m above the ground, as high as the horizon; half of a sign or a cone is 0.35 m, of a light
// 0.45, of a barrier 0.5.
void put_on_ground(Place& place, const Canvas& canvas, double horizon, PortableRandom& random) {
  const bool light = place.category >= kFirstLight && place.category < kCone;
  const double below = place.category == kBarrier ? random.between(2.2, 3.4)
                       : light                    ? random.between(2.5, 3.5)
                                                  : random.between(3, 4.5);
  const double high = place.category >= kCone ? 1.0 : light ? random.between(6, 11) : random.between(4.5, 8);
  place.foot = horizon + place.size * below;
  place.middle.y = std::clamp(place.foot - place.size * high, 0.4 * place.size, canvas.height() - 0.4 * place.size);
}

// Far, small things first. `horizon`: its height in a street; 0: there is none.
std::vector<Place> draw_places(const Canvas& canvas, double horizon, PortableRandom& random) {
  constexpr double kSmallest = 0.033, kLargest = 0.27;  // half heights in sides of the picture
  std::vector<Place> places;
  for (std::uint64_t left = 1 + random.below(6); left > 0; --left) {
    Place place;
    place.category = static_cast<int>(random.below(std::size(kClasses)));
    const double t = random.between(0, 1);
    place.size = canvas.side() * (kSmallest + (kLargest - kSmallest) * t * t);
    place.middle = {canvas.width() * random.between(0.02, 0.98), canvas.height() * random.between(0.05, 0.95)};
    place.foot = place.middle.y + place.size * random.between(3, 7);
    if (horizon > 0) put_on_ground(place, canvas, horizon, random);
    const bool taken = std::any_of(places.begin(), places.end(), [&](const Place& other) {
      const double reach = (place.size + other.size) * 0.95;
      return std::abs(place.middle.x - other.middle.x) < reach && std::abs(place.middle.y - other.middle.y) < reach;
    });
    if (!taken || chance(random, 0.1)) places.push_back(place);
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.size < b.size; });
  return places;
}

void draw_signs(Canvas& canvas, PortableRandom& random) {
  const Light light = draw_light(random);
  const double kind = random.between(0, 1);
  double horizon = 0;
  if (kind < 0.55) {
    horizon = draw_street(canvas, light, random);
  } else if (kind < 0.9) {
    draw_clutter(canvas, light, random);
  } else {
    draw_indoors(canvas, light, random);
  }
  if (chance(random, 0.03)) return;  // nothing to be found
  for (const Place& place : draw_places(canvas, horizon, random)) paint_object(canvas, place, light, random);
}

}  // namespace

const Theme kSigns = {"signs", "road signs, traffic lights, cones and barriers in streets", kClasses, draw_signs};

}  // namespace saker::synth
