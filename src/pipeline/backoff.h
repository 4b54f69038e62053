// How long to wait before what failed is tried again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/random.h"

namespace saker {

// Doubles from try to try up to a longest wait. Each is shortened by chance, to half of it at most: cameras that one
// power cut took away do not all come back to their server at once.
class Backoff {
 public:
  Backoff(double first, double longest, std::uint64_t seed)
      : first_(std::min(first, longest)), longest_(longest), wait_(first_), random_(seed) {}

  double next() {
    const double wait = wait_;
    wait_ = std::min(2 * wait_, longest_);
    return random_.between(0.5, 1) * wait;
  }
  void reset() { wait_ = first_; }  // it has gone well

 private:
  double first_, longest_, wait_;
  PortableRandom random_;
};

}  // namespace saker
