#include "synth/noise.h"

#include <algorithm>
#include <cmath>

namespace saker::synth {

double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

Noise::Noise(PortableRandom& random) {
  for (double& value : lattice_) value = random.between(0, 1);
}

double Noise::at(double x, double y) const {
  const double left = std::floor(x), top = std::floor(y);
  const double u = smooth_step(0, 1, x - left), v = smooth_step(0, 1, y - top);
  // Of negative numbers, too, the remainder is not negative.
  const auto i = static_cast<std::size_t>(static_cast<long long>(left) & 63),
             j = static_cast<std::size_t>(static_cast<long long>(top) & 63);
  const double above = value(i, j) + (value(i + 1, j) - value(i, j)) * u;
  const double below = value(i, j + 1) + (value(i + 1, j + 1) - value(i, j + 1)) * u;
  return above + (below - above) * v;
}

double Noise::layered(double x, double y) const {
  double sum = 0, weight = 0.5;
  for (int octave = 0; octave < 5; ++octave, weight /= 2, x *= 2, y *= 2) sum += weight * at(x, y);
  return sum;
}

}  // namespace saker::synth
