// The signs of the theme `signs` as flat figures, about 2 units high, in the forms of several countries.
#pragma once

#include "base/random.h"
#include "synth/figure.h"

namespace saker::synth {

Figure stop_sign(PortableRandom& random);
Figure yield_sign(PortableRandom& random);
Figure no_entry_sign(PortableRandom& random);
Figure speed_limit_sign(PortableRandom& random);
Figure one_way_sign(PortableRandom& random);
Figure crossing_sign(PortableRandom& random);
Figure roundabout_sign(PortableRandom& random);
Figure no_parking_sign(PortableRandom& random);
Figure priority_road_sign(PortableRandom& random);
Figure danger_sign(PortableRandom& random);

}  // namespace saker::synth
