// Value noise: random numbers on a lattice, smooth between them.
#pragma once

#include <array>
#include <cstddef>

#include "base/random.h"

namespace saker::synth {

// 0 up to `low`, 1 from `high`, smooth between.
double smooth_step(double low, double high, double x);

class Noise {
 public:
  static constexpr std::size_t kSide = 64;  // after which it repeats

  explicit Noise(PortableRandom& random);
  double at(double x, double y) const;  // 0 to 1
  // Five scales on top of each other, 0 to 1.
  double layered(double x, double y) const;

 private:
  double value(std::size_t i, std::size_t j) const { return lattice_[j * kSide + i]; }
  std::array<double, kSide * kSide> lattice_;
};

}  // namespace saker::synth
