// Clothes of the theme `fashion`, drawn onto a body (units of body.h).
#pragma once

#include "base/random.h"
#include "synth/themes/body.h"
#include "synth/themes/fabric.h"

namespace saker::synth {

struct Garment {
  Figure figure;
  Fabric fabric;
};

Garment shirt(const Body& body, PortableRandom& random);
// A shirt that a jacket covers at the sides: without sleeves that would not show.
Garment undershirt(const Body& body, PortableRandom& random);
Garment jacket(const Body& body, PortableRandom& random);
Garment trousers(const Body& body, PortableRandom& random);
Garment skirt(const Body& body, PortableRandom& random);
Garment dress(const Body& body, PortableRandom& random);

}  // namespace saker::synth
