// Vehicles with licence plates in streets.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "synth/scenery.h"
#include "synth/theme.h"
#include "synth/themes/number_plates.h"
#include "synth/themes/vehicles.h"

namespace saker::synth {
namespace {

constexpr const char* kClasses[] = {"licence plate"};

struct Stage {
  Canvas& canvas;
  const Light& light;
  Point vanishing;     // pixels
  PlateLayout layout;  // of most vehicles here
  PortableRandom& random;
};

PlateLayout draw_layout(PortableRandom& random) {
  return static_cast<PlateLayout>(random.below(kPlateLayouts));
}

// Plates throw light back, and lamps light those behind.
Surface draw_plate_surface(const Light& light, bool rear, PortableRandom& random) {
  Surface surface = draw_surface(light, random);
  if (light.dark) {
    const double level = rear ? random.between(0.45, 1) : random.between(0.3, 0.7);
    surface.light = mix(surface.light, {level, level, level * 0.95}, 0.8);
  }
  return surface;
}

void paint_plate(Stage& s, const Vehicle& v, const Matrix3& vehicle_to_pixels) {
  PortableRandom& random = s.random;
  const PlateLayout layout = chance(random, 0.75) ? s.layout : draw_layout(random);
  const NumberPlate plate = draw_number_plate(layout, random);
  const double half = plate.half_width * random.between(0.95, 1.05);
  const Point tilt = direction(chance(random, 0.15) ? random.between(-0.012, 0.012) : 0.0);
  const Matrix3 matrix = product(
      vehicle_to_pixels, {half * tilt.x, -half * tilt.y, v.plate.x, half * tilt.y, half * tilt.x, v.plate.y, 0, 0, 1});
  if (chance(random, 0.5)) {  // a holder
    Figure holder;
    const double rim = random.between(0.02, 0.06), foot = random.between(0, 0.1);
    const Color color = lit({1, 1, 1}, random.between(0.04, 0.3));
    holder.box({0, foot / 2}, 1 + rim, plate.half_height + rim + foot / 2, color, 0.03);
    s.canvas.paint(holder, matrix, {.light = s.light.ambient});
  }
  s.canvas.paint(plate.figure, matrix, draw_plate_surface(s.light, v.rear, random), s.canvas.add_object(0));
  if (v.rear && chance(random, 0.06)) {  // a tow bar
    Figure bar;
    const Color metal = lit({1, 1, 1}, random.between(0.08, 0.4));
    bar.line({{0, plate.half_height * 2.5}, {0, plate.half_height * 0.8}}, 0.06, metal);
    bar.disc({0, plate.half_height * 0.6}, 0.11, metal);
    s.canvas.paint(bar, matrix, {.light = s.light.ambient});
  }
}

// `middle`: pixels; `size`: of a unit.
void paint_car(Stage& s, Point middle, double size) {
  PortableRandom& random = s.random;
  Vehicle v = draw_vehicle(random);
  add_lettering(v, random);
  Pose pose;
  pose.middle = middle;
  pose.size = size;
  pose.yaw = random.between(-1, 1);
  pose.yaw *= random.between(0, 0.09);
  pose.roll = random.between(-0.006, 0.006);
  pose.depth = 0.12;
  const Matrix3 matrix = to_pixels(pose);
  const double length = 3.4 * size / s.canvas.width();
  paint_vehicle(s.canvas, v, matrix, s.vanishing, length / (1 + length), s.light, random);
  if (chance(random, 0.95)) paint_plate(s, v, matrix);
  if (chance(random, 0.06)) {
    const Point at = mapped(matrix, {v.plate.x + random.between(-0.3, 0.3), v.plate.y + random.between(-0.2, 0.2)});
    draw_occluder(s.canvas, at, size * 0.3, s.light, random);
  }
}

// Boards of streets and shops that look a little like plates.
void paint_boards(Stage& s, double horizon) {
  static constexpr const char* kWords[] = {"MAIN ST 12",  "PARKING", "TAXI",   "NO 4711",
                                           "HIGH STREET", "KM 20",   "BUS 37", "GATE B2"};
  PortableRandom& random = s.random;
  for (std::uint64_t left = random.below(3); left > 0; --left) {
    const char* const word = kWords[random.below(std::size(kWords))];
    const Color ground = chance(random, 0.4) ? Color{0.93, 0.93, 0.92} : draw_color(random);
    const Color ink = ground.r + ground.g + ground.b > 1.5 ? Color{0.08, 0.08, 0.1} : Color{0.95, 0.95, 0.95};
    const double half = s.canvas.side() * random.between(0.03, 0.12);
    const Point at = {s.canvas.width() * random.between(0, 1),
                      horizon - s.canvas.height() * random.between(-0.05, 0.3)};
    const double height = std::min(half * 0.5, 1.7 * half / text_width(word, 1));
    Figure board;
    board.line({at, {at.x, horizon + s.canvas.height() * 0.12}}, half * 0.05, {0.4, 0.4, 0.42});
    board.box(at, half, height, ground, half * 0.05).outline(half * 0.02, ink);
    board.text(word, at, height, height * 0.08, ink);
    s.canvas.paint(board, kInPixels, {.light = s.light.ambient});
  }
}

struct Car {
  Point middle;
  double size = 0;
};

// Far ones first. All stand on one ground: the nearer, the larger and the lower.
void draw_traffic(Stage& s, double horizon) {
  PortableRandom& random = s.random;
  const double camera = random.between(0.9, 1.7);  // height over the ground, units
  const double smallest = 0.13 * s.canvas.side(), largest = 0.5 * s.canvas.side();
  const bool parked = chance(random, 0.25);  // in a row
  const double row = smallest * random.between(1.1, 2.5);
  std::vector<Car> cars;
  for (std::uint64_t left = 1 + random.below(6); left > 0; --left) {
    Car car;
    const double t = random.between(0, 1);
    car.size = parked ? row * random.between(0.92, 1.08) : smallest * largest / (smallest + (largest - smallest) * t);
    car.middle = {random.between(0.03, 0.97) * s.canvas.width(), horizon + (camera - kVehicleFoot) * car.size};
    const bool taken = std::any_of(cars.begin(), cars.end(), [&](const Car& other) {
      return std::abs(car.middle.x - other.middle.x) < 0.9 * (car.size + other.size);
    });
    if (!taken || chance(random, 0.2)) cars.push_back(car);
  }
  std::stable_sort(cars.begin(), cars.end(), [](const Car& a, const Car& b) { return a.size < b.size; });
  for (const Car& car : cars) paint_car(s, car.middle, car.size);
}

void draw_plates(Canvas& canvas, PortableRandom& random) {
  const Light light = draw_light(random);
  const double horizon = draw_street(canvas, light, random, 0);
  const double x = canvas.width() * random.between(0.2, 0.8);
  Stage s = {canvas, light, {x, horizon}, draw_layout(random), random};
  paint_boards(s, horizon);
  if (chance(random, 0.03)) return;  // nothing to be found
  if (chance(random, 0.7)) {
    draw_traffic(s, horizon);
    return;
  }
  const double size = canvas.side() * random.between(0.5, 1.6);  // one, close
  const double off_x = random.between(-0.4, 0.4), off_y = random.between(0.1, 0.45);
  paint_car(s, {canvas.width() / 2.0 + off_x * size * 0.6, canvas.height() / 2.0 - off_y * size}, size);
}

}  // namespace

const Theme kPlates = {"plates", "cars from behind and from the front with licence plates", kClasses, draw_plates, 0.4,
                       0.01};

}  // namespace saker::synth
