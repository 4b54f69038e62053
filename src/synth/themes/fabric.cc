#include "synth/themes/fabric.h"

#include <cmath>
#include <memory>

namespace saker::synth {
namespace {

double fraction(double v) {
  return v - std::floor(v);
}

// How much of the other colour is at a place.
double other_share(const Fabric& fabric, Point p, const Noise& noise) {
  const double u = (p.x * fabric.way.x + p.y * fabric.way.y) / fabric.repeat,
               v = (p.y * fabric.way.x - p.x * fabric.way.y) / fabric.repeat;
  switch (fabric.pattern) {
    case Pattern::kStripes:
      return fraction(u) < fabric.share ? 1 : 0;
    case Pattern::kChecks:
      return (fraction(u) < fabric.share ? 0.5 : 0) + (fraction(v) < fabric.share ? 0.5 : 0);
    case Pattern::kDots: {
      const double row = std::floor(v), x = fraction(u + 0.5 * fraction(row * 0.5) * 2) - 0.5, y = v - row - 0.5;
      return x * x + y * y < 0.3 * fabric.share * fabric.share + 0.01 ? 1 : 0;
    }
    case Pattern::kPrint:
      return smooth_step(0.46, 0.5, noise.layered(u * 0.8 + 30, v * 0.8 + 30));
    default:
      return 0;
  }
}

}  // namespace

Color draw_cloth_color(PortableRandom& random) {
  switch (random.below(8)) {
    case 0:
      return lit({1, 1, 1.03}, random.between(0.05, 0.15));
    case 1:
      return lit({1, 0.99, 0.96}, random.between(0.8, 0.97));
    case 2:
      return lit({1, 1, 1}, random.between(0.25, 0.65));
    case 3:
      return lit({0.25, 0.38, 0.7}, random.between(0.35, 1.2));  // navy to denim
    case 4:
      return lit({0.85, 0.68, 0.48}, random.between(0.4, 1.05));  // brown to beige
    default:
      return draw_color(random, 0.08, 0.92);
  }
}

Fabric draw_fabric(PortableRandom& random, double patterned) {
  Fabric fabric;
  fabric.color = draw_cloth_color(random);
  fabric.other =
      chance(random, 0.5) ? draw_cloth_color(random) : mix(fabric.color, {1, 1, 1}, random.between(0.3, 0.9));
  if (chance(random, patterned)) fabric.pattern = static_cast<Pattern>(1 + random.below(4));
  fabric.repeat = random.between(0.025, 0.12);
  fabric.way = direction(chance(random, 0.8) ? 0.25 * static_cast<double>(random.below(2)) : random.between(0, 1));
  fabric.share = random.between(0.2, 0.7);
  fabric.folds = random.between(0.3, 1.3);
  return fabric;
}

Surface draw_cloth(const Fabric& fabric, const Light& light, PortableRandom& random) {
  Surface surface;
  surface.light = lit(light.ambient, random.between(0.85, 1.1));
  surface.gradient = {random.between(-0.35, 0.35), random.between(-0.1, 0.1)};
  const auto noise = std::make_shared<const Noise>(random);
  const double across = random.between(4, 10), along = random.between(1, 4), lean = random.between(-2, 2);
  surface.texture = [=](Color color, Point p) {
    if (color == fabric.color) color = mix(color, fabric.other, other_share(fabric, p, *noise));
    const double fold = noise->layered(p.x * across + p.y * lean + 20, p.y * along + 20) - 0.48;
    const double weave = noise->at(p.x * 90, p.y * 90) - 0.5;
    return lit(color, 1 + fabric.folds * fold + 0.05 * weave);
  };
  return surface;
}

}  // namespace saker::synth
