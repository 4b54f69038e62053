// Traffic lights, cones and barriers of the theme `signs`.
#pragma once

#include "base/random.h"
#include "synth/scenery.h"

namespace saker::synth {

enum class Lamp { kRed, kAmber, kGreen };

struct Signal {
  Figure figure;  // 2 units high where it stands upright
  Point shining;  // the middle of the lamp that is on
  Color color;
  double radius = 0;  // of a lamp
};
Signal traffic_light(Lamp lamp, const Light& light, PortableRandom& random);

Figure cone(PortableRandom& random);  // stands on (0, 1)
// Boards, a boom or a block with slanted stripes; stands on y = 1. The stripes are a texture.
struct Barrier {
  Figure figure;
  Color other;         // the second colour of the stripes
  Color striped;       // layers of this colour carry them
  double width = 0.4;  // of a stripe
  double slant = 1;
};
Barrier barrier(PortableRandom& random);
Surface striped(const Barrier& barrier, Surface surface);

}  // namespace saker::synth
