// A synthetic picture: something to run a detector on where no photograph is at hand.
#pragma once

#include <saker/image.h>

#include <cstdint>

namespace saker::synth {

struct SampleOptions {
  int width = 640, height = 640;  // pixels, 32 to 8192
  std::uint64_t seed = 1;
};

// Lit shapes of different kinds (ball, box, ring, triangle, star, bottle) with shadows on a textured ground.
// The same pixels for the same options on every machine: no function is used whose last bit a library may choose.
Image sample_picture(const SampleOptions& options);

}  // namespace saker::synth
