// Licence plates of several national layouts.
#pragma once

#include "base/random.h"
#include "synth/scenery.h"

namespace saker::synth {

enum class PlateLayout { kEuropean, kYellow, kAmerican, kTwoRows, kDark, kPlain };
constexpr std::uint64_t kPlateLayouts = 6;

struct NumberPlate {
  Figure figure;  // 2 units wide
  double half_height = 0.2;
  double half_width = 0.25;  // on a vehicle, metres
};
NumberPlate draw_number_plate(PlateLayout layout, PortableRandom& random);

}  // namespace saker::synth
