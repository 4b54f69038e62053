// Wall time in milliseconds.
#pragma once

#include <chrono>

namespace saker {

class Stopwatch {
 public:
  double ms() const { return std::chrono::duration<double, std::milli>(Clock::now() - start_).count(); }
  // The time since the last lap or the start; starts the next lap.
  double lap() {
    const auto now = Clock::now();
    const double elapsed = std::chrono::duration<double, std::milli>(now - start_).count();
    start_ = now;
    return elapsed;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace saker
