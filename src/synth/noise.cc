#include "synth/noise.h"

#include <algorithm>
#include <cstdint>

namespace saker::synth {
namespace {

std::int64_t floor_of(double x) {  // std::floor is a call where the CPU may lack SSE4.1
  const auto towards_zero = static_cast<std::int64_t>(x);
  return towards_zero - (static_cast<double>(towards_zero) > x ? 1 : 0);
}

std::size_t wrapped(std::int64_t place) {
  return static_cast<std::size_t>(place & static_cast<std::int64_t>(Noise::kSide - 1));
}

double fade(double t) {
  return t * t * (3 - 2 * t);
}

}  // namespace

double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return fade(t);
}

Noise::Noise(PortableRandom& random) {
  for (double& value : lattice_) value = random.between(0, 1);
}

double Noise::at(double x, double y) const {
  const std::int64_t left = floor_of(x), top = floor_of(y);
  const double u = fade(x - static_cast<double>(left)), v = fade(y - static_cast<double>(top));
  const std::size_t i = wrapped(left), j = wrapped(top), next_i = wrapped(left + 1), next_j = wrapped(top + 1);
  const double above = value(i, j) + (value(next_i, j) - value(i, j)) * u;
  const double below = value(i, next_j) + (value(next_i, next_j) - value(i, next_j)) * u;
  return above + (below - above) * v;
}

double Noise::layered(double x, double y) const {
  double sum = 0, weight = 0.5;
  for (int octave = 0; octave < 5; ++octave, weight /= 2, x *= 2, y *= 2) sum += weight * at(x, y);
  return sum;
}

}  // namespace saker::synth
