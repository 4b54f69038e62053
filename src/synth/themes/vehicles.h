// Cars, vans and lorries of the theme `plates`, from behind and from the front. A unit is about a metre; the wheels
// stand on y = kVehicleFoot.
#pragma once

#include <vector>

#include "base/random.h"
#include "synth/scenery.h"

namespace saker::synth {

constexpr double kVehicleFoot = 0.75;

struct Vehicle {
  Figure face;                // the end one sees
  Figure trunk, top, wheels;  // outlines of what stretches away behind it
  double cabin = 0.7;         // the share of the length under the roof
  bool rear = true;
  bool board = false;  // room for a firm's name
  Point plate;         // the middle of the plate's place
  std::vector<Point> lamps;
};

Vehicle draw_vehicle(PortableRandom& random);
// Stickers, names and boards that are no plates.
void add_lettering(Vehicle& vehicle, PortableRandom& random);
// `vanishing`: where lines along the road meet, pixels; `reach`: the share of its size the far end loses.
void paint_vehicle(Canvas& canvas, const Vehicle& vehicle, const Matrix3& to_pixels, Point vanishing, double reach,
                   const Light& light, PortableRandom& random);

}  // namespace saker::synth
