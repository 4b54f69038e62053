// Backgrounds that show none of the things to be found, and light.
#pragma once

#include <cstdint>
#include <memory>

#include "base/random.h"
#include "synth/canvas.h"
#include "synth/noise.h"

namespace saker::synth {

// The light of a picture: by day, at dusk, by night.
struct Light {
  Color ambient = {1, 1, 1};  // times everything that does not shine itself
  bool dark = false;
};
Light draw_light(PortableRandom& random);

// Random surfaces, colours and shapes over each other.
void draw_clutter(Canvas& canvas, const Light& light, PortableRandom& random);
// Sky, houses, trees, a road. Gives the height of the horizon in pixels from above.
double draw_street(Canvas& canvas, const Light& light, PortableRandom& random, std::uint64_t most_cars = 3);
// A wall, floor or curtain: a room or a shop.
void draw_indoors(Canvas& canvas, const Light& light, PortableRandom& random);
void draw_car(Canvas& canvas, Point middle, double size, const Light& light, PortableRandom& random);  // from behind
void draw_tree(Canvas& canvas, Point foot, double height, const Light& light, PortableRandom& random);
// A branch with leaves or a pole before everything.
void draw_occluder(Canvas& canvas, Point middle, double size, const Light& light, PortableRandom& random);

Color draw_color(PortableRandom& random, double low = 0, double high = 1);
Color draw_plain_color(PortableRandom& random);  // any colour, mostly a dull one
bool chance(PortableRandom& random, double probability);
std::shared_ptr<const Noise> shared_noise(PortableRandom& random);  // for textures
// A surface with light from one side, and dirt.
Surface draw_surface(const Light& light, PortableRandom& random);

}  // namespace saker::synth
