// Sizes for the dimensions that a model leaves open and for which nothing is asked.
#pragma once

#include <cstddef>
#include <cstdint>

namespace saker {

// One picture of three channels and 640 x 640 pixels where the input has the rank of pictures, else 1.
constexpr std::int64_t assumed_extent(std::size_t rank, std::size_t axis) {
  constexpr std::int64_t kChannels = 3, kSide = 640;
  if (rank != 4 || axis == 0) return 1;
  return axis == 1 ? kChannels : kSide;
}

}  // namespace saker
