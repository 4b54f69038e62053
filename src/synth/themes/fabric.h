// Cloth of the theme `fashion`: colours, patterns and folds.
#pragma once

#include "base/random.h"
#include "synth/scenery.h"

namespace saker::synth {

enum class Pattern { kPlain, kStripes, kChecks, kDots, kPrint };

struct Fabric {
  Color color;  // layers of this colour carry the pattern
  Color other;
  Pattern pattern = Pattern::kPlain;
  double repeat = 0.1;  // units from stripe to stripe
  Point way = {1, 0};   // across the stripes
  double share = 0.5;   // of the other colour
  double folds = 0.5;   // how deep
};

Color draw_cloth_color(PortableRandom& random);
Fabric draw_fabric(PortableRandom& random, double patterned = 0.5);
Surface draw_cloth(const Fabric& fabric, const Light& light, PortableRandom& random);

}  // namespace saker::synth
