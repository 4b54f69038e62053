// Mean, median and other percentiles.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace saker {

// Summed in their order. Not of none.
inline double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// The value below which this share (0..1) of the values lies, with straight lines between neighbours: position
// share * (n - 1) of the sorted values, as numpy.percentile and type 7 of Hyndman and Fan (1996). Not of none.
template <std::floating_point T>
T percentile(const std::vector<T>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return static_cast<T>(std::lerp(static_cast<double>(sorted[below]), static_cast<double>(sorted[above]),
                                  position - static_cast<double>(below)));
}

template <std::floating_point T>
T median(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return percentile(values, 0.5);
}

}  // namespace saker
