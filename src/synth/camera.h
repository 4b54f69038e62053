// What weather, lens, sensor and file do to a picture.
#pragma once

#include "base/random.h"
#include "synth/canvas.h"

namespace saker::synth {

// Haze, rain or snow (the weather), blur, colours off, noise; each sometimes.
void expose(Canvas& canvas, bool weather, PortableRandom& random);
Image to_image(const Canvas& canvas);

}  // namespace saker::synth
